"""Builds AWS: the stacks of an installation, and `python -m cdk`, which installs them."""
