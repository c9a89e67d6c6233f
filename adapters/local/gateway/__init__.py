"""One port for API, git and live connections."""
