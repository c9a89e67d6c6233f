"""Rows of domains and zones."""
