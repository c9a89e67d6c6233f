"""Grants are enough for rollouts, for the edges' totals and for CloudFront's log."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from chalicelib import resources
from chalicelib.clouds.aws import logs
from chalicelib.core import clock, ids
from chalicelib.deployments.actions import pointer
from chalicelib.rollouts import rows as rollout_rows
from chalicelib.rollouts.rules import states
from chalicelib.traffic.rules import batches
from chalicelib.traffic.rules.batches import Told
from chalicelib.traffic.rules.counts import Counts
from functions.events import edge_log, edge_traffic
from functions.rollouts import begin, look, settle, shift, withdraw
from tests.infra.rights import allowed, roles
from tests.infra.stacks import Stacks
from tests.infra.test_grants import Cloud, cloud  # noqa: F401  # a fixture
from tests.infra.used import unused
from tests.unit.traffic.test_cloudfront_log import HEAD, line


def acts(cloud: Cloud, state: Any) -> dict[str, Any]:  # noqa: F811
    """One state of the newest rollout."""
    found = cloud.services.workflow.executions
    data = [one.data for (machine, _), one in found.items() if machine == "rollout"][-1]
    with cloud.calls.by(f"rollout-{state.__name__.rpartition('.')[2]}"):
        outcome: dict[str, Any] = state.handler(data, None)
    return outcome


@pytest.mark.parametrize("made", ["hobby"], indirect=True)
def test_rollouts_may_do_what_they_do(
    made: Stacks,
    cloud: Cloud,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = f"/v1/projects/{cloud.project['id']}"
    live = cloud.deploy()
    delivery = {"strategy": "canary", "judge": {"min_requests": 1}, "checks": [{"path": "/"}]}
    with cloud.calls.by("api"):
        assert cloud.client.patch(path, {"delivery": delivery}).status == 200
    first = cloud.deploy()
    assert acts(cloud, begin)["outcome"] == "go"
    assert acts(cloud, shift)["outcome"] == "bake"
    minute = clock.iso()[:16]
    rows = [
        Told(cloud.project["id"], deployment, minute, "live", Counts(50, s2=50))
        for deployment in (first, live)
    ]
    with cloud.calls.by("on-edge-traffic"):
        event = {"detail": batches.batch("edge-1", rows)}
        assert edge_traffic.handler(event, None) == {"written": 2}
    with cloud.calls.by("api"):
        for asked in (f"{path}/traffic", f"{path}/traffic?range=1h"):
            assert cloud.client.get(asked).json()["totals"]["requests"] == 100
        team = f"/v1/teams/{cloud.project['team']}"
        assert cloud.client.get(f"{team}/overview").json()["traffic"]["requests"] == 100
        assert len(cloud.client.get(f"{team}/sites").json()["items"]) == 1
        assert cloud.client.get(f"{team}/deployments").json()["items"]
    assert acts(cloud, look)["outcome"] == "bake"
    monkeypatch.setattr(states, "LOOKS_A_RUN", 0)
    assert acts(cloud, look)["outcome"] == "over", "another execution goes on"
    with cloud.calls.by("api"):
        rollout = cloud.client.get(f"{path}/rollouts").json()["items"][0]["id"]
        for action in ("pause", "resume", "advance", "advance"):
            assert cloud.client.post(f"{path}/rollouts/{rollout}/{action}").status == 200
    assert acts(cloud, settle)["outcome"] == "over"
    cloud.deploy()
    assert acts(cloud, begin)["outcome"] == "go"
    assert acts(cloud, shift)["outcome"] == "bake"
    with cloud.calls.by("api"):
        newest = cloud.client.get(f"{path}/rollouts").json()["items"][0]["id"]
    row = rollout_rows.get(cloud.project["id"], newest)
    assert row is not None
    rollout_rows.change(row, decision="it is bad")
    assert acts(cloud, look)["outcome"] == "withdraw"
    assert acts(cloud, withdraw)["outcome"] == "over"
    cloud.deploy()
    assert acts(cloud, begin)["outcome"] == "go"
    a_person_is_faster(cloud, monkeypatch)
    rollouts_that_are_overtaken(cloud, live)
    read_the_log(cloud, monkeypatch)
    there = roles(made)
    doing = {function for function, _, _ in cloud.calls.made}
    assert {f"rollout-{s}" for s in ("begin", "shift", "look", "settle", "withdraw")} <= doing
    refused = sorted(call for call in cloud.calls.made if not allowed(there[call[0]], *call[1:]))
    assert refused == []
    doing_least = {"on-edge-traffic", "on-edge-log", *(f"rollout-{s}" for s in resources.ROLLOUT)}
    assert unused(cloud.calls, *doing_least) == set()
    usage = made.names.table_arn("usage")
    assert not allowed(there["on-edge-traffic"], "dynamodb:UpdateItem", f"{usage}#RATE")
    assert not allowed(there["rollout-look"], "dynamodb:UpdateItem", f"{usage}#TRAFFIC")
    group = made.names.arn(
        "logs",
        f"log-group:/aws/cloudfront/function/{made.names.name('viewer-request')}:*",
        "us-east-1",
    )
    assert allowed(there["on-edge-log"], "logs:FilterLogEvents", group)


def a_person_is_faster(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """A rollout is taken back while it is being shifted: the canary that it showed goes again."""
    path = f"/v1/projects/{cloud.project['id']}/rollouts"
    real = pointer.shift

    def late(*given: Any) -> Any:
        with cloud.calls.by("api"):
            newest = cloud.client.get(path).json()["items"][0]["id"]
            assert cloud.client.post(f"{path}/{newest}/abort").status == 200
        return real(*given)

    with monkeypatch.context() as patch:
        patch.setattr(pointer, "shift", late)
        assert acts(cloud, shift)["outcome"] == "over"


def rollouts_that_are_overtaken(cloud: Cloud, live: str) -> None:  # noqa: F811
    """Each of three states finds that there is nothing to be rolled out, and says so on the bus."""
    project, absent = cloud.project["id"], ids.new("dpl")
    before = len(cloud.services.bus.of("rollout.finished"))
    event = {"project": project, "rollout": ids.new("rol"), "deployment": absent, "run": 0}
    with cloud.calls.by("rollout-begin"):
        assert begin.handler(event, None)["outcome"] == "over"
    for state in (shift, look):
        told = {**event, "rollout": ids.new("rol"), "deployment": live}
        with cloud.calls.by("rollout-begin"):
            assert begin.handler(told, None)["outcome"] == "go"
        row = rollout_rows.get(project, told["rollout"])
        assert row is not None
        if state is look:
            rollout_rows.change(row, shifted=1)
        with cloud.calls.by(f"rollout-{state.__name__.rpartition('.')[2]}"):
            assert state.handler(told, None)["outcome"] == "over"
    assert len(cloud.services.bus.of("rollout.finished")) == before + 3


@pytest.mark.parametrize("made", ["hobby"], indirect=True)
def test_every_state_may_say_that_a_rollout_is_over(made: Stacks, cloud: Cloud) -> None:  # noqa: F811
    live = cloud.deploy()
    with cloud.calls.by("api"):
        path = f"/v1/projects/{cloud.project['id']}"
        assert cloud.client.patch(path, {"delivery": {"strategy": "canary"}}).status == 200
    rollouts_that_are_overtaken(cloud, live)
    there = roles(made)
    said = {who for who, action, where in cloud.calls.made if action == "events:PutEvents"}
    assert {"rollout-begin", "rollout-shift", "rollout-look"} <= said
    assert [call for call in cloud.calls.made if not allowed(there[call[0]], *call[1:])] == []


def read_the_log(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """A file of CloudFront's log arrives."""
    monkeypatch.setattr(logs.CloudWatchLogs, "since", lambda *_given, **_more: iter(()))
    key = "AWSLogs/1/CloudFront/E1.gz"
    slug = cloud.project["slug"]
    text = "".join([*HEAD, line(at=clock.now_ms(), host=f"{slug}.localhost")])
    cloud.services.store.objects[key] = gzip.compress(text.encode())
    with cloud.calls.by("on-edge-log"):
        found = edge_log.handler({"detail": {"object": {"key": key}}}, None)
    assert found == {"requests": 1, "written": 1}
