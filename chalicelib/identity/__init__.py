"""Who somebody is: users, sessions, access tokens and API keys."""
