"""A deployment is asked for while the git host of its project does not answer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.deployments.actions import create


def test_it_is_said_that_the_host_is_away_and_nothing_begins(
    owner: Any, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: str) -> None:
        raise TimeoutError("no answer in 10 s")

    monkeypatch.setattr(create.links, "of", lambda _: SimpleNamespace(provider="git"))
    monkeypatch.setattr(create.git, "head", silent)
    answer = owner.client.post(f"/v1/projects/{project}/deployments", {"branch": "main"})
    assert (answer.status, answer.code) == (503, "git_host_unreachable")
    assert answer.headers["Retry-After"] == "30"
    assert owner.client.get(f"/v1/projects/{project}/deployments").json()["items"] == []
