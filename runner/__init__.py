"""The build agent: fetches a source tree, builds it, and hands back files by content hash.

It trusts nobody and nobody trusts it: it holds one build token and presigned URLs, and whatever it
sends is checked again on the other side. Standard library only, so that it starts at once.
"""

__version__ = "0.1.0"
