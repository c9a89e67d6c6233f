"""Projects: a site's name, its settings and its environment variables."""
