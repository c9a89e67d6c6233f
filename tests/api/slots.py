"""An installation whose teams have few slots."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.house import House, house


@pytest.fixture
def small(database: Any, services: Any, monkeypatch: Any) -> House:
    return house(services, monkeypatch)
