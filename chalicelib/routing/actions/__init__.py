"""Use cases of routing: reading what a deployment says of its routes, freezing it, asking it."""
