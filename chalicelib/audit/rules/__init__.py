"""Rules of audit, without a database."""
