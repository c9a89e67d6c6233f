"""Asking for access, and deciding about it."""

from __future__ import annotations

from typing import Any, Literal

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.update import Action

from chalicelib.accounts.actions import errands
from chalicelib.accounts.rows.errands import errand_of, new_errand
from chalicelib.accounts.rows.requests import (
    DECIDED_DAYS,
    AccessRequestRow,
    claim_of,
    listed,
    new_request,
    request_of,
    requests_in,
)
from chalicelib.core import clock
from chalicelib.core.errors import Conflict, not_found
from chalicelib.core.table import lost_condition, write
from chalicelib.identity.rows import UniqueRow
from chalicelib.identity.rules import normal_email

Verdict = Literal["approved", "rejected"]


def ask_for_access(email: str, name: str, organisation: str, reason: str) -> None:
    """Keep a request. An address that has a pending one has asked already; nobody is told so."""
    row = new_request(normal_email(email), name, organisation, reason)
    free = UniqueRow.pk.does_not_exist() | (UniqueRow.ttl < clock.epoch())
    try:
        with write() as transaction:
            transaction.save(row)
            transaction.save(claim_of(row), condition=free)
    except TransactWriteError as error:
        if not lost_condition(error):
            raise


def list_requests(state: str, **at: Any) -> Any:
    """The requests in a state, oldest first, a page at a time."""
    return requests_in(state, **at)


def decide(identifier: str, verdict: Verdict, by: str, note: str | None) -> AccessRequestRow:
    """Approve or reject a request, once: of two who decide at once, the later one learns it.

    Whoever decides the same again gets the same answer, and an invitation that is still on its
    way is sent on. Raises NotFound `request_not_found`, Conflict `already_decided`.
    """
    row = request_of(identifier)
    if row is None:
        raise not_found("request", identifier)
    if row.state == "pending" and not _decide(row, verdict, by, note):
        row = request_of(identifier)
    if row is None or row.state != verdict:
        raise Conflict(
            "already_decided",
            f"This request was {row.state if row else 'removed'} before.",
            hint="GET /v1/admin/access-requests?state= shows by whom.",
        )
    if row.errand and errand_of(row.errand) is not None:
        errands.announce(row.errand)
    return row


def _decide(row: AccessRequestRow, verdict: Verdict, by: str, note: str | None) -> bool:
    """Write a decision, and with an approval the errand of the invitation; False when too late."""
    kind = AccessRequestRow
    errand = new_errand("invite", row.email) if verdict == "approved" else None
    changes: list[Action] = [
        kind.state.set(verdict),
        kind.gsi2pk.set(listed(verdict)),
        kind.reviewed_by.set(by),
        kind.reviewed_at.set(clock.iso()),
        kind.ttl.set(clock.epoch(DECIDED_DAYS * 24 * 3600)),
    ]
    if note:
        changes.append(kind.note.set(note))
    if errand is not None:
        changes.append(kind.errand.set(errand.id))
    try:
        with write() as transaction:
            transaction.update(row, actions=changes, condition=kind.state == "pending")
            transaction.delete(claim_of(row))
            if errand is not None:
                transaction.save(errand)
    except TransactWriteError as error:
        if lost_condition(error):
            return False
        raise
    row.refresh(consistent_read=True)
    return True
