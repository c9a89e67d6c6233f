"""Who else keeps DNS zones: accounts that a team connects by a token."""
