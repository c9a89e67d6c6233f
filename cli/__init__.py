"""The `deck` command: speaks HTTP to a CloudDeck API and knows nothing of its insides."""

__version__ = "0.1.0"
