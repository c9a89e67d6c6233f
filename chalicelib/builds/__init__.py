"""Builds: one runner, one token, one outcome."""
