"""Who hears of a domain: the audit log, the bus, and by mail the people who can do something."""

from __future__ import annotations

from chalicelib.accounts.actions import post
from chalicelib.accounts.rules.letters import Letter
from chalicelib.audit import actions as audit
from chalicelib.core.observe import logger
from chalicelib.domains.actions import served
from chalicelib.domains.rows import domains as rows
from chalicelib.domains.rows.domains import DomainRow
from chalicelib.domains.rules import letters, states
from chalicelib.ports import services
from chalicelib.teams import rows as teams
from chalicelib.teams.rules import may

CHANGED = "domain.changed"
EXPIRING = "domain.expiring"
SAID: frozenset[str] = frozenset({"active", "misconfigured", "conflict", "failed", "removed"})
"""States that the log and the bus hear of."""


def tell(row: DomainRow) -> DomainRow:
    """Say what has not been said: of the state, and of the end of the certificate.

    What was said is noted after it was said, so a word may come twice and is never lost; the log
    takes each once.
    """
    if row.state in SAID and row.told != f"{row.state} {row.since}":
        row = _tell_state(row)
    if row.state in states.SERVED:
        row = _tell_end(row)
    return row


def _tell_state(row: DomainRow) -> DomainRow:
    moment = f"{row.state} {row.since}"
    audit.record(
        f"domain:{row.project}:{row.host}:{row.since}",
        row.team,
        "domains.state",
        row.host,
        of=row.project,
        label=row.host,
        after={"state": row.state, "detail": row.detail},
        outcome="ok" if row.state in {"active", "removed"} else "refused",
    )
    detail = {"version": 1, "project": row.project, "team": row.team, "domain": row.host}
    services().bus.put(CHANGED, {**detail, "state": row.state, "detail": row.detail})
    if row.state in states.LETTERS:
        meaning = states.meaning(row.state)
        _send(row, letters.trouble(row.host, meaning, row.detail))
    return rows.change(row, told=moment) or row


def _tell_end(row: DomainRow) -> DomainRow:
    left = served.days_left(row.certificate)
    if left is None:
        return row
    due = states.alert(left, int(row.alerted), own=bool(row.own))
    if due is None:
        return row
    end = str(row.certificate["expires_at"])
    audit.record(
        f"domain:{row.project}:{row.host}:{end}:{due}",
        row.team,
        "domains.expiring",
        row.host,
        of=row.project,
        label=row.host,
        after={"expires_at": end, "days_left": left},
        outcome="refused",
    )
    detail = {"version": 1, "project": row.project, "team": row.team, "domain": row.host}
    services().bus.put(EXPIRING, {**detail, "expires_at": end, "days_left": left})
    _send(row, letters.expiring(row.host, left, end, own=bool(row.own)))
    return rows.change(row, alerted=due) or row


def _send(row: DomainRow, letter: Letter) -> None:
    """To everybody of the team who may look after its domains. Mail that fails is no fault."""
    members = [m for m in teams.members_of(row.team) if may(m.role, "domain.manage")]
    for person in teams.people_of(m.user for m in members).values():
        try:
            post.send(person.email, letter)
        except OSError as error:
            said = {"kind": letter.kind, "domain": row.host, "why": str(error)}
            logger().warning("letter not sent", extra=said)
