"""A file of CloudFront's log becomes rows of traffic, by way of who was production when."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.clouds.aws import logs
from chalicelib.clouds.aws.logs import LogLine
from chalicelib.core import clock, ids
from chalicelib.core.actor import Actor
from chalicelib.projects import actions as projects
from chalicelib.teams import actions as teams
from chalicelib.traffic import actions as traffic
from functions.events import edge_log
from tests.api.rolling import Hands, Site
from tests.unit.traffic.test_cloudfront_log import HEAD, ID, line

KEY = "AWSLogs/000000000000/CloudFront/E1/2026/11/22/00/E1.2026-11-22-00.abcdef.gz"


@pytest.fixture
def site(database: Any, services: Any, monkeypatch: pytest.MonkeyPatch) -> Site:
    user = teams.create_owner_account("ada@example.com", "Ada", "correct horse battery")
    actor = Actor(kind="user", id=user.id, user=user.id)
    return Site(services, Hands(monkeypatch), actor, projects.create(actor, "My Site"))


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the visitors' function wrote."""
    said: list[str] = []

    def since(_self: Any, group: str, start: int, **more: Any) -> Iterator[LogLine]:
        assert group == "/aws/cloudfront/function/test-viewer-request"
        assert more["end_ms"] > start
        yield from (LogLine(start, text) for text in said)

    monkeypatch.setattr(logs.CloudWatchLogs, "since", since)
    return said


def deliver(site: Site, *lines: str) -> dict[str, int]:
    site.services.store.objects[KEY] = gzip.compress("".join([*HEAD, *lines]).encode())
    event = {"detail": {"bucket": {"name": "b"}, "object": {"key": KEY, "size": 1}}}
    return edge_log.handler(event, None)


def seen(site: Site, kind: str = "live") -> dict[str, int]:
    now = clock.now_ms()
    found = traffic.counts(site.project.id, now - 3_600_000, now, kind)
    return {deployment: counted.requests for deployment, counted in found.items()}


def test_who_answered_a_request(site: Site, notes: list[str]) -> None:
    first = site.deploy()
    site.hands.wait(120)
    before = clock.now_ms()
    site.hands.wait(120)
    second = site.deploy()
    site.hands.wait(120)
    third = site.deploy()
    site.hands.wait(10)
    now = clock.now_ms()
    other = ID.replace("S", "T")
    notes.append(f"{other} dpl {ids.label(first.id)}")
    host, preview = "my-site.localhost", f"{ids.label(second.id)}--my-site.localhost"
    found = deliver(
        site,
        line(at=now, host=host),
        line(at=now, host=host, status=500),
        line(at=before, host=host),
        line(at=now, host=host, id=other),
        line(at=now, host=preview),
        line(at=now, host="main--my-site.localhost"),
        line(at=now, host="nobodys.localhost"),
        line(at=now, host="nobodys.example.com"),
        line(at=1, host=host),
    )
    assert found["requests"] == 9
    assert seen(site) == {third.id: 2, first.id: 2}
    assert seen(site, "preview") == {second.id: 1}


def test_a_file_counts_once(site: Site, notes: list[str]) -> None:
    live = site.deploy()
    site.hands.wait(5)
    lines = [line(at=clock.now_ms(), host="my-site.localhost")] * 3
    assert deliver(site, *lines) == {"requests": 3, "written": 1}
    assert deliver(site, *lines) == {"requests": 3, "written": 0}
    assert seen(site) == {live.id: 3}


def test_an_empty_file_and_one_that_is_gone(site: Site, notes: list[str]) -> None:
    assert deliver(site) == {"requests": 0, "written": 0}
    site.services.store.objects.clear()
    event = {"detail": {"object": {"key": KEY}}}
    assert edge_log.handler(event, None) == {"requests": 0, "written": 0}
