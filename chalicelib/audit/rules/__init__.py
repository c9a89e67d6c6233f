"""What an entry of the log is, and what makes a chain of them whole. Pure."""
