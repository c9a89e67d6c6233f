"""Which people brought a commit: those who pushed or deployed it themselves, or by a key of theirs.

A key that is a service's is nobody's, and of a push to a git host elsewhere only that host knows
who it was.
"""

from __future__ import annotations

from chalicelib.deployments import rows
from chalicelib.deployments.rows import Deployment
from chalicelib.identity import rows as identity_rows

_KEY = "key_"


def of(row: Deployment) -> str:
    """Who made this very deployment: a person's id where there is one, else the key's or ours."""
    by = str(row.created_by)
    if not by.startswith(_KEY):
        return by
    key = identity_rows.api_key_by_id(by)
    return str(key.user) if key is not None and key.user else by


def of_commit(row: Deployment) -> set[str]:
    """Everybody who brought what a deployment brings, in any deployment of the project.

    Deploying somebody's commit once more makes nobody else its author.
    """
    found = {of(row)}
    if rows.subject(row) == row.commit:
        found |= {of(other) for other in rows.of_commit(row.project, row.commit)}
    return found
