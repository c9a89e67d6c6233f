"""Build tokens: what a runner is known by, one for each attempt of a build."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from chalicelib.builds import rows
from chalicelib.core import ids
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Unauthenticated


def new_token(build: str) -> str:
    """A build token: names its build, so that checking it reads one row and no index."""
    return f"cdr_{ids.label(build)}_{secrets.token_hex(32)}"


def hash_of(token: str) -> str:
    """What the table keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def authenticate(token: str) -> Actor:
    """The build behind a build token; raises Unauthenticated."""
    parts = token.split("_")
    if len(parts) == 3 and parts[0] == "cdr" and ids.is_id("bld_" + parts[1], "bld"):
        row = rows.get("bld_" + parts[1])
        if row is not None and hmac.compare_digest(row.token_hash, hash_of(token)):
            return Actor(
                kind="build",
                id=row.id,
                build=row.id,
                deployment=row.deployment,
                project=row.project,
                team=row.team,
            )
        raise Unauthenticated(
            "token_revoked",
            "This build token is not valid any more.",
            hint="The build was given to another runner, or is gone.",
        )
    raise Unauthenticated("token_malformed", "This is not a build token.", hint="Nothing to do.")
