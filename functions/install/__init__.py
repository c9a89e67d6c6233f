"""What the installer asks of an installation, with rights of its own in the account."""
