"""What happens to a build: made, run, reported, finished.

`order` is the platform's side (make, run, stop, reap), `report` the runner's.
"""
