"""Facts about this version."""

VERSION = "0.1.0"
"""The product's version; `pyproject.toml` says the same."""
