"""Rows of accounts: a file per kind; the keys of the table live here."""
