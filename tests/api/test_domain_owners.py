"""A domain never has two owners: three teams, one host, everybody at once.

Threads add, prove, check and remove the same host for three projects while the records in DNS
come and go. The edge of the test notes for whom it is told to serve; whatever it is told must be
what the claim says at that moment, for the claim is held meanwhile.
"""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from chalicelib.core.errors import Problem
from chalicelib.domains.actions import claims, looking, manage, naming
from chalicelib.domains.rows import domains as rows
from chalicelib.edge.rules.domains import PLAIN, Domain, Placing
from chalicelib.projects.rows import projects
from tests.fakes.domains import HOST, project_of
from tests.fakes.hosts import FakeDomains
from tests.fakes.people import person

DEEDS = ("add", "prove", "steal", "steal", "check", "check", "check", "remove")


class Watchful(FakeDomains):
    """An edge that is slow, and compares what it is told with the claim, before and after.

    Whoever holds the claim may take off what an owner before left at the edge: who it is that
    tells is noted (`teller`) where the claim is held.
    """

    wrong: list[str] = []  # noqa: RUF012  # of one test
    told: dict[str, int] = {}  # noqa: RUF012
    teller = threading.local()

    def occupy(self, found: Any, real: Any) -> bool:
        held = bool(real(found))
        if held:
            self.teller.project = found.project
        return held

    def _watch(self, project: str, what: str) -> None:
        for _ in range(2):
            claim = rows.claim(HOST)
            if claim is None or claim.project != project or claim.free_at is not None:
                self.wrong.append(f"{what} for {project}, the claim says {claim and claim.project}")
            time.sleep(random.uniform(0, 0.03))

    def request(self, host: str, slug: str, how: Placing = PLAIN) -> Domain:
        self._watch(how.site, "serve")
        self.told[how.site] = self.told.get(how.site, 0) + 1
        return super().request(host, slug, how)

    def detach(self, host: str) -> bool:
        self._watch(self.teller.project, "leave")
        return super().detach(host)


@pytest.mark.parametrize("seed", range(4))
def test_three_teams_and_one_host(api: Any, services: Any, monkeypatch: Any, seed: int) -> None:
    edge = Watchful()
    edge.wrong, edge.told = [], {}
    object.__setattr__(services, "domains", edge)
    somebodies = [person(api) for _ in range(3)]
    known = [projects.get(project_of(one)) for one in somebodies]
    dns: list[str] = []
    guard = threading.Lock()
    monkeypatch.setattr(claims, "texts_of", lambda _name: list(dns))
    monkeypatch.setattr("chalicelib.domains.rules.states.HELD", 0)
    monkeypatch.setattr(rows, "occupy", partial(edge.occupy, real=rows.occupy))
    values = {p.id: naming.challenge(p.id, HOST).value for p in known}

    actor: Any = type("Actor", (), {"id": "usr_x"})()

    def own(project: projects.Project) -> None:
        """A project proves and has the host, while nobody else does anything."""
        dns[:] = [values[project.id]]
        while (left := rows.get(project.id, HOST)) and left.state == "removing":
            looking.step(left)
        manage.add(actor, project, HOST)
        for _ in range(50):
            if manage.check(project, HOST).state == "active":
                break

    def live(number: int) -> None:
        dice = random.Random(f"{seed} {number}")
        project = known[number % 3]
        for _ in range(20):
            deed = dice.choice(DEEDS)
            try:
                if deed == "add":
                    manage.add(actor, project, HOST)
                elif deed == "check":
                    manage.check(project, HOST)
                elif deed == "remove":
                    manage.remove(project, HOST)
                    looking.step(manage.get(project, HOST))
                else:
                    with guard:
                        dns[:] = [values[project.id]] + ([] if deed == "steal" else dns[:1])
            except Problem as error:
                if error.code not in {"domain_not_found", "domain_changed", "domain_leaving"}:
                    raise

    own(known[0])  # somebody has it, whom the others can take it from
    assert edge.told
    with ThreadPoolExecutor(9) as pool:
        list(pool.map(live, range(9)))
    assert edge.wrong == []

    for project in known:  # and at rest: one owner, whose site the edge shows
        own(project)
        claim = rows.claim(HOST)
        assert claim is not None
        assert (claim.project, claim.free_at) == (project.id, None)
        assert edge.placed[HOST][1].site == project.id
        served = [p.id for p in known if (r := rows.get(p.id, HOST)) and r.state == "active"]
        assert served == [project.id]
    assert edge.wrong == []


def test_the_loser_is_told_even_if_it_changes_its_domain_at_that_moment(
    api: Any, services: Any, monkeypatch: Any
) -> None:
    one, other = person(api), person(api)
    first, second = (projects.get(project_of(who)) for who in (one, other))
    assert first is not None
    assert second is not None
    dns = [naming.challenge(first.id, HOST).value]
    monkeypatch.setattr(claims, "texts_of", lambda _name: list(dns))
    actor = type("Actor", (), {"id": "usr_x"})()
    manage.add(actor, first, HOST)
    assert manage.check(first, HOST).state == "active"
    dns[:] = [naming.challenge(second.id, HOST).value]
    manage.add(actor, second, HOST)
    real, once = rows.change, [True]

    def slow(row: Any, **values: Any) -> Any:
        """Somebody writes between reading and writing."""
        if values.get("state") == "conflict" and row.project == first.id and once:
            once.clear()
            fresh = rows.get(first.id, HOST)
            assert fresh is not None
            real(fresh, hsts_seconds=60)
        return real(row, **values)

    monkeypatch.setattr(rows, "change", slow)
    assert manage.check(second, HOST).state == "active"
    lost = rows.get(first.id, HOST)
    assert lost is not None
    assert lost.state == "conflict"
    assert not once
