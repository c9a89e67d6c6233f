"""The states of `state_machines/rollout.asl.json`."""
