"""One embedded cloud for all tests of this folder, in a folder of its own and on free ports."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.asking import Json, until
from tests.e2e.cloud import Cloud
from tests.e2e.person import Person, Site
from tests.e2e.surroundings import EXAMPLES
from tests.fakes.nameserver import Nameserver

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here: it starts a whole cloud."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def nameserver() -> Iterator[Nameserver]:
    """The name server that the cloud asks about domains."""
    server = Nameserver()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def cloud(request: pytest.FixtureRequest, nameserver: Nameserver) -> Iterator[Cloud]:
    """A running cloud; stopped at the end, when nothing of it may be left.

    After a failure its folder stays, for the logs.
    """
    folder = Path(tempfile.mkdtemp(prefix="clouddeck-e2e-"))
    running = Cloud(folder / "home", more={"CLOUDDECK_NAMESERVER": nameserver.address})
    try:
        running.up()
        yield running
    finally:
        began = time.monotonic()
        running.down()
        print(f"down after {time.monotonic() - began:.1f} s")
    until(lambda: not running.leftovers(), 5)
    assert running.leftovers() == []
    if request.session.testsfailed:
        print(f"the folder of the cloud is {folder}")
    else:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def person(cloud: Cloud) -> Person:
    """Somebody who is signed in."""
    somebody = Person(cloud, cloud.home.parent / "person")
    somebody.sign_in()
    return somebody


@pytest.fixture(scope="session")
def examples(person: Person) -> dict[str, tuple[Site, Json]]:
    """All four examples, pushed at the same time, each with its first deployment, ready."""
    names = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())
    with ThreadPoolExecutor(len(names)) as pool:
        return dict(zip(names, pool.map(lambda name: _pushed(person, name), names), strict=True))


def _pushed(person: Person, name: str) -> tuple[Site, Json]:
    began = time.monotonic()
    if name == "static-2000":
        site = person.site(name, {"README.md": "Two thousand files.\n"})
        (site.folder / "README.md").unlink()
        generate = str(EXAMPLES / name / "generate.py")
        person.run(site.folder, sys.executable, generate, str(site.folder))
    else:
        site = person.site(name, EXAMPLES / name)
    deployment = site.publish()
    took = time.monotonic() - began
    print(f"{name}: live after {took:.1f} s", *_stages(deployment))
    return site, deployment


def _stages(deployment: Json) -> Iterator[str]:
    for stage in deployment["stages"]:
        begun, ended = map(datetime.fromisoformat, (stage["started_at"], stage["ended_at"]))
        yield f"{stage['name']} {(ended - begun).total_seconds():.1f}"


@pytest.fixture(scope="session")
def plain(person: Person) -> Site:
    """A site without a build, for tests that only need one; the first version is live."""
    site = person.site("plain", {"index.html": "<h1>one</h1>\n", "logo.svg": "<svg/>\n"})
    site.publish()
    return site


@pytest.fixture
def api(cloud: Cloud) -> Any:
    """The API with a key of the owner."""
    return cloud.api
