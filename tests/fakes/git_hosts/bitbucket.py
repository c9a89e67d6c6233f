"""Bitbucket Cloud and Bitbucket Data Center as their REST documentation says."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from tests.fakes.git_hosts.host import Answer, Asked
from tests.fakes.git_hosts.routed import Routed, route

NAME, UUID = "octo-org/hello-world", "{673a6070-3421-46c9-9d48-90745f7bfe8e}"
TOKEN = "ATCTT-repository"
R = rf"repositories/octo-org/(?:hello-world|%7B{UUID[1:-1]}%7D)"
S = "projects/OCTO/repos/hello-world"


class FakeCloud(Routed):
    prefix = "/2.0/"

    def may_read(self, asked: Asked, name: str) -> bool:
        return asked.basic == ("x-token-auth", TOKEN)

    def check(self, asked: Asked, name: str) -> Answer | None:
        return None if asked.bearer == TOKEN else Answer(401, {"type": "error"})

    @route("GET", R)
    def about(self, asked: Asked) -> Answer:
        return Answer(
            200,
            {
                "uuid": UUID,
                "full_name": NAME,
                "is_private": True,
                "mainbranch": {"name": "main"},
                "links": {"html": {"href": f"{self.url}/{NAME}"}},
            },
        )

    def _commit(self, name: str) -> dict[str, Any] | None:
        sha = self.rev(name)
        if not sha:
            return None
        message, author, time = self.told(sha)
        raw = f"{author} <{author}@example.com>"
        return {"hash": sha, "message": message, "author": {"raw": raw}, "date": time}

    @route("GET", R + r"/refs/(branches|tags)/(.+)")
    def ref(self, asked: Asked, kind: str, name: str) -> Answer:
        folder = "heads" if kind == "branches" else "tags"
        found = self._commit(f"refs/{folder}/{unquote(name)}")
        return Answer(200, {"name": name, "target": found}) if found else Answer(404)

    @route("GET", R + r"/commit/(\w+)")
    def one_commit(self, asked: Asked, sha: str) -> Answer:
        found = self._commit(sha)
        return Answer(200, found) if found else Answer(404)

    @route("GET", R + r"/pullrequests/(\d+)")
    def pull(self, asked: Asked, number: str) -> Answer:
        found = self.pulls.get(int(number))
        return Answer(200, found) if found else Answer(404)

    @route("GET", R + "/hooks")
    def list_hooks(self, asked: Asked) -> Answer:
        page, size = int(asked.query.get("page", "1")), int(asked.query.get("pagelen", "10"))
        every = list(self.hooks.values())
        data: dict[str, Any] = {"values": every[(page - 1) * size : page * size]}
        if page * size < len(every):
            data["next"] = f"{self.url}{asked.path}?pagelen={size}&page={page + 1}"
        return Answer(200, data)

    @route("POST", R + "/hooks")
    def make_hook(self, asked: Asked) -> Answer:
        number = self.next_id()
        self.hooks[number] = {"uuid": f"{{{number}}}", **asked.data}
        return Answer(201, self.hooks[number])

    @route("PUT", R + r"/hooks/(.+)")
    def change_hook(self, asked: Asked, uuid: str) -> Answer:
        self.hooks[int(unquote(uuid).strip("{}"))] |= asked.data
        return Answer(200, {})

    @route("DELETE", R + r"/hooks/(.+)")
    def remove_hook(self, asked: Asked, uuid: str) -> Answer:
        del self.hooks[int(unquote(uuid).strip("{}"))]
        return Answer(204)

    @route("POST", R + r"/commit/(\w+)/statuses/build")
    def make_status(self, asked: Asked, sha: str) -> Answer:
        if len(asked.data["key"]) > 40:
            return Answer(400, {"type": "error"})
        self.reports[f"{sha}/{asked.data['key']}"] = {"head_sha": sha, **asked.data}
        return Answer(201, {})

    @route("POST", R + r"/pullrequests/(\d+)/comments")
    def make_comment(self, asked: Asked, pull: str) -> Answer:
        number = self.next_id()
        self.comments[number] = {"id": number, "body": asked.data["content"]["raw"]}
        return Answer(201, {"id": number})

    @route("PUT", R + r"/pullrequests/(\d+)/comments/(\d+)")
    def change_comment(self, asked: Asked, pull: str, number: str) -> Answer:
        if int(number) not in self.comments:
            return Answer(404)
        self.comments[int(number)]["body"] = asked.data["content"]["raw"]
        return Answer(200, {"id": int(number)})


class FakeServer(Routed):
    prefix = "/rest/api/latest/"

    def may_read(self, asked: Asked, name: str) -> bool:
        return asked.bearer == TOKEN

    def repository_of(self, parts: list[str]) -> str | None:
        return NAME if parts[:3] == ["scm", "octo", "hello-world.git"] else None

    def check(self, asked: Asked, name: str) -> Answer | None:
        return None if asked.bearer == TOKEN else Answer(401, {"errors": []})

    @route("GET", S)
    def about(self, asked: Asked) -> Answer:
        project = {"key": "OCTO", "id": 84}
        return Answer(200, {"id": 84, "slug": "hello-world", "project": project, "public": False})

    @route("GET", S + "/default-branch")
    def default(self, asked: Asked) -> Answer:
        return Answer(200, {"id": "refs/heads/main", "displayId": "main"})

    @route("GET", S + "/commits")
    def commits(self, asked: Asked) -> Answer:
        sha = self.rev(asked.query["until"])
        if not sha:
            return Answer(404, {"errors": [{"exceptionName": "NoSuchCommitException"}]})
        message, author, time = self.told(sha)
        stamp = 1_772_352_000_000 if time else 0
        entry = {"id": sha, "message": message, "author": {"name": author}}
        return Answer(200, {"values": [{**entry, "committerTimestamp": stamp}]})

    @route("GET", S + r"/pull-requests/(\d+)")
    def pull(self, asked: Asked, number: str) -> Answer:
        found = self.pulls.get(int(number))
        return Answer(200, found) if found else Answer(404)

    @route("GET", S + "/webhooks")
    def list_hooks(self, asked: Asked) -> Answer:
        start, size = int(asked.query["start"]), int(asked.query["limit"])
        every = list(self.hooks.values())
        last = start + size >= len(every)
        data = {"values": every[start : start + size], "isLastPage": last}
        return Answer(200, data if last else {**data, "nextPageStart": start + size})

    @route("POST", S + "/webhooks")
    def make_hook(self, asked: Asked) -> Answer:
        number = self.next_id()
        self.hooks[number] = {"id": number, **asked.data}
        return Answer(201, {"id": number})

    @route("PUT", S + r"/webhooks/(\d+)")
    def change_hook(self, asked: Asked, number: str) -> Answer:
        self.hooks[int(number)] |= asked.data
        return Answer(200, {"id": int(number)})

    @route("DELETE", S + r"/webhooks/(\d+)")
    def remove_hook(self, asked: Asked, number: str) -> Answer:
        del self.hooks[int(number)]
        return Answer(204)

    @route("POST", S + r"/commits/(\w+)/builds")
    def make_status(self, asked: Asked, sha: str) -> Answer:
        self.reports[f"{sha}/{asked.data['key']}"] = {"head_sha": sha, **asked.data}
        return Answer(204)

    @route("POST", S + r"/pull-requests/(\d+)/comments")
    def make_comment(self, asked: Asked, pull: str) -> Answer:
        number = self.next_id()
        self.comments[number] = {"id": number, "version": 0, "body": asked.data["text"]}
        return Answer(201, {"id": number, "version": 0})

    @route("GET", S + r"/pull-requests/(\d+)/comments/(\d+)")
    def one_comment(self, asked: Asked, pull: str, number: str) -> Answer:
        found = self.comments.get(int(number))
        return Answer(200, found) if found else Answer(404)

    @route("PUT", S + r"/pull-requests/(\d+)/comments/(\d+)")
    def change_comment(self, asked: Asked, pull: str, number: str) -> Answer:
        found = self.comments[int(number)]
        if asked.data["version"] != found["version"]:
            return Answer(409, {"errors": []})
        found |= {"body": asked.data["text"], "version": found["version"] + 1}
        return Answer(200, {"id": int(number)})
