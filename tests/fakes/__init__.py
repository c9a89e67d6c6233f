"""Little working stand-ins for every port, one class per port.

They subclass the Protocols of `chalicelib.ports`, so a method that is added there and not here
shows up in mypy. Each one keeps what it was told in plain attributes for tests to look at.
"""

from __future__ import annotations

from chalicelib.ports import Services
from tests.fakes.hosts import FakeDomains, FakeZones
from tests.fakes.keys import FakeKeys
from tests.fakes.live import FakeLive
from tests.fakes.mail import FakeMail
from tests.fakes.repositories import FakeRepositories
from tests.fakes.runners import FakeBuilder
from tests.fakes.sites import FakeEdge
from tests.fakes.store import FakeStore
from tests.fakes.workflow import FakeBus, FakeWorkflow

__all__ = [
    "FakeBuilder",
    "FakeBus",
    "FakeDomains",
    "FakeEdge",
    "FakeKeys",
    "FakeLive",
    "FakeMail",
    "FakeRepositories",
    "FakeStore",
    "FakeWorkflow",
    "FakeZones",
    "fake_services",
]


def fake_services() -> Services:
    """A fresh set of fakes."""
    return Services(
        store=FakeStore(),
        workflow=FakeWorkflow(),
        bus=FakeBus(),
        builder=FakeBuilder(),
        edge=FakeEdge(),
        keys=FakeKeys(),
        repositories=FakeRepositories(),
        live=FakeLive(),
        mail=FakeMail(),
        domains=FakeDomains(),
        zones=FakeZones(),
    )
