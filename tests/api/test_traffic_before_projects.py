"""Traffic of a site whose project was not there yet: its team has it from then on."""

from __future__ import annotations

import pytest

from chalicelib.core import clock, ids
from chalicelib.projects import rows as projects
from chalicelib.projects.rows import Project
from chalicelib.traffic import actions as traffic
from chalicelib.traffic.rules.batches import Told
from chalicelib.traffic.rules.counts import Counts

HOUR_MS = 3_600_000


@pytest.fixture
def site(database):
    return ids.new("prj")


def answered(site, requests):
    at = clock.iso()[:16]
    row = Told(site, "dpl_" + "0" * 26, at, "live", Counts(requests, requests, s2=requests))
    return traffic.write("edge", [row])


def seen(team):
    now = clock.now_ms()
    return sum(one.requests for one in traffic.team_hours(team, now - HOUR_MS, now).values())


def test_a_project_that_was_not_there_is_looked_for_again(site):
    answered(site, 1)
    project = projects.new(site, "team_x", "one", "One", clock.iso())
    project.save()
    assert isinstance(projects.get(site), Project)
    answered(site, 4)
    assert seen("team_x") == 3, "what came since it is there"


def test_a_process_remembers_only_so_many(site, monkeypatch):
    monkeypatch.setattr(traffic, "MOST_KNOWN", 2)
    for _ in range(5):
        one = ids.new("prj")
        projects.new(one, "team_x", one[4:], "One", clock.iso()).save()
        answered(one, 1)
    assert seen("team_x") == 5
    assert len(traffic._teams) <= 2
