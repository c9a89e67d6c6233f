"""Use cases of web push."""
