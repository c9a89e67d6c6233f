"""What was built from the same inputs is not built again; whatever else differs is."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.artifacts import actions as artifacts
from chalicelib.artifacts import rules as artifact_rules
from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import loglines, order
from chalicelib.core.actor import Actor
from chalicelib.deployments import rows
from chalicelib.deployments.actions import create, previews, pulls, steps
from chalicelib.projects import actions as projects
from chalicelib.projects import rows as project_rows
from chalicelib.projects.actions import variables
from chalicelib.projects.actions.sealing import Scope, Wish
from chalicelib.teams import actions as teams
from tests.api.pulls import again, at, ready, sha
from tests.fakes.pull_host import PullHost, connected


def tree(files: dict[str, str]) -> bytes:
    """A source as git hosts pack it."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as archive,
    ):
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return packed.getvalue()


SAME = {"index.html": "<h1>hello</h1>", "package.json": "{}"}


class TreeHost(PullHost):
    """Its commits have trees."""

    trees: dict[str, dict[str, str]]

    def fetch(self, _link: Any, commit: str, into: Any, _limit: int) -> None:
        into.write(tree(self.trees.get(commit, SAME)))


@pytest.fixture
def actor(database: Any, services: Any) -> Actor:
    user = teams.create_owner_account("ada@example.com", "Ada", "correct horse battery")
    return Actor(kind="user", id=user.id, user=user.id)


@pytest.fixture
def project(actor: Actor) -> project_rows.Project:
    made = projects.create(actor, "Shop")
    made.update(actions=[project_rows.Project.production_branch.set("main")])
    return made


@pytest.fixture
def host(project: Any) -> Iterator[TreeHost]:
    made = TreeHost()
    made.trees = {}
    with connected(made, project):
        yield made


def built(row: rows.Deployment) -> bool:
    return build_rows.get(order.build_id(row.id)) is not None


def pushed(host: TreeHost, project: Any, branch: str, commit: str) -> rows.Deployment:
    row = create.from_push(host.push(project.id, branch, commit, at()))
    assert row is not None
    return row


def test_the_same_tree_is_built_once(services: Any, project: Any, host: TreeHost) -> None:
    first = ready(services, pushed(host, project, "a", sha("1")))
    second = ready(services, pushed(host, project, "b", sha("2")))
    assert built(first)
    assert not built(second)
    assert second.restored == first.id
    assert artifacts.listing(second.id) == artifacts.listing(first.id)
    assert (second.files, second.framework) == (first.files, first.framework)
    assert services.edge.routes["b--shop"].production == second.id
    [line, *_] = loglines.after(second.id, 0, 10)
    assert first.id in line["text"]
    third = ready(services, pushed(host, project, "c", sha("3")))
    assert third.restored == first.id


def test_the_step_that_runs_again_says_the_same(
    services: Any, project: Any, host: TreeHost
) -> None:
    ready(services, pushed(host, project, "a", sha("1")))
    second = pushed(host, project, "b", sha("2"))
    assert steps.prepare(second.id) == {"outcome": "restored"}
    assert steps.prepare(second.id) == {"outcome": "restored"}
    assert steps.package(second.id) == {"outcome": "ok"}
    assert steps.prepare(second.id) == {"outcome": "restored"}


@pytest.mark.parametrize("what", ["tree", "environment", "settings", "variable", "trust"])
def test_whatever_else_differs_is_built(
    services: Any, project: Any, host: TreeHost, actor: Actor, what: str
) -> None:
    ready(services, pushed(host, project, "a", sha("1")))
    branch = "b"
    if what == "tree":
        host.trees[sha("2")] = {**SAME, "index.html": "<h1>other</h1>"}
    elif what == "environment":
        branch = "main"
    elif what == "settings":
        project.update(actions=[project_rows.Project.settings.set({"build_command": "make"})])
    elif what == "variable":
        scope, wish = Scope("preview"), Wish("API_URL", "x")
        variables.put_variable(actor, project, scope, wish)
    if what == "trust":
        event = host.open(project.id, 7, sha("2"), at(), fork=True)
        row = ready(services, pulls.receive(event))
    else:
        row = ready(services, pushed(host, project, branch, sha("2")))
    assert built(row)
    assert row.restored is None


def test_what_was_removed_is_not_taken(services: Any, project: Any, host: TreeHost) -> None:
    event = host.open(project.id, 7, sha("1"), at())
    first = ready(services, pulls.receive(event))
    kept = pushed(host, project, "b", sha("2"))
    assert steps.prepare(kept.id) == {"outcome": "restored"}
    pulls.receive(host.close(event, at()))
    assert again(first).removed_at
    assert artifact_rules.manifest_key(first.id) not in services.store.objects
    # the one that was on its way has a list of its own, and goes on
    assert steps.package(kept.id) == {"outcome": "ok"}
    later = ready(services, pushed(host, project, "c", sha("3")))
    assert built(later)
    assert previews.expire() == 0


def test_files_that_are_gone_are_built_again(services: Any, project: Any, host: TreeHost) -> None:
    ready(services, pushed(host, project, "a", sha("1")))
    blobs = [key for key in services.store.objects if key.startswith("blobs/")]
    services.store.delete(blobs)
    second = ready(services, pushed(host, project, "b", sha("2")))
    assert second.restored is None
    assert built(second)


def test_a_variable_that_changed_while_its_build_waited_is_no_hit(
    services: Any, project: Any, host: TreeHost, actor: Actor
) -> None:
    scope = Scope("preview")
    variables.put_variable(actor, project, scope, Wish("API_URL", "old"))
    first = pushed(host, project, "a", sha("1"))
    assert steps.prepare(first.id) == {"outcome": "ok"}
    variables.put_variable(actor, project, scope, Wish("API_URL", "new"))
    ready(services, first)
    variables.put_variable(actor, project, scope, Wish("API_URL", "old"))
    later = ready(services, pushed(host, project, "b", sha("2")))
    assert later.restored is None
