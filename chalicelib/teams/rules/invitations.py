"""Invitations without a database: the token, how long it lives, and what the mail says."""

from __future__ import annotations

import re
import secrets

LIFE_SECONDS = 7 * 24 * 3600
KEEP_SECONDS = 2 * LIFE_SECONDS  # so that a late click learns that it is late
OPEN_MAX = 50
KIND = "invitation"

_LEADS_AWAY = re.compile("[@/\\\\]|[.\u3002\uff0e\uff61][^\\W\\d_]{2}")
_TOKEN = re.compile(r"inv_[\w-]{43}\Z", re.ASCII)


def new_token() -> str:
    """256 random bits behind a prefix that tells people and scanners what it is."""
    return f"inv_{secrets.token_urlsafe(32)}"


def is_token(text: str) -> bool:
    """Whether it has the shape of a token: a typing error costs no read."""
    return bool(_TOKEN.match(text))


def harmless(name: str) -> bool:
    """Whether a name may stand in a letter to a stranger: one with an address in it, which mail
    programs make a link of, could be all that somebody wants to send."""
    return not _LEADS_AWAY.search(name)


def letter(
    *,
    inviter: str,
    team: str,
    role: str,
    email: str,
    token: str,
    until: str,
    console: str,
    api: str,
) -> tuple[str, str]:
    """Subject and text of the mail. Names were made one line before."""
    deck = f"deck --api {api}"
    browser = [f"  {console}/#/invitations?token={token}", "", "On the command line:", ""]
    lines = [
        f"{inviter} invites you to the team {team!r} on CloudDeck, as {role}.",
        "",
        *(browser if console else ["Join on the command line:", ""]),
        f"  {deck} invitations accept {token}",
        "",
        "or, if you have no account yet:",
        "",
        f"  {deck} signup --email {email} --invitation {token}",
        "",
        f"It is for this address alone, works once, and ends on {until}.",
        "If you do not know who this is, do nothing: nobody is told.",
    ]
    return f"Join {team} on CloudDeck", "\n".join(lines) + "\n"
