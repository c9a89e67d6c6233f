"""Deployments: immutable results, and the pointer that makes one of them live."""
