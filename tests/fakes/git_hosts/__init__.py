"""Git hosts for tests: small servers that answer as the documentation of the real ones says."""
