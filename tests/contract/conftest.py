"""One emulator per test session and the environment of whoever talks to it; edges to start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.local import settings
from adapters.local.settings import Installation
from chalicelib.clouds.aws import session
from tests.contract.edge_sites import EdgeProcess, ObjectServer
from tests.fakes import ministack


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with ministack.running(tmp_path_factory.mktemp("ministack") / "home") as here:
        ministack.make_role(here)
        yield here


@contextmanager
def _fresh_clients() -> Iterator[None]:
    for kept in (session.client, session.credentials):
        kept.cache_clear()
    yield
    for kept in (session.client, session.credentials):
        kept.cache_clear()


@pytest.fixture
def at_emulator(emulator: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """The process environment of the product inside the embedded cloud, as far as AWS goes."""
    product = emulator.product_environment()
    for name, value in product.items():
        if name.startswith("AWS_") and not name.endswith("DYNAMODB"):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("NO_PROXY", product["NO_PROXY"])
    monkeypatch.setenv("no_proxy", product["NO_PROXY"])
    with _fresh_clients():
        yield emulator


@pytest.fixture
def at_moto() -> Iterator[str]:
    """A pretended AWS inside this process; its region."""
    from moto import mock_aws

    with mock_aws(), _fresh_clients():
        yield settings.REGION


@pytest.fixture
def bucket() -> Iterator[ObjectServer]:
    """A store for an edge."""
    server = ObjectServer()
    yield server
    server.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of an edge."""
    return tmp_path


@pytest.fixture
def start() -> Iterator[Callable[..., EdgeProcess]]:
    """`start(home, NAME=value)`: an edge process, killed at the end unless it has ended."""
    started: list[EdgeProcess] = []

    def run(home: Path, **environ: str) -> EdgeProcess:
        started.append(EdgeProcess(home, **environ))
        return started[-1]

    yield run
    for process in started:
        if process.process.poll() is None:
            process.process.kill()
            process.process.wait(10)
