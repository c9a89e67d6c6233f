"""Releases: what is frozen with a deployment, what differs of two, what a rollback returns."""

from __future__ import annotations

import hashlib
import io
import itertools
import tarfile
from typing import Any

import pytest

from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import order
from chalicelib.core import clock
from chalicelib.deployments import rows
from chalicelib.deployments.actions import create
from chalicelib.git.rules import Push
from chalicelib.projects.actions import schedules
from tests.fakes import line

_numbers = itertools.count(1_830_000_000_000_000_000, 1_000_000)
NIGHTLY = '[[schedules]]\nname = "nightly"\ncron = "0 3 * * *"\n'
HOURLY = '[[schedules]]\nname = "hourly"\ncron = "0 * * * *"\ntimezone = "Europe/Berlin"\n'


@pytest.fixture
def project(owner: Any) -> str:
    answer = owner.client.post("/v1/projects", {"name": "Shop", "slug": "shop"})
    assert answer.status == 201, answer.text
    return str(answer.json()["id"])


def archive(texts: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, text in texts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()


def pushed(services: Any, project: str, toml: str, files: dict[str, bytes]) -> str:
    sequence = next(_numbers)
    commit = f"{sequence:040x}"
    texts = {"index.html": str(sequence), "clouddeck.toml": toml}
    services.repositories.push(project, "main", commit, archive=archive(texts))
    row = create.from_push(Push(project, "main", commit, sequence, "usr_x"))
    assert row is not None
    line.carry(services, row.id, files)
    return str(row.id)


def in_force(owner: Any, project: str) -> dict[str, str]:
    items = owner.client.get(f"/v1/projects/{project}/schedules").json()["items"]
    return {one["name"]: one["release"] for one in items}


def test_a_rollback_returns_the_schedules_of_what_it_returns_to(
    services: Any, owner: Any, project: str
) -> None:
    made = {"name": "Mine", "branch": "main", "cron": "0 5 * * *"}
    assert owner.client.post(f"/v1/projects/{project}/schedules", made).status == 201
    first = pushed(services, project, NIGHTLY, {"index.html": b"1"})
    assert in_force(owner, project) == {"Mine": None, "nightly": first}
    second = pushed(services, project, NIGHTLY + HOURLY, {"index.html": b"2"})
    assert in_force(owner, project) == {"Mine": None, "nightly": second, "hourly": second}
    third = pushed(services, project, "", {"index.html": b"3"})
    assert in_force(owner, project) == {"Mine": None}
    owner.client.post(f"/v1/projects/{project}/rollback", {"to": first})
    assert in_force(owner, project) == {"Mine": None, "nightly": first}
    owner.client.post(f"/v1/projects/{project}/promote", {"deployment": third})
    assert in_force(owner, project) == {"Mine": None}


def test_a_declared_schedule_is_changed_in_the_repository_alone(
    services: Any, owner: Any, project: str
) -> None:
    pushed(services, project, NIGHTLY, {"index.html": b"1"})
    (found,) = owner.client.get(f"/v1/projects/{project}/schedules").json()["items"]
    path = f"/v1/projects/{project}/schedules/{found['id']}"
    for answer in (owner.client.patch(path, {"enabled": False}), owner.client.delete(path)):
        assert (answer.status, answer.json()["code"]) == (409, "schedule_declared")


def test_a_declared_schedule_fires_for_the_live_release_only(
    services: Any, owner: Any, project: str
) -> None:
    from chalicelib.deployments.actions import moving
    from chalicelib.deployments.actions.moving import Move
    from chalicelib.projects import rows as project_rows

    first = pushed(services, project, "", {"index.html": b"1"})
    second = pushed(services, project, NIGHTLY, {"index.html": b"2"})
    day = clock.now_ms() + 25 * 3600 * 1000
    row, current = rows.get(first), project_rows.pointer(project)
    assert row is not None
    # the pointer has moved, and who moved it died before the schedules followed
    assert moving.write(Move(row, "usr_x", "", pinned=True), current) is not None
    assert in_force(owner, project) == {"nightly": second}
    assert schedules.fire_due(day) == 0
    back = rows.get(second)
    assert back is not None
    assert moving.write(Move(back, "usr_x", ""), project_rows.pointer(project)) is not None
    assert schedules.fire_due(day) == 1


@pytest.mark.parametrize(
    "toml",
    [
        '[[schedules]]\nname = "x"\n',
        '[[schedules]]\nname = "x"\ncron = "nonsense"\n',
        '[[schedules]]\nname = "x"\ncron = "0 3 * * *"\ntimezone = "Mars/Crater"\n',
        '[[schedules]]\nname = "x"\ncron = "0 3 * * *"\nbranch = "main"\n',
        "[schedules]\n",
        NIGHTLY + NIGHTLY,
        NIGHTLY.replace("nightly", "") + "",
    ],
)
def test_a_faulty_declaration_fails_the_deployment_and_says_where(
    services: Any, owner: Any, project: str, toml: str
) -> None:
    made = pushed(services, project, toml, {"index.html": b"1"})
    shown = owner.client.get(f"/v1/deployments/{made}").json()
    assert (shown["state"], shown["error"]["code"]) == ("failed", "schedules_invalid")
    assert "clouddeck.toml" in shown["error"]["message"]


def test_a_release_freezes_what_a_build_was_given(services: Any, owner: Any, project: str) -> None:
    path = f"/v1/projects/{project}/env"
    for name, value in (("API_URL", "https://a.example"), ("TOKEN", "hunter22")):
        owner.client.put(f"{path}/{name}", {"value": value, "secret": name == "TOKEN"})
    first = pushed(services, project, NIGHTLY, {"index.html": b"1", "a.js": b"a"})
    owner.client.put(f"{path}/TOKEN", {"value": "hunter23", "secret": True})
    owner.client.put(f"{path}/EXTRA", {"value": "1", "secret": False})
    second = pushed(services, project, HOURLY, {"index.html": b"22", "b.js": b"b"})
    release = owner.client.get(f"/v1/deployments/{first}/release").json()
    assert release["variables"] == ["API_URL", "TOKEN"]
    assert (release["files"], release["schedules"][0]["name"]) == (2, "nightly")
    answer = owner.client.get(f"/v1/deployments/{first}/diff/{second}")
    assert answer.status == 200, answer.text
    found = answer.json()
    assert found["files"]["added"] == [{"path": "b.js", "before": None, "after": 1}]
    assert found["files"]["removed"] == [{"path": "a.js", "before": 1, "after": None}]
    assert found["files"]["changed"] == [{"path": "index.html", "before": 1, "after": 2}]
    assert found["variables"] == {"added": ["EXTRA"], "removed": [], "changed": ["TOKEN"]}
    assert [one["name"] for one in found["schedules"]["added"]] == ["hourly"]
    assert [one["name"] for one in found["schedules"]["removed"]] == ["nightly"]
    assert found["rules"]["same"] is True
    assert "hunter" not in answer.text
    same = owner.client.get(f"/v1/deployments/{first}/diff/{first}").json()
    assert same["same"] is True
    built = build_rows.get(order.build_id(first))
    assert built is not None
    assert hashlib.sha256(b"hunter22").hexdigest()[:16] not in str(built.named)


def test_the_rules_that_differ_are_told(services: Any, owner: Any, project: str) -> None:
    page = {"index.html": b"1"}
    first = pushed(services, project, "", page | {"_redirects": b"/a /b 301\n/x /y\n"})
    second = pushed(services, project, "", page | {"_redirects": b"# moved\n/a /c 301\n/x /y\n"})
    found = owner.client.get(f"/v1/deployments/{first}/diff/{second}").json()["rules"]
    assert found["same"] is False
    assert [(one["pattern"], one["to"]) for one in found["added"]] == [("/a", "/c")]
    assert [(one["pattern"], one["to"]) for one in found["removed"]] == [("/a", "/b")]


def test_two_projects_are_not_compared(services: Any, owner: Any, project: str) -> None:
    other = owner.client.post("/v1/projects", {"name": "Other"}).json()["id"]
    first = pushed(services, project, "", {"index.html": b"1"})
    theirs = pushed(services, other, "", {"index.html": b"1"})
    answer = owner.client.get(f"/v1/deployments/{first}/diff/{theirs}")
    assert (answer.status, answer.json()["code"]) == (409, "other_project")
    answer = owner.client.get(f"/v1/deployments/{first}/diff/dpl_{'0' * 26}")
    assert (answer.status, answer.json()["code"]) == (404, "other_not_found")
