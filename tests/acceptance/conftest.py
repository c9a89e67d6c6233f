"""Which hosts are asked, and as whom."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.acceptance import client
from tests.acceptance.client import Api, Json
from tests.acceptance.hosts import NAMES, Host, serving
from tests.e2e.asking import until
from tests.e2e.cloud import Cloud

HERE = Path(__file__).parent
REMOTE = os.environ.get("ACCEPTANCE_API", "").rstrip("/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here: it starts a whole cloud, and runs apart from the quick tests."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def cloud(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """An embedded cloud in a folder of its own; after a failure the folder stays."""
    folder = Path(tempfile.mkdtemp(prefix="clouddeck-acceptance-"))
    running = Cloud(folder / "home")
    try:
        running.up()
        yield running
    finally:
        running.down()
    until(lambda: not running.leftovers(), 5)
    if request.session.testsfailed:
        print(f"the folder of the cloud is {folder}")
    else:
        shutil.rmtree(folder)


@pytest.fixture(scope="session", params=["remote"] if REMOTE else NAMES)
def host(request: pytest.FixtureRequest) -> Iterator[Host]:
    """Each host in turn, or the one that the environment names."""
    if request.param == "remote":
        given = {name: os.environ.get(f"ACCEPTANCE_{name.upper()}", "") for name in FIELDS}
        yield Host("remote", REMOTE, **given)
        return
    with serving(request.param, request.getfixturevalue("cloud")) as started:
        yield started


FIELDS = ("email", "password", "edge")


@pytest.fixture(scope="session")
def anonymous(host: Host) -> Api:
    """The API without a sign-in."""
    return Api(host.api)


@pytest.fixture(scope="session")
def login(host: Host, anonymous: Api) -> Callable[[], Json]:
    """Signs in anew and gives the tokens."""
    who = {"email": host.email, "password": host.password}
    return lambda: dict(anonymous.post("/auth/login", who))


@pytest.fixture(scope="session")
def api(anonymous: Api, login: Callable[[], Json]) -> Api:
    """The API as somebody who is signed in."""
    return anonymous.signed_in(login()["access_token"])


@pytest.fixture
def make_project(api: Api) -> Iterator[Callable[..., Json]]:
    """Makes projects, which are deleted afterwards."""
    made: list[str] = []

    def make(**fields: Any) -> Json:
        name = f"acceptance-{secrets.token_hex(5)}"
        project: Json = api.post("/projects", {"name": name, **fields})
        made.append(project["id"])
        return project

    yield make
    for identifier in made:
        api.call("DELETE", f"/projects/{identifier}")


@pytest.fixture
def project(make_project: Callable[..., Json]) -> Json:
    """A project without a deployment."""
    return make_project()


@pytest.fixture
def site(host: Host) -> Callable[..., requests.Response]:
    """Asks a site the way a browser would; without an edge the test is passed over."""
    if not host.edge:
        pytest.skip("this host has no edge (ACCEPTANCE_EDGE)")
    return lambda url, path="/": client.visit(host.edge, url, path)
