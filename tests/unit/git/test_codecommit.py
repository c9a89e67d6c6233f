"""CodeCommit's events reach the projects that are connected to the repository, each once."""

from __future__ import annotations

import pytest

from chalicelib.git import providers
from functions.events import codecommit
from tests.fakes.git_hosts import webhooks

ARN = "arn:aws:codecommit:us-east-2:123456789012:hello-world"


@pytest.fixture
def known(monkeypatch):
    """Two projects of one repository; what was remembered and what was put on the bus."""
    from chalicelib.clouds.aws import codecommit as provider

    class Known:
        projects = ("prj_a", "prj_b")
        seen: set[tuple[str, str]]
        events: list
        broken = False

    found = Known()
    found.seen, found.events = set(), []

    def first_time(source: str, delivery: str) -> bool:
        fresh = (source, delivery) not in found.seen
        found.seen.add((source, delivery))
        return fresh

    def publish(event) -> None:
        if found.broken:
            raise OSError("the bus is away")
        found.events.append(event)

    monkeypatch.setattr(
        codecommit.links,
        "projects_of",
        lambda kind, arn: list(found.projects) if (kind, arn) == ("codecommit", ARN) else [],
    )
    monkeypatch.setattr(codecommit.deliveries, "first_time", first_time)
    monkeypatch.setattr(codecommit.deliveries, "forget", lambda s, d: found.seen.discard((s, d)))
    monkeypatch.setattr(codecommit, "publish", publish)
    monkeypatch.setitem(providers._makers, "codecommit", provider.make)
    return found


def test_every_connected_project_hears_of_a_push_once(known) -> None:
    event = webhooks.payloads("codecommit")["push"]
    assert codecommit.handler(event, None) == {"projects": 2}
    assert codecommit.handler(event, None) == {"projects": 0}
    assert [e.project for e in known.events] == ["prj_a", "prj_b"]
    assert {e.branch for e in known.events} == {"main"}
    assert len({e.sequence for e in known.events}) == 1


def test_a_bus_that_is_away_lets_the_event_come_again(known) -> None:
    event = webhooks.payloads("codecommit")["push"]
    known.broken = True
    with pytest.raises(OSError):
        codecommit.handler(event, None)
    known.broken = False
    assert codecommit.handler(event, None) == {"projects": 2}


@pytest.mark.parametrize("change", ["repository", "deleted", "nonsense"])
def test_what_leads_to_nothing(known, change) -> None:
    event = webhooks.payloads("codecommit")["push"]
    if change == "repository":
        event["resources"] = [ARN + "-2"]
    elif change == "deleted":
        event = webhooks.payloads("codecommit")["branch_deleted"]
    else:
        event["detail"]["commitId"] = "; rm -rf /"
    assert codecommit.handler(event, None) == {"projects": 0}
    assert known.events == []
