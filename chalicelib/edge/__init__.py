"""Serving published sites: from a request to the one file that answers it."""
