"""Rules of admin, without a database."""
