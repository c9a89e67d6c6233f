"""Who watches a deployment or a team at this moment."""
