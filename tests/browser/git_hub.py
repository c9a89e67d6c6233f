"""GitHub as a browser and the API see it: the page that installs an App, repositories, webhooks."""

from __future__ import annotations

import copy
import json
import secrets
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.fakes.git_hosts import github, webhooks
from tests.fakes.git_hosts.host import Answer, Asked
from tests.fakes.git_hosts.repository import Repository
from tests.fakes.git_hosts.routed import route

FORK = "mona/hello-world"
MANY = 120


class GitHub(github.FakeGitHub):
    """The fake of the API's own tests, with many repositories and a page for people.

    Whoever comes to install the App is sent back at once, as somebody does who presses *Install*.
    """

    def __init__(self, root: Path, api: str) -> None:
        super().__init__(root, Repository(root, github.NAME))
        self._api = api
        self._payloads = webhooks.payloads("github")
        self.revoked_tokens: set[str] = set()
        self.hostile = self._refused

    def _refused(self, asked: Asked) -> Answer | None:
        """A token that was revoked opens nothing any more."""
        given = {asked.bearer, asked.basic[1]}
        return Answer(401, {"message": "Bad credentials"}) if given & self.revoked_tokens else None

    def answer(self, asked: Asked) -> Answer:
        if asked.path.endswith("/installations/new"):
            back = {"state": asked.query["state"], "code": "once"}
            query = urlencode({**back, "installation_id": github.INSTALLATION})
            return Answer(302, headers={"Location": f"{self._api}/v1/git/github/callback?{query}"})
        return super().answer(asked)

    @route("GET", "installation/repositories")
    def repositories(self, asked: Asked) -> Answer:
        size, page = int(asked.query["per_page"]), int(asked.query["page"])
        others = [f"octo-org/quay-{number:03d}" for number in range(MANY)]
        every = [
            {
                **self._about(),
                "id": github.IDENTITY + number,
                "full_name": name,
                "html_url": f"{self.url}/{name}",
            }
            for number, name in enumerate([github.NAME, *others])
        ]
        return Answer(200, {"repositories": every[(page - 1) * size : page * size]})

    def commit(self, ref: str, files: dict[str, str | bytes], message: str) -> str:
        """A commit of these files on a branch."""
        self.repository.commit(files, message)
        return self.repository.push(ref)

    def stranger(self, number: int, commit: str, title: str, event: str = "pull_opened") -> None:
        """A pull request out of a fork is opened, or what `event` says; webhooks tell of it."""
        delivery = copy.deepcopy(self._payloads[event])
        body = delivery["body"]
        pull, ours = body["pull_request"], copy.deepcopy(body["repository"])
        user = {"login": "mona", "id": 4001, "type": "User"}
        pull |= {"number": number, "id": 7000 + number, "user": user, "title": title}
        theirs = {**ours, "id": 999, "full_name": FORK, "fork": True}
        pull["head"] |= {"ref": "patch", "sha": commit, "repo": theirs}
        pull["base"] |= {"ref": "main", "repo": ours}
        body |= {"number": number, "sender": user}
        state = "closed" if event == "pull_closed" else "open"
        self.pulls[number] = {**pull, "state": state}
        self._tell(delivery)

    def _tell(self, delivery: dict[str, Any]) -> None:
        hooks = (hook["config"] for hook in self.hooks.values())
        ours = next(hook for hook in hooks if hook["url"].startswith(self._api))
        delivery["headers"] |= {"X-GitHub-Delivery": secrets.token_hex(16)}
        headers, body = webhooks.signed(delivery, webhooks.github, ours["secret"])
        request = urllib.request.Request(ours["url"], body, headers, method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            json.load(answer)
