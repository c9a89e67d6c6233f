"""Who watches a deployment at this moment."""
