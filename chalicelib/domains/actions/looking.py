"""One look at a domain: what has changed, and what follows from it. Done as often as need be.

A look tells the edge only what the claim allows, and only while it holds the claim. It writes what
it found if nobody else wrote meanwhile; whoever was slower changes nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

from chalicelib.core import clock
from chalicelib.core.errors import Unavailable
from chalicelib.domains.actions import claims, served, words
from chalicelib.domains.rows import domains as rows
from chalicelib.domains.rows.domains import DomainRow
from chalicelib.domains.rules import states
from chalicelib.domains.rules.states import State
from chalicelib.edge.rules.domains import Domain, Placing
from chalicelib.live import feed
from chalicelib.ports import services
from chalicelib.projects.rows import projects

MACHINE = "domain"
_SLACK = 20 * 60
"""Seconds that a look may be late before the watch takes its execution for lost."""

_ANEW: frozenset[str] = frozenset({"requested", "misconfigured", "conflict", "failed"})
"""States after which a host is served again only with a fresh proof."""


def start(row: DomainRow) -> DomainRow:
    """Let the machine look after a domain from now on; an execution before this one ends."""
    told = rows.change(row, run=int(row.run) + 1)
    if told is None:
        return rows.get(row.project, row.host) or row
    seed = f"{told.project} {told.host} {told.created_at}".encode()
    name = f"{hashlib.sha256(seed).hexdigest()[:32]}-{told.run}"
    services().workflow.start(
        MACHINE, name, {"domain": told.host, "project": told.project, "run": int(told.run)}
    )
    return told


def look(project: str, host: str, run: int) -> dict[str, Any]:
    """A look by the machine: `{"outcome": "wait" | "done", "seconds"}`."""
    row = rows.get(project, host)
    if row is None or int(row.run) != run:
        return {"outcome": "done", "seconds": 0}
    row = step(row)
    if row.state in states.SETTLED:
        return {"outcome": "done", "seconds": 0}
    return {"outcome": "wait", "seconds": states.pause(_state(row), lasted(row))}


def step(row: DomainRow) -> DomainRow:
    """One look; the row as it is then."""
    if row.state == "removed":
        return row
    before = row.state
    if row.state != "removing" and _project(row) is None:
        row = rows.change(row, state="removing", since=clock.iso(), release=True) or row
    done = _remove(row) if row.state == "removing" else _advance(row)
    if done.state not in {before, *words.SAID}:
        feed.changed(row.team, row.project, "domain", row.host)
    return words.tell(done)


def lasted(row: DomainRow) -> float:
    """Seconds since a domain came into its state."""
    return max(0.0, (clock.now_ms() - clock.ms(row.since)) / 1000)


def _advance(row: DomainRow) -> DomainRow:
    try:
        proof = claims.prove(row, anew=row.state in _ANEW)
    except Unavailable as silent:
        return _note(row, _state(row), silent.detail)
    if proof != "ours":
        return _unproven(row, proof)
    claim = rows.claim(row.host)
    if claim is None or not rows.holds(claim, row.project):
        return _note(row, "conflict", "another team has proven the domain since")
    proven = row.proven_at or clock.iso()
    if not rows.occupy(claim):
        return _note(row, _state(row), "the edge is being told something else", proven_at=proven)
    try:
        found = _place(row)
        certificate = served.described(row.host) if found.state == "active" else None
    finally:
        rows.vacate(claim)
    return _settle(row, found, certificate, proven)


def _unproven(row: DomainRow, proof: claims.Proof) -> DomainRow:
    if proof == "missing":
        claim = rows.claim(row.host)
        lost = row.proven_at and claim is not None and not rows.holds(claim, row.project)
        if lost:
            return _note(row, "conflict", "another team has proven the domain since")
        return _note(row, "ownership_pending", "no TXT record says what it has to say")
    if proof == "held":
        return _note(row, "conflict", "another team removed it less than a day ago")
    if proof == "taken":
        return _note(row, "conflict", "the record of the team that has it still stands")
    return _note(row, _state(row), "somebody else proves it at this moment")


def _place(row: DomainRow) -> Domain:
    """Tell the edge, and take the certificate along that has come meanwhile."""
    edge = services().domains
    how = Placing(
        site=row.project,
        redirect=row.redirect,
        served_elsewhere=bool(row.served_elsewhere),
        reference=row.reference,
        https=row.https,
        hsts_seconds=int(row.hsts_seconds),
        tls=row.tls,
    )
    if row.state == "misconfigured" and lasted(row) > states.PATIENCE:
        edge.detach(row.host)
        return Domain(row.host, "failed", "its DNS led elsewhere for three days")
    project = _project(row)
    if project is None:  # deleted a moment ago: the next look takes it off
        return Domain(row.host, "absent")
    found = edge.request(row.host, project.slug, how)
    if found.state == "failed" and row.state == "requested":
        found = edge.retry(row.host)
    if found.state == "issued":
        found = edge.attach(row.host)
    return found


def _settle(
    row: DomainRow, found: Domain, certificate: dict[str, Any] | None, proven: str
) -> DomainRow:
    """Write down what the edge said."""
    state = states.after_edge(_state(row), found.state)
    more: dict[str, Any] = {
        "proven_at": proven,
        "records": [asdict(record) for record in found.records],
        "redirects": [asdict(redirect) for redirect in found.redirects],
    }
    if found.reference and found.reference != row.reference:
        more["reference"] = found.reference
    if certificate is not None:
        more["certificate"] = certificate
        if row.retired and services().domains.discard(row.retired):
            more["retired"] = ""
        if certificate != row.certificate and served.renewed(row.certificate, certificate):
            more["alerted"] = 0
    return _note(row, state, found.detail, **more)


def _remove(row: DomainRow) -> DomainRow:
    """Take a domain off the edge, if it is this project's, and give it up."""
    claim = rows.claim(row.host)
    if claim is not None and rows.holds(claim, row.project):
        if not rows.occupy(claim):
            return _note(row, "removing", "the edge is being told something else")
        edge = services().domains
        gone = edge.detach(row.host)
        if not gone:
            rows.vacate(claim)
            return _note(row, "removing", "the edge is switching it off")
        if not all(edge.discard(one) for one in (row.reference, row.retired) if one):
            rows.vacate(claim)
            return _note(row, "removing", "its certificate is still in use")
        claims.release(row)
    else:  # somebody else has the host now; what this team brought goes all the same
        for one in filter(None, (row.reference, row.retired)):
            services().domains.discard(one)
    return _note(row, "removed", "", ttl=clock.epoch(7 * states.DAY))


def _note(row: DomainRow, state: State, detail: str, **more: Any) -> DomainRow:
    """Write what was found, if nobody wrote meanwhile; the row as it is then."""
    same = state == row.state
    if same and states.timed_out(state, lasted(row)):
        state, same = "failed", False
        detail = f"it waited for 72 hours: {detail}" if detail else "it waited for 72 hours"
    values: dict[str, Any] = {"state": state, "detail": detail, "checked_at": clock.iso(), **more}
    if not same:
        values["since"] = clock.iso()
    wait = states.DAY if state in states.SETTLED else states.pause(state, 0) + _SLACK
    if state == "removed":
        wait = 30 * states.DAY
    values["due"] = clock.iso(clock.now_ms() + wait * 1000)
    return rows.change(row, **values) or rows.get(row.project, row.host) or row


def _project(row: DomainRow) -> projects.Project | None:
    found = projects.get(row.project)
    return None if found is None or found.deleted_at else found


def _state(row: DomainRow) -> State:
    """The state of a row, as one of those there are."""
    return row.state if row.state in states.STATES else "requested"
