"""Pure rules of rollouts."""
