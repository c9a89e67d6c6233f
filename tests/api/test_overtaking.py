"""Who supersedes whom, and those who watch: in any order, and no more than they may."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.artifacts import actions as artifacts
from chalicelib.builds.actions import report
from chalicelib.core import table
from chalicelib.core.actor import Actor
from chalicelib.deployments import rows
from chalicelib.deployments.actions import (
    create,
    steps,
    sweep,
    watch,
)
from chalicelib.git.rules import Push
from chalicelib.identity.actions import callers, sessions
from chalicelib.live import actions as live
from chalicelib.teams.rows import MemberRow
from functions.live import message
from tests.api.halfway import begun, building, impatient, state
from tests.api.pipeline import actor, project, push
from tests.fakes import line

__all__ = ["actor", "impatient", "project"]


# -- who supersedes whom


def test_a_commit_that_says_skip_ends_nobodys_deployment(services: Any, project: Any) -> None:
    row = begun(services, project)
    assert create.from_push(push(services, project, message="typo [skip ci]")) is None
    line.carry(services, row.id)
    assert state(row.id) == "ready"
    assert sweep.catch_up(project.id) == 0


def test_an_upload_from_a_checkout_of_main_is_no_push_to_main(
    services: Any, project: Any, actor: Actor
) -> None:
    row = begun(services, project)
    upload, _ = artifacts.open_upload(actor, project, "output")
    create.from_upload(actor, project, upload, False, {"branch": "main", "commit": row.commit})
    assert state(row.id) == "queued"
    head = rows.head(project.id, "main")
    assert head is not None
    assert head.deployment == row.id
    later = Push(project.id, "main", "f" * 40, int(head.sequence) + 1, "x")
    assert create.from_push(later).state == "queued"  # type: ignore[union-attr]


def test_a_push_while_a_branch_is_deployed_again_is_newer(
    services: Any, project: Any, actor: Actor, monkeypatch: Any
) -> None:
    services.repositories.push(project.id, "main", "a" * 40)
    real = services.repositories.commit

    def meanwhile(project_id: str, reference: str) -> Any:
        found = real(project_id, reference)
        pushes.append(create.time.time_ns())
        return found

    pushes: list[int] = []
    monkeypatch.setattr(services.repositories, "commit", meanwhile)
    again = create.from_reference(actor, project, "main", True)
    assert int(again.sequence) < pushes[0]


def test_the_sweep_ends_what_was_overtaken_unseen(
    services: Any, project: Any, impatient: None, monkeypatch: Any
) -> None:
    old = begun(services, project)
    steps.prepare(old.id)
    monkeypatch.setattr(create, "supersede", lambda *_: None)
    begun(services, project)
    sweep.sweep()
    assert state(old.id) == "superseded"


def test_who_comes_too_late_is_told_of_like_everybody_else(services: Any, project: Any) -> None:
    old, new = push(services, project), push(services, project)
    create.from_push(new)
    late = create.from_push(old)
    assert late is not None
    told = services.bus.of("deployment.finished")
    assert [(t["deployment"], t["state"]) for t in told] == [(late.id, "superseded")]


# -- those who watch


def test_whoever_leaves_the_team_sees_no_more(services: Any, project: Any, actor: Actor) -> None:
    row, build = building(services, project)
    begun = sessions.login("ada@example.com", "correct horse battery")
    assert isinstance(begun, sessions.Tokens)
    signed_in = callers.authenticate(begun.access_token)
    live.connect("conn", signed_in)
    watch.subscribe(signed_in, "conn", row.id, 0)
    before = len(services.live.sent["conn"])
    report.claim(build, "runner-1")
    entry = {"t": 1, "level": "info", "stage": "build", "text": "secret plan"}
    report.log(build, 1, [entry])
    assert len(services.live.sent["conn"]) == before + 1
    member = table.find(MemberRow, f"TEAM#{project.team}", f"MEMBER#{actor.user}")
    assert member is not None
    member.delete()
    report.log(build, 2, [entry])
    assert len(services.live.sent["conn"]) == before + 1


@pytest.mark.parametrize(
    "body",
    [
        '{"action":"subscribe","deployment":"x","after":Infinity}',
        '{"action":"subscribe","deployment":"' + "x" * 5000 + '"}',
        "[" * 30_000,
    ],
    ids=["infinite", "long", "deep"],
)
def test_odd_messages_are_answered(services: Any, actor: Actor, body: str) -> None:
    live.connect("conn", actor)
    event = {"requestContext": {"connectionId": "conn"}, "body": body}
    assert message.handler(event, None) == {"statusCode": 200}
    assert services.live.sent["conn"][0]["type"] == "error"
