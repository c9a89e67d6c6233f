"""Grants are enough for guards in the firewall, and the function does what events ask of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.clouds.aws import waf
from chalicelib.core import config
from chalicelib.domains.rows import domains
from chalicelib.projects import rows
from functions.events import guard_changed
from tests.fakes.waf import ACL, FakeWaf
from tests.infra.aws_clients import Watched
from tests.infra.rights import allowed, roles
from tests.infra.stacks import Stacks
from tests.infra.test_grants import Cloud, cloud  # noqa: F401  # a fixture
from tests.infra.used import unused

DENY = {"addresses": {"allow": ["192.0.2.0/24"], "deny": ["198.51.100.0/24"]}}


class House:
    """A project whose guard changes, and the firewall in front of it."""

    def __init__(self, cloud: Cloud, firewall: FakeWaf) -> None:  # noqa: F811
        self.cloud, self.firewall, self.id = cloud, firewall, cloud.project["id"]
        self.path = f"/v1/projects/{self.id}/guard"

    def put(self, **parts: Any) -> str:
        """A person changes the guard, and the event comes."""
        with self.cloud.calls.by("api"):
            answer = self.cloud.client.put(self.path, parts)
        assert answer.status == 200, answer.text
        return self.event()

    def event(self) -> str:
        with self.cloud.calls.by("on-guard-changed"):
            return guard_changed.handler({"detail": {"project": self.id}}, None)["outcome"]

    def shown(self) -> Any:
        return self.cloud.client.get(self.path).json()


@pytest.fixture
def house(
    cloud: Cloud,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> House:
    backend = FakeWaf()
    made = Watched(cloud.calls, "wafv2", backend).client()
    monkeypatch.setattr(waf, "client", lambda _service, _region: made)
    monkeypatch.setattr(waf.time, "sleep", lambda _: None)
    here = replace(config.settings(), firewall=ACL, prefix=cloud.calls.names.of.prefix)
    monkeypatch.setattr(guard_changed, "settings", lambda: here)
    return House(cloud, backend)


def test_a_guard_may_do_what_it_does(made: Stacks, house: House) -> None:
    if made.profile != "production":
        pytest.skip("it has no firewall")
    house.cloud.calls.names = made.names  # from here on it happens in that installation
    house.cloud.calls.made.clear()
    prefix = made.names.of.prefix
    assert house.put(**DENY, under_attack=True) == "put"
    assert house.put(bots={"known": "block"}) == "put"
    assert house.firewall.named() == {f"{prefix}-guard-{house.id}-50"}
    rates = [{"name": str(n), "path": "/a/*", "key": "header:x", "limit": 10} for n in range(4)]
    assert house.put(**DENY, rates=rates) == "put"
    house.cloud.client.delete(f"/v1/projects/{house.id}")
    assert house.event() == "removed"
    assert house.firewall.things == {}
    there, calls = roles(made), house.cloud.calls
    refused = sorted(call for call in calls.made if not allowed(there[call[0]], *call[1:]))
    assert refused == []
    assert unused(calls, "on-guard-changed") == set()


def test_what_aws_refuses_is_shown_until_it_is_mended(house: House) -> None:
    house.firewall.most_rates = 0
    assert house.put(under_attack=True) == "refused"
    assert "10 rates" in house.shown()["fault"]
    house.firewall.most_rates = 10
    assert house.event() == "put"
    assert house.shown()["fault"] == ""
    assert house.put() == "removed"


def test_a_guard_that_changes_meanwhile_is_put_once_more(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, changed = waf.Firewall.put, []

    def slowly(self: Any, *told: Any) -> None:
        put(self, *told)
        if not changed:
            changed.append(house.cloud.client.put(house.path, {}).status)

    monkeypatch.setattr(waf.Firewall, "put", slowly)
    assert house.put(**DENY) == "removed"
    assert (changed, house.firewall.things) == ([200], {})


def test_domains_that_are_proven_are_guarded_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = rows.get(house.id)
    assert project is not None
    for host, proven in (("www.ours.com", True), ("www.wanted.com", False)):
        row = domains.new(house.id, project.team, host, "usr_1")
        row.save()
        if proven:
            domains.new_claim(row, 1).save()
    assert house.put(under_attack=True) == "put"
    rules = str(house.firewall.things)
    assert r"www\\.ours\\.com" in rules
    assert "wanted" not in rules


def test_a_project_that_nobody_knows_is_removed(house: House) -> None:
    house.put(under_attack=True)
    gone = guard_changed.handler({"detail": {"project": "prj_" + "0" * 26}}, None)
    assert gone == {"outcome": "removed"}
    assert house.firewall.guards() == [f"guard-{house.id}"]
