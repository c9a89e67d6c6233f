"""Whoever connects is the one who asks, whatever they say of themselves."""

from __future__ import annotations

import asyncio

import pytest
import uvicorn

from adapters.local.gateway import __main__ as gateway


@pytest.fixture
def served(monkeypatch):
    """The server's configuration around an application that remembers whom it heard from."""
    heard = []

    async def application(scope, receive, send):
        heard.append(scope["client"])

    given = {}
    monkeypatch.setattr(gateway, "application", lambda: application)
    monkeypatch.setattr(gateway.sys, "setswitchinterval", lambda _: None)
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: given.update(options, app=app))
    gateway.main()
    config = uvicorn.Config(**given)
    config.load()
    return config.loaded_app, heard


def test_x_forwarded_for_is_not_believed(served):
    app, heard = served
    scope = {
        "type": "http",
        "client": ("127.0.0.1", 5),
        "scheme": "http",
        "headers": [(b"x-forwarded-for", b"203.0.113.9"), (b"x-forwarded-proto", b"https")],
    }
    asyncio.run(app(scope, None, None))
    assert heard == [("127.0.0.1", 5)]
