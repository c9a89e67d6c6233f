"""The rooms of the two functions towards the origin. Lambda@Edge: standard library only."""
