"""Domains that people bring: whose they are, where they point, their certificates."""
