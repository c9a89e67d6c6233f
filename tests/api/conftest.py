"""What several tests of the API begin with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.core import nameservers
from tests.fakes.domains import project_of
from tests.fakes.nameserver import Nameserver


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
