"""What the installation says about itself; knows every subject, and no subject knows it."""
