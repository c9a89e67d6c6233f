"""Build slots: the process that runs builds in sandboxes, where CodeBuild stands on AWS."""
