"""Sites outlive the control plane."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.e2e.asking import until
from tests.e2e.cloud import Cloud
from tests.e2e.person import Site
from tests.e2e.test_examples import Examples

CONTROL_PLANE = ("gateway", "dynoxide", "ministack")


@pytest.fixture(scope="module")
def copied(cloud: Cloud, examples: Examples) -> None:
    """The edge has had the time to copy what is live."""
    for site, deployment in examples.values():
        files = site.api.items(f"/deployments/{deployment['id']}/files")
        digests = {file["sha256"] for file in files}
        until(lambda site=site, d=digests: cloud.edge_has(site.project["team"], d), 120)


@pytest.fixture
def frozen(cloud: Cloud, copied: None) -> Iterator[None]:
    """Everything but the edge has stopped and answers nobody."""
    pids = [cloud.pid(part) for part in CONTROL_PLANE]
    cloud.kill(*CONTROL_PLANE, number=signal.SIGSTOP)
    yield
    for pid in pids:
        cloud.signal(pid, signal.SIGCONT)
    until(cloud.all_ready, 60)


def pages_are_there(examples: Examples, step: int) -> None:
    for site, deployment in examples.values():
        assert site.page("/").status == 200
        assert site.page("/", deployment["url"]).status == 200
    big, _ = examples["static-2000"]
    for number in range(step, 600, 61):
        answer = big.page(f"/cards/{number:05d}")
        assert (answer.status, f"{number:05d}" in answer.text) == (200, True)
    assert big.page("/cards/99999").status == 404


def test_sites_answer_while_everything_else_hangs(
    frozen: None, examples: Examples, plain: Site
) -> None:
    """Pages that nobody has asked for before, too."""
    pages_are_there(examples, 1)
    assert plain.page("/").status == 200


def test_sites_answer_while_everything_else_is_dead(
    cloud: Cloud, copied: None, examples: Examples, plain: Site
) -> None:
    before = {part: cloud.status()["processes"][part]["restarts"] for part in CONTROL_PLANE}
    cloud.kill(*CONTROL_PLANE)
    pages_are_there(examples, 2)
    until(cloud.all_ready, 60)
    rows = cloud.status()["processes"]
    assert all(rows[part]["restarts"] > before[part] for part in CONTROL_PLANE)
    assert cloud.api.get("/health") == {"status": "ok"}
    plain.publish({"index.html": "<h1>after the outage</h1>\n"})
    assert until(lambda: plain.shows("after the outage"), 5)


def test_the_edge_comes_back(cloud: Cloud, plain: Site) -> None:
    cloud.kill("edge")
    until(cloud.all_ready, 30)
    assert plain.page("/").status == 200
