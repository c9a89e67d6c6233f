"""What the keys of machines may do, without a database."""

from __future__ import annotations

from chalicelib.teams.rules import SCOPES

RATE_MIN, RATE_MAX = 1, 6000  # requests a minute

DEPLOY_SCOPES = frozenset(
    scope
    for scope in SCOPES
    if scope == "project.read" or scope.startswith(("deployment.", "upload."))
) - {"deployment.approve"}
"""What a deploy key may do in its one project. Whom to trust is not for it to say."""
