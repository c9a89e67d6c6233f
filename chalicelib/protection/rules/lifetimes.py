"""How long a way into a protected site stays open, and what a password of one is. Pure."""

from __future__ import annotations

DAY = 86_400
SHARE_SECONDS = 7 * DAY
"""Of a share link when nobody says how long."""
SHARE_MOST = 365 * DAY
STAY_SECONDS = DAY // 2
"""For so long a browser is known that gave the password or signed in."""
SHARES_MAX = 50
REVOKED_MAX = 12
"""Share links that may be taken back before their time; the edge's record has room for so many."""
PASSWORD_LEAST, PASSWORD_MOST = 8, 200


def check_password(password: str) -> str:
    """A password that a site may have; raises ValueError.

    It is shared by many and guessed at by strangers, of whom a site is asked without an account.
    """
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        raise ValueError(f"A site's password has {PASSWORD_LEAST} to {PASSWORD_MOST} characters.")
    if not password.isprintable():
        raise ValueError("A site's password has no control characters.")
    return password
