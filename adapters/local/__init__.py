"""The embedded cloud: the whole platform on one computer."""
