"""Lambda entries of domains: the task of `state_machines/domain.asl.json`."""
