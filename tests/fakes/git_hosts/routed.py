"""A fake host's API as a table: method and path pattern to method of the class."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.fakes.git_hosts.host import Answer, Asked, Host
from tests.fakes.git_hosts.repository import Repository

SHA = "6113728f27ae82c7b1a177c8d03f9e96e0adf246"


def route(method: str, pattern: str) -> Callable[[Any], Any]:
    """`pattern` is matched against the whole path below the API's prefix; groups are arguments."""

    def marked(function: Any) -> Any:
        function.routes = [*getattr(function, "routes", []), (method, re.compile(pattern))]
        return function

    return marked


class Routed(Host):
    """One repository `repository`, people by token, and what was left at the host."""

    prefix = "/"

    def __init__(self, root: Any, repository: Repository) -> None:
        super().__init__(root)
        self.repository = repository
        self.hooks: dict[int, dict[str, Any]] = {
            n: {"id": n, "url": f"https://other.example/{n}", "config": {"url": f"https://o/{n}"}}
            for n in range(1, 131)  # more than a page of others' webhooks
        }
        self.reports: dict[str, dict[str, Any]] = {}
        self.comments: dict[int, dict[str, Any]] = {}
        self.pulls: dict[int, dict[str, Any]] = {}
        self.last = 1000

    def next_id(self) -> int:
        self.last += 1
        return self.last

    def answer(self, asked: Asked) -> Answer:
        path = asked.path.removeprefix(self.prefix)
        for name in dir(type(self)):
            function = getattr(type(self), name)
            for method, pattern in getattr(function, "routes", ()):
                found = pattern.fullmatch(path)
                if method == asked.method and found:
                    refusal = self.check(asked, name)
                    return refusal or function(self, asked, *found.groups())
        return Answer(404, {"message": "Not Found"})

    def check(self, asked: Asked, name: str) -> Answer | None:
        """Why this may not be asked, or nothing."""
        raise NotImplementedError

    def rev(self, name: str) -> str:
        """What git calls a ref or a commit in the repository; empty when there is none."""
        import subprocess

        try:
            return self.repository._run(
                self.repository.bare, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"
            )
        except subprocess.CalledProcessError:
            return ""

    def told(self, commit: str) -> tuple[str, str, str]:
        """Message, author and time of a commit."""
        text = self.repository._run(
            self.repository.bare, "log", "-1", "--format=%B%x00%an%x00%cI", commit
        )
        message, author, time = text.split("\0")
        return message.strip(), author, time

    def page(self, asked: Asked, entries: list[Any], size: int) -> Answer:
        """A page of a list and, where there are more, the header `Link`."""
        page = int(asked.query.get("page", "1"))
        found = entries[(page - 1) * size : page * size]
        headers = {}
        if page * size < len(entries):
            query = "&".join(f"{k}={v}" for k, v in {**asked.query, "page": str(page + 1)}.items())
            headers["Link"] = f'<{self.url}{asked.path}?{query}>; rel="next"'
        return Answer(200, found, headers)
