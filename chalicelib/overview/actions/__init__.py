"""What can be asked about a team as a whole."""
