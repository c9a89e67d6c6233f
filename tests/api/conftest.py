"""What several tests of the API begin with."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from adapters.local.idp import keys
from chalicelib import wiring
from chalicelib.core import nameservers
from tests.fakes import fake_services, world
from tests.fakes.client import Client
from tests.fakes.domains import project_of
from tests.fakes.nameserver import Nameserver

RSA_KEYS = 8
"""More than the identity providers of one test, and their changes of keys, need."""

_worlds: list[world.World] = []


@pytest.fixture(autouse=True, scope="session")
def _few_rsa_keys() -> Iterator[None]:
    """Identity providers of these tests take their RSA keys in turn: to make one takes 50 ms."""
    made: list[rsa.RSAPrivateKey] = []
    turns = itertools.count()

    def taken(public_exponent: int, key_size: int) -> rsa.RSAPrivateKey:
        if len(made) < RSA_KEYS:
            made.append(rsa.generate_private_key(public_exponent, key_size))
        return made[next(turns) % RSA_KEYS]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "rsa", SimpleNamespace(generate_private_key=taken))
        yield


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
