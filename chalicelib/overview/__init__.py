"""A team at a glance: what its projects show, what they lately did, and how it went."""
