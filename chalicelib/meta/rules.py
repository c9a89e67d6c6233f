"""Facts about this version."""

from chalicelib.core.version import VERSION

__all__ = ["VERSION"]
