"""Installing on AWS."""
