"""Which pushes are a program's, by what each kind of host says of whoever pushed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.git.providers import Provider, bitbucket, github, gitlab, plain
from chalicelib.git.rules import Push

PAYLOADS = Path(__file__).parents[2] / "fakes/git_hosts/payloads"

HOSTS: dict[str, Provider] = {
    one.name: one for one in (github.make(), gitlab.make(), bitbucket.make(), plain.make())
}
PROGRAMS: list[tuple[str, str, dict[str, Any]]] = [
    ("github", "github", {"sender": {"login": "dependabot[bot]", "id": 1, "type": "Bot"}}),
    ("gitlab", "gitlab", {"user_username": "project_12_bot_0a1b"}),
    ("bitbucket", "bitbucket", {"actor": {"type": "app_user", "uuid": "{1}"}}),
    ("bitbucket", "bitbucket_server", {"actor": {"name": "ci", "type": "SERVICE"}}),
    ("git", "gitea", {"pusher": {"id": 2, "login": "renovate[bot]"}}),
]


def pushed(provider: str, told: str, change: dict[str, Any]) -> Push:
    case = json.loads((PAYLOADS / f"{told}.json").read_text())["push"]
    headers = {name.lower(): value for name, value in case["headers"].items()}
    body = json.dumps({**case["body"], **change}).encode()
    (event,) = HOSTS[provider].read(headers, body, "prj_x", 1).events
    assert isinstance(event, Push)
    return event


@pytest.mark.parametrize(("provider", "told", "change"), PROGRAMS, ids=[p[1] for p in PROGRAMS])
def test_a_program_is_told_from_a_person(provider: str, told: str, change: dict[str, Any]) -> None:
    assert pushed(provider, told, change).bot is True
    assert pushed(provider, told, {}).bot is False


@pytest.mark.parametrize(("provider", "told", "who"), [
    ("github", "github", "sender"),
    ("bitbucket", "bitbucket", "actor"),
    ("bitbucket", "bitbucket_server", "actor"),
])  # fmt: skip
def test_nobody_in_particular_is_no_person(provider: str, told: str, who: str) -> None:
    assert pushed(provider, told, {who: None}).bot is True
