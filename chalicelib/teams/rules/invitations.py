"""Invitations without a database: the token, how long it lives, and what the mail says."""

from __future__ import annotations

import re
import secrets

LIFE_SECONDS = 7 * 24 * 3600
KEEP_SECONDS = 2 * LIFE_SECONDS  # so that a late click learns that it is late
OPEN_MAX = 50
KIND = "invitation"

_TOKEN = re.compile(r"inv_[\w-]{43}\Z", re.ASCII)


def new_token() -> str:
    """256 random bits behind a prefix that tells people and scanners what it is."""
    return f"inv_{secrets.token_urlsafe(32)}"


def is_token(text: str) -> bool:
    """Whether it has the shape of a token: a typing error costs no read."""
    return bool(_TOKEN.match(text))


def letter(
    *, inviter: str, team: str, role: str, token: str, until: str, console: str, api: str
) -> tuple[str, str]:
    """Subject and text of the mail. Names were made one line before."""
    link = f"{console}/#/invitations?token={token}" if console else ""
    lines = [
        f"{inviter} invites you to the team {team!r} on CloudDeck, as {role}.",
        "",
        *(
            ["Join in the browser:", "", f"  {link}", "", "or on the command line:"]
            if link
            else ["Join on the command line:"]
        ),
        "",
        f"  deck --api {api} invitations accept {token}",
        "",
        f"It is for this address alone, works once, and ends on {until}.",
        "If you do not know who this is, do nothing: nobody is told.",
    ]
    return f"Join {team} on CloudDeck", "\n".join(lines) + "\n"
