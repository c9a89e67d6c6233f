"""Grants are enough for releases: what waits goes live from the API and from the sweep, declared
schedules follow, and the edge is told of changed settings."""

from __future__ import annotations

import io
import tarfile
from typing import Any

import pytest

from functions.events import route_changed
from functions.schedules import sweep
from tests.infra.rights import allowed, roles
from tests.infra.stacks import Stacks
from tests.infra.test_grants import COMMIT, Cloud, cloud  # noqa: F401  # a fixture

TOML = b'[[schedules]]\nname = "nightly"\ncron = "0 3 * * *"\n'


def tree(number: int) -> bytes:
    """A source that declares a schedule, and is like no other."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, text in (("clouddeck.toml", TOML), ("index.html", b"%d" % number)):
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text))
    return packed.getvalue()


@pytest.mark.parametrize("made", ["hobby"], indirect=True)
def test_what_waits_goes_live(
    made: Stacks,
    cloud: Cloud,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project, path = cloud.project["id"], f"/v1/projects/{cloud.project['id']}"
    objects = cloud.services.store.objects
    first = cloud.deploy()
    for way in ("api", "sweep"):
        with cloud.calls.by("api"):
            assert cloud.client.put(f"{path}/lock", {"reason": "x"}).status == 200
        real = cloud.push

        def push(branch: str = "main", real: Any = real) -> str:
            found: str = real(branch)
            objects[f"sources/{project}/{COMMIT.format(cloud.pushes)}.tar.gz"] = tree(cloud.pushes)
            return found

        with monkeypatch.context() as patch:
            patch.setattr(cloud, "push", push)
            new = cloud.deploy()
        with cloud.calls.by("api"):
            held = cloud.client.get(f"/v1/deployments/{new}").json()["held"]
            assert held["because"] == "locked"
            if way == "api":
                assert cloud.client.delete(f"{path}/lock").status == 204
        if way == "sweep":
            from chalicelib.projects.rows import Project, get

            found = get(project)
            assert found is not None
            found.update(actions=[Project.lock.remove()])
            with cloud.calls.by("sweep"):
                assert sweep.handler({}, None)["carried_on"] == 1
        with cloud.calls.by("api"):
            assert cloud.client.get(f"{path}/pointer").json()["deployment"] == new
            (schedule,) = cloud.client.get(f"{path}/schedules").json()["items"]
            assert schedule["release"] == new
    with cloud.calls.by("api"):
        assert cloud.client.post(f"{path}/rollback", {"to": first}).status == 200
        changed = {"delivery": {"skew_seconds": 60}}
        assert cloud.client.patch(path, changed).status == 200
        assert cloud.client.get(f"/v1/deployments/{first}/diff/{new}").status == 200
        assert cloud.client.get(f"/v1/deployments/{new}/release").status == 200
    with cloud.calls.by("on-route-changed"):
        detail = {"detail": {"version": 1, "project": project}}
        assert route_changed.handler(detail, None) == {"outcome": "told"}
    there: dict[str, Any] = roles(made)
    refused = sorted(call for call in cloud.calls.made if not allowed(there[call[0]], *call[1:]))
    assert refused == []
