"""Use cases of rollouts."""
