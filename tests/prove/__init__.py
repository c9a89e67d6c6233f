"""Suites that hold the product to its promises while harm is done to it.

`python -m tests.prove [--suite NAME] [--tier smoke|full] [--seed N] [--json DIR]`: every suite
starts an embedded cloud of its own in a temporary folder on free ports, prints its seed, does harm,
checks, stops, and ends with one line of figures. The exit code says whether the goals were met.
"""
