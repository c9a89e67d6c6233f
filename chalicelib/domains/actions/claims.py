"""Whose a host is: proven by DNS, written once, moved only by a newer proof.

Two rules keep a host from having two owners: a claim is taken in one conditional write, and
nobody takes one whose holder tells the edge something at that moment.
"""

from __future__ import annotations

from typing import Literal

from pynamodb.exceptions import TransactWriteError

from chalicelib.core import clock, nameservers
from chalicelib.core.table import lost_condition, update_or_see, write
from chalicelib.domains.actions import naming
from chalicelib.domains.rows import domains as rows
from chalicelib.domains.rows.domains import ClaimRow, DomainRow
from chalicelib.domains.rules import proof, states

Proof = Literal["ours", "missing", "held", "taken", "busy"]


def prove(row: DomainRow, *, anew: bool = False) -> Proof:
    """Look for the record of a project's host, and claim the host when it is there.

    What was proven before is not asked for again, unless `anew` says so.

    Otherwise: `held` is a host that another team removed a short while ago, `taken` one whose
    holder's own record still stands, `busy` one that somebody tells the edge about right now.
    Raises Unavailable when DNS does not answer, which changes nothing.
    """
    found = rows.claim(row.host)
    if rows.holds(found, row.project) and row.proven_at and not anew:
        return "ours"
    wanted = naming.challenge(row.project, row.host)
    texts = texts_of(wanted.name)
    if not proof.proves(texts, wanted.value):
        return "missing"
    if found is not None and not rows.holds(found, row.project):
        refused = _refused(found, row, texts)
        if refused is not None:
            return refused
    if not _take(row, found):
        return "busy"
    if found is not None and found.project != row.project:
        _tell_loser(found.project, row.host)
    return "ours"


def texts_of(name: str) -> list[str]:
    """Every TXT record of a name."""
    return nameservers.texts_of(name, nameservers.resolver())


def release(row: DomainRow) -> None:
    """Give a host up: at once for everybody when its team said so, else after the hold."""
    found = rows.claim(row.host)
    if not rows.holds(found, row.project) or found is None:
        return
    wait = 0 if row.release else states.HELD
    kind = ClaimRow
    update_or_see(
        found,
        [
            kind.free_at.set(clock.epoch(wait)),
            kind.busy_until.set(0),
            kind.generation.set(int(found.generation) + 1),
        ],
        (kind.project == row.project) & (kind.generation == int(found.generation)),
    )


def _refused(found: ClaimRow, row: DomainRow, texts: list[str]) -> Proof | None:
    """Why a claim of somebody else cannot be taken now; None when it can."""
    if found.free_at is not None:
        over = int(found.free_at) <= clock.epoch()
        return None if over or found.team == row.team else "held"
    theirs = naming.challenge(found.project, row.host)
    if proof.proves(texts, theirs.value) and rows.get(found.project, row.host) is not None:
        return "taken"
    return None


def _tell_loser(project: str, host: str) -> None:
    """Show it at once to the project that had the host; the next look would find it anyway."""
    lost = rows.get(project, host)
    while lost is not None and lost.state not in {"removing", "removed"}:
        now = clock.iso()
        why = "another team has proven the domain since"
        if rows.change(lost, state="conflict", since=now, due=now, detail=why):
            return
        lost = rows.get(project, host)  # somebody changed how it is served at this moment


def _take(row: DomainRow, before: ClaimRow | None) -> bool:
    """Write the claim, if it is as it was read and nobody holds it."""
    if rows.holds(before, row.project):
        return True
    kind = ClaimRow
    made = rows.new_claim(row, int(before.generation) + 1 if before is not None else 1)
    condition = kind.pk.does_not_exist()
    if before is not None:
        condition = (kind.generation == int(before.generation)) & (kind.busy_until <= clock.epoch())
    gone = DomainRow.state.is_in("removing", "removed")
    try:
        with write() as transaction:
            transaction.save(made, condition=condition)
            transaction.condition_check(
                DomainRow, row.pk, row.sk, condition=DomainRow.pk.exists() & ~gone
            )
    except TransactWriteError as error:
        if lost_condition(error):
            return False
        raise
    return True
