"""One file per Task of `state_machines/deploy.asl.json`; the file is named like the state."""
