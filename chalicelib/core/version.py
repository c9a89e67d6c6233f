"""The product's version; `pyproject.toml` says the same."""

VERSION = "0.1.0"
