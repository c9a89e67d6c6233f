"""Rows of protection."""

from chalicelib.protection.rows.shares import Share, share, share_key, shares

__all__ = ["Share", "share", "share_key", "shares"]
