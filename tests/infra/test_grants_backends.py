"""Grants are enough for asking backends, and for no more."""

from __future__ import annotations

import pytest

from chalicelib.edge.rules.routing.codec import digest_of, encode
from chalicelib.edge.rules.routing.model import Backend, Origin, Routing
from chalicelib.projects import rows
from chalicelib.protection.actions import health as backends
from chalicelib.protection.rules.health import Found
from functions.schedules import health
from tests.infra.rights import allowed, roles
from tests.infra.stacks import Stacks
from tests.infra.test_grants import Cloud, cloud  # noqa: F401  # a fixture


@pytest.mark.parametrize("made", ["hobby"], indirect=True)
def test_the_one_that_asks_backends_may_do_what_it_does(
    made: Stacks,
    cloud: Cloud,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project, team = cloud.project["id"], cloud.project["team"]
    backend = Backend("api", (Origin("a", "https://a.example"),), health="/up")
    data = encode(Routing(backends=(backend,)))
    digest = digest_of(data)
    cloud.services.store.put(f"rules/{team}/{digest}.json", data)
    backends.follow(project, team, ["dpl_1"], lambda _: [digest])
    monkeypatch.setattr(backends, "_ask", lambda _: Found(0, 1, "nobody there"))
    with cloud.calls.by("health"):
        health.handler({}, None)
        assert health.handler({}, None) == {"projects": 1, "origins": 1, "down": 1}
    assert rows.get(project).down == ["api.a"]
    there = roles(made)
    refused = sorted(call for call in cloud.calls.made if not allowed(there[call[0]], *call[1:]))
    assert refused == []
    assert "health" in {function for function, _, _ in cloud.calls.made}
    assert not allowed(there["health"], "kms:Decrypt", "<data-key>")
