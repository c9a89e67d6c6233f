"""The built-in remote tells of branches and of tags."""

from __future__ import annotations

import hmac
import json
from hashlib import sha256
from typing import Any

import pytest

from chalicelib.core.config import settings
from tests.fakes.client import Client
from tests.fakes.people import Person

OLD, NEW, TAGGED, ZERO = "a" * 40, "b" * 40, "c" * 40, "0" * 40


def tell(project: str, *updates: tuple[str, str, str], delivery: str = "delivery-1") -> Any:
    body = json.dumps(
        {
            "project": project,
            "updates": [
                {"ref": ref, "old": old, "new": new, "sequence": 10 + n}
                for n, (ref, old, new) in enumerate(updates)
            ],
            "pusher": "usr_x",
            "delivery": delivery,
        }
    ).encode()
    signed = hmac.new(settings().local_secret.encode(), body, sha256).hexdigest()
    answer = Client().call(
        "POST", "/v1/hooks/git", raw=body, headers={"X-CloudDeck-Signature": f"sha256={signed}"}
    )
    assert answer.status == 200, answer.text
    return answer.json()


@pytest.fixture
def project(owner: Person) -> str:
    return str(owner.client.post("/v1/projects", {"name": "site"}).json()["id"])


def test_branches_and_tags_become_events_and_what_went_away_does_not(
    project: str, services: Any
) -> None:
    services.repositories.push(project, "main", NEW)
    services.repositories.all[project].commits[TAGGED] = {"commit": NEW}  # an annotated tag
    answer = tell(
        project,
        ("refs/heads/main", OLD, NEW),
        ("refs/heads/new", ZERO, NEW),
        ("refs/heads/gone", OLD, ZERO),
        ("refs/tags/v1", ZERO, TAGGED),
        ("refs/tags/v0", OLD, ZERO),
        ("refs/notes/x", ZERO, NEW),
    )
    events = [(kind, e.get("branch") or e.get("name")) for kind, e in services.bus.events]
    assert events == [("git.push", "main"), ("git.push", "new"), ("git.tag", "v1")]
    pushes = [e for kind, e in services.bus.events if kind == "git.push"]
    assert [e["previous"] for e in pushes] == [OLD, ""]
    (tag,) = [e for kind, e in services.bus.events if kind == "git.tag"]
    assert (tag["commit"], tag["provider"], tag["sequence"]) == (NEW, "builtin", 13)
    assert [d["ref"] for d in answer["deployments"]] == ["refs/heads/main", "refs/heads/new"]
    tell(project, ("refs/heads/main", OLD, NEW))
    assert len(services.bus.events) == 3  # a delivery counts once


def test_a_signature_of_letters_that_hmac_never_makes_is_refused_like_any_other(
    project: str, services: Any
) -> None:
    for given in ("é" * 64, "sha256=", "", "\uff10" * 64):
        headers = {"X-CloudDeck-Signature": given}
        answer = Client().call("POST", "/v1/hooks/git", raw=b"{}", headers=headers)
        assert answer.status in {401, 422}, answer.text
