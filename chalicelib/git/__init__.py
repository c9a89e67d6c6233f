"""Pushes: the built-in remote and, later, the providers."""
