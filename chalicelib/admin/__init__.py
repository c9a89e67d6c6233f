"""Who runs the installation: people, teams, settings."""
