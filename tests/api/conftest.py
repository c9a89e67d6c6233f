"""What several tests of the API begin with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.core import nameservers
from tests.fakes import fake_services, world
from tests.fakes.client import Client
from tests.fakes.domains import project_of
from tests.fakes.nameserver import Nameserver

_worlds: list[world.World] = []


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Nameserver]:
    """The name server that everything of the product asks."""
    server = Nameserver()
    monkeypatch.setattr(nameservers, "resolver", server.resolver)
    yield server
    server.stop()


@pytest.fixture
def project(owner: Any) -> str:
    """A project of the owner's team."""
    return project_of(owner)


@pytest.fixture
def here(_database: Any) -> world.World:
    """A world, kept from test to test as long as nobody empties the database."""
    if _worlds:
        wiring.install(lambda: _worlds[0].services)
        if world.alive(_worlds[0]):
            return _worlds[0]
    services = fake_services()
    wiring.install(lambda: services)
    _worlds[:] = [world.build(Client(), services)]
    return _worlds[0]
