"""Pure rules of traffic."""
