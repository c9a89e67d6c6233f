"""People who asked for access."""

from __future__ import annotations

from typing import Any

from pynamodb.attributes import UnicodeAttribute

from chalicelib.core import clock, ids
from chalicelib.core.table import CoreRow, find
from chalicelib.identity.rows import UniqueRow, unique

PENDING_DAYS, DECIDED_DAYS = 90, 400


class AccessRequestRow(CoreRow):
    """A request for access: `ACCESS#id` / `META`, listed by state."""

    email = UnicodeAttribute()
    name = UnicodeAttribute()
    organisation = UnicodeAttribute()
    reason = UnicodeAttribute()
    state = UnicodeAttribute(default="pending")
    """`pending`, then `approved` or `rejected`."""
    created_at = UnicodeAttribute()
    reviewed_by = UnicodeAttribute(null=True)
    reviewed_at = UnicodeAttribute(null=True)
    note = UnicodeAttribute(null=True)
    errand = UnicodeAttribute(null=True)
    """What sends the invitation of an approved one."""

    @property
    def id(self) -> str:
        """The request's id."""
        return self.pk.partition("#")[2]


def new_request(email: str, name: str, organisation: str, reason: str) -> AccessRequestRow:
    """A request that is not saved yet."""
    identifier = ids.new("acr")
    return AccessRequestRow(
        f"ACCESS#{identifier}",
        "META",
        gsi2pk=listed("pending"),
        gsi2sk=identifier,
        email=email,
        name=name,
        organisation=organisation,
        reason=reason,
        created_at=clock.iso(),
        ttl=clock.epoch(PENDING_DAYS * 24 * 3600),
    )


def claim_of(row: AccessRequestRow) -> UniqueRow:
    """That an address has one pending request at a time; not saved yet."""
    claim = unique("access", row.email, row.id)
    claim.ttl = row.ttl
    return claim


def request_of(identifier: str) -> AccessRequestRow | None:
    """A request by id."""
    return find(AccessRequestRow, f"ACCESS#{identifier}")


def requests_in(state: str, **at: Any) -> Any:
    """The requests in a state, oldest first, a page at a time (`limit`, `last_evaluated_key`)."""
    return AccessRequestRow.by2.query(listed(state), **at)


def listed(state: str) -> str:
    """Under which key of the index the requests in a state stand."""
    return f"ACCESS#{state}"
