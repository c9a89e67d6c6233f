"""Keys of machines."""

from __future__ import annotations

from typing import Any

from pynamodb.attributes import ListAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.core import clock
from chalicelib.core.table import CoreRow, find
from chalicelib.identity.rows.users import owner_of
from chalicelib.identity.rules import digest


class ApiKeyRow(CoreRow):
    """A key of a machine: `KEY#hash` / `META`, listed by team.

    An `api_key` acts for its user, a `service` token for the team with a role of its own, a
    `deploy_key` for one project.
    """

    id = UnicodeAttribute()
    name = UnicodeAttribute()
    kind = UnicodeAttribute(default="api_key")
    user = UnicodeAttribute(default="")
    team = UnicodeAttribute()
    project = UnicodeAttribute(default="")
    project_slug = UnicodeAttribute(default="")
    """As the project was called when the key was made, which it is called for good."""
    role = UnicodeAttribute(default="")
    created_by = UnicodeAttribute(default="")
    rate_per_minute = NumberAttribute(default=0)
    scopes = ListAttribute(of=UnicodeAttribute)
    prefix = UnicodeAttribute()
    created_at = UnicodeAttribute()
    expires_at = NumberAttribute(null=True)
    last_used = NumberAttribute(null=True)
    revoked_at = NumberAttribute(null=True)


def new_api_key_row(secret: str, identifier: str, team: str) -> ApiKeyRow:
    """A key's row without its other attributes."""
    created = clock.iso()
    return ApiKeyRow(
        f"KEY#{digest(secret)}",
        "META",
        gsi1pk=f"TEAM#{team}",
        gsi1sk=f"KEY#{created}#{identifier}",
        id=identifier,
        team=team,
        created_at=created,
    )


def api_key_of(secret: str) -> ApiKeyRow | None:
    """A key by its secret."""
    return find(ApiKeyRow, f"KEY#{digest(secret)}")


def api_key_by_id(identifier: str) -> ApiKeyRow | None:
    """A key by its id, through the unique name that was made with it."""
    pk = owner_of("key", identifier)
    return find(ApiKeyRow, pk) if pk else None


def api_keys_of(team: str, **at: Any) -> Any:
    """The keys of a team, newest first, a page at a time (`limit`, `last_evaluated_key`)."""
    return ApiKeyRow.by1.query(
        f"TEAM#{team}",
        ApiKeyRow.gsi1sk.startswith("KEY#"),
        filter_condition=ApiKeyRow.revoked_at.does_not_exist(),
        scan_index_forward=False,
        **at,
    )
