"""deck git: what is asked of the API, and what a person is told."""

from __future__ import annotations

import json
import threading
import urllib.request
from typing import Any

import pytest

from cli.api import Api

REPOSITORY: dict[str, Any] = {
    "provider": "github", "url": "https://github.com/ada/site", "repository": "ada/site",
    "identity": "1", "branch": "main", "credential": "token", "installation": None,
    "deploy_key": None, "state": "ok", "fault": None, "connected_at": "2026-01-01T00:00:00.000Z",
    "connected_by": "usr_x", "checked_at": None, "delivered_at": None,
    "webhook": {"url": "https://api.test/v1/hooks/git/github/prj", "automatic": False,
                "secret": "whsecret"},
}  # fmt: skip


class Told:
    """What the command asked of the API, in place of the API."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.answers: dict[tuple[str, str], Any] = {}

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        self.asked.append((method, path, body))
        answer = self.answers[method, path]
        return answer(body) if callable(answer) else answer


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    made = Told()
    for name in ("GET", "POST", "PUT", "DELETE"):
        monkeypatch.setattr(
            Api,
            name.lower(),
            lambda _, path, body=None, *, method=name, **_more: made(method, path, body),
        )
    return made


@pytest.fixture
def path(linked):
    project = json.loads((linked / ".deck.json").read_text())["project"]
    return f"/projects/{project}/repository"


@pytest.mark.parametrize(
    ("arguments", "body"),
    [
        (["https://github.com/ada/site"], {"provider": "github"}),
        (["git@github.com:ada/site.git"], {"provider": "github"}),
        (["git@github.com:ada/site.git", "--deploy-key"], {"provider": "git", "deploy_key": True}),
        (["https://gitlab.com/a/b/c"], {"provider": "gitlab"}),
        (["https://bitbucket.org/a/b", "--user", "ada"], {"provider": "bitbucket", "user": "ada"}),
        (["https://git.example.org/x.git"], {"provider": "git"}),
        (["https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/x"], {"provider": "codecommit"}),
        (["https://ghe.acme.org/a/b", "--provider", "github", "--installation", "7"],
         {"provider": "github", "installation": "7"}),
    ],
)  # fmt: skip
def test_the_kind_of_host_is_known_by_its_name(deck, told, path, arguments, body):
    told.answers["POST", path] = REPOSITORY
    deck("git", "connect", *arguments)
    assert told.asked[-1][2] == {"url": arguments[0], **body}


def test_a_token_is_read_from_a_pipe_and_never_printed(deck, told, path):
    told.answers["POST", path] = REPOSITORY
    done = deck("git", "connect", "https://github.com/ada/site", "--token", input="ghp_x\n")
    assert told.asked[-1][2]["token"] == "ghp_x"
    assert "ghp_x" not in done.stdout + done.stderr
    assert "secret whsecret" in done.stdout


def test_a_broken_connection_ends_with_1(deck, told, path):
    broken = {**REPOSITORY, "state": "broken", "fault": "repo_not_found: There is none."}
    told.answers["POST", f"{path}/check"] = broken
    assert "broken: repo_not_found" in deck("git", "check", code=1).stdout


def test_disconnecting_asks_first(deck, told, path):
    assert "Give --yes" in deck("git", "disconnect", code=2).stderr


def test_github_is_connected_by_a_browser_that_comes_back_here(deck, told, signed_in, folder):
    start = "/teams/rockets/git/github"

    def went(body: Any) -> Any:
        answer = f"{body['return_to']}?state=s&code=c&installation=77"
        threading.Timer(0.2, lambda: urllib.request.urlopen(answer).read()).start()
        return {"url": "https://github.com/apps/deck/installations/new?state=s"}

    told.answers["POST", f"{start}/start"] = went
    made = {"id": "77", "account": "acme", "connected_at": "2026-01-01T00:00:00.000Z",
            "connected_by": "usr_x"}  # fmt: skip
    told.answers["POST", start] = made
    done = deck("git", "github", "--team", "rockets", "--no-browser")
    assert "Connected with acme" in done.stdout
    assert told.asked[-1][2] == {
        "state": "s",
        "code": "c",
        "installation": "77",
    }
