"""A team with SAML, and everything around it."""

from __future__ import annotations

import pytest

import app  # noqa: F401  # registers every route
from chalicelib import wiring
from tests.fakes import fake_services
from tests.fakes.client import Client
from tests.fakes.nameserver import Nameserver
from tests.fakes.people import person
from tests.fakes.saml_idp import (
    SamlIdp,
)
from tests.fakes.saml_team import Team


@pytest.fixture(scope="module")
def server():
    running = Nameserver()
    yield running
    running.stop()


@pytest.fixture
def names(monkeypatch, server):
    from chalicelib.accounts.actions import domains

    monkeypatch.setattr(domains, "resolver", server.resolver)
    return server


@pytest.fixture(scope="module")
def idp():
    return SamlIdp()


_kept = []


@pytest.fixture
def team(_database, idp, names):
    """A team, kept from test to test as long as nobody empties the database."""
    if _kept:
        found, services = _kept[0]
        wiring.install(lambda: services)
        if found.idp is idp and found.owner.client.get("/v1/me").status == 200:
            found.come()
            return found
    services = fake_services()
    wiring.install(lambda: services)
    api = Client()
    _kept[:] = [(Team(api, person(api), idp, names), services)]
    return _kept[0][0]


@pytest.fixture
def own_team(api, owner, idp, names):
    """A team for a test that changes it."""
    return Team(api, owner, idp, names)
