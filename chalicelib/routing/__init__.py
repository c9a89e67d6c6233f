"""What a request for a path of a deployment leads to: rules out of files, checked and compiled."""
