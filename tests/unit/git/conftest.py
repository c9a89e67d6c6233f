"""Repositories and hosts on this machine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.core import config, outbound


@pytest.fixture
def nearby(monkeypatch):
    """Allows addresses of this machine, as an embedded cloud does."""
    private = replace(config.settings(), private_outbound=True)
    monkeypatch.setattr(outbound, "settings", lambda: private)
