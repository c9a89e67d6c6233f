"""What was changed, by whom: a chained log per team, its export and its streams."""
