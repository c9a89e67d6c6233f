"""Fixtures for every test: a real database in memory, fakes for the ports, an API client.

The settings stand in the environment before anything of the product is imported, because row
classes take their table names from them. Only tests that ask for `database` (or for something
that needs it) start the database.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from typing import Any

os.environ.update(
    CLOUDDECK_PREFIX="test",
    CLOUDDECK_CLOUD="local",
    CLOUDDECK_HOME=tempfile.mkdtemp(prefix="clouddeck-test-"),
    CLOUDDECK_LOCAL_SECRET="a secret of the tests",
    CLOUDDECK_RATE_FACTOR="0",  # all of them come from one address; tests of limits set their own
    AWS_REGION="us-east-1",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
    AWS_EC2_METADATA_DISABLED="true",
    POWERTOOLS_LOG_LEVEL="CRITICAL",
)
for _name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE"):
    os.environ.pop(_name, None)

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

from tests.fakes import database as dynoxide  # noqa: E402
from tests.fakes import short_way  # noqa: E402

settings.register_profile("clouddeck", deadline=None)  # a busy machine is no fault
settings.load_profile("clouddeck")

SHARED = (
    "tests/aws/",
    "tests/acceptance/",
    "tests/infra/",
    "tests/machines/",
    "tests/unit/package/test_layers.py",
)
"""Folders and files whose tests share what takes long to make, or a place on the disk."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Side by side, one worker runs a whole file, and one worker all that is SHARED.

    What a file makes for its tests (an edge, a site of all the docs) is made once that way, and
    not once by every worker.
    """
    from xdist.scheduler import LoadFileScheduling

    if config.getvalue("dist") != "loadfile":
        return None

    class TogetherScheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _shared(nodeid) or str(super()._split_scope(nodeid))

    return TogetherScheduling(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Side by side, what is SHARED begins first, so that nobody waits for it at the end."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _shared(item.nodeid) is None)


def _shared(nodeid: str) -> str | None:
    return next((one for one in SHARED if nodeid.startswith(one)), None)


@pytest.fixture(scope="session")
def _database() -> Iterator[Any]:
    port = dynoxide.free_port()
    os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = f"http://127.0.0.1:{port}"
    process = dynoxide.start(port)
    import boto3

    client = boto3.client("dynamodb")
    dynoxide.make_tables(client, "test")
    short_way.install(port)
    _hash_lightly()
    yield client
    process.kill()
    process.wait()


def _hash_lightly() -> None:
    """Thousands of accounts are made here, and slow hashing would be half of the time it takes."""
    from argon2 import PasswordHasher

    from chalicelib.identity.actions import users

    light = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    users._hasher = lambda: light  # type: ignore[assignment]


@pytest.fixture
def database(_database: Any) -> Any:
    """A boto3 client of the database; the tables are empty when the test starts."""
    dynoxide.wipe(_database, "test")
    return _database


@pytest.fixture
def services() -> Any:
    """Fresh fakes behind `chalicelib.ports.services()`."""
    import app  # noqa: F401  # first, because it installs the services of the cloud
    from chalicelib import wiring
    from tests.fakes import fake_services

    fakes = fake_services()
    wiring.install(lambda: fakes)
    return fakes


@pytest.fixture
def api(database: Any, services: Any) -> Any:
    """A client of the whole API; see `tests.fakes.client.Client`."""
    from tests.fakes.client import Client

    return Client()


@pytest.fixture
def owner(api: Any) -> Any:
    """An account with its personal team, signed in; `owner.client` is an API client."""
    from tests.fakes.people import person

    return person(api)
