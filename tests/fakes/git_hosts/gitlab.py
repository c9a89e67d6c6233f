"""GitLab as its REST documentation says, with one token that may everything."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from tests.fakes.git_hosts.host import Answer, Asked
from tests.fakes.git_hosts.routed import Routed, route

NAME, IDENTITY = "octo-org/hello-world", 15
TOKEN = "glpat-maintainer"
DEVELOPER = "glpat-developer"
P = r"projects/(?:octo-org%2Fhello-world|15)"


class FakeGitLab(Routed):
    prefix = "/api/v4/"

    def __init__(self, root: Any, repository: Any) -> None:
        super().__init__(root, repository)
        self.levels = {4: 40, 9: 20}

    def may_read(self, asked: Asked, name: str) -> bool:
        return asked.basic[0] != "" and asked.basic[1] in {TOKEN, DEVELOPER}

    def check(self, asked: Asked, name: str) -> Answer | None:
        if asked.bearer not in {TOKEN, DEVELOPER}:
            return Answer(401, {"message": "401 Unauthorized"})
        if asked.bearer == DEVELOPER and "hook" in name:
            return Answer(403, {"message": "403 Forbidden"})
        return None

    @route("GET", P)
    def about(self, asked: Asked) -> Answer:
        return Answer(
            200,
            {
                "id": IDENTITY,
                "path_with_namespace": NAME,
                "default_branch": "main",
                "visibility": "private",
                "web_url": f"{self.url}/{NAME}",
            },
        )

    def _commit(self, name: str) -> dict[str, Any] | None:
        sha = self.rev(name)
        if not sha:
            return None
        message, author, time = self.told(sha)
        return {"id": sha, "message": message, "author_name": author, "committed_date": time}

    @route("GET", P + r"/repository/(branches|tags)/([^/]+)")
    def ref(self, asked: Asked, kind: str, name: str) -> Answer:
        folder = "heads" if kind == "branches" else "tags"
        found = self._commit(f"refs/{folder}/{unquote(name)}")
        return Answer(200, {"name": unquote(name), "commit": found}) if found else Answer(404)

    @route("GET", P + r"/repository/commits/(\w+)")
    def one_commit(self, asked: Asked, sha: str) -> Answer:
        found = self._commit(sha)
        return Answer(200, found) if found else Answer(404)

    @route("GET", P + r"/repository/commits/(\w+)/signature")
    def signature(self, asked: Asked, sha: str) -> Answer:
        return Answer(200, {"signature_type": "PGP", "verification_status": "verified"})

    @route("GET", P + r"/merge_requests/(\d+)")
    def pull(self, asked: Asked, number: str) -> Answer:
        found = self.pulls.get(int(number))
        return Answer(200, found) if found else Answer(404)

    @route("GET", P + r"/members/all/(\d+)")
    def member(self, asked: Asked, user: str) -> Answer:
        level = self.levels.get(int(user))
        return Answer(200, {"id": int(user), "access_level": level}) if level else Answer(404)

    @route("GET", "user")
    def user(self, asked: Asked) -> Answer:
        return Answer(200, {"id": 4, "username": "octocat"})

    @route("GET", P + "/hooks")
    def list_hooks(self, asked: Asked) -> Answer:
        return self.page(asked, list(self.hooks.values()), int(asked.query.get("per_page", 20)))

    @route("POST", P + "/hooks")
    def make_hook(self, asked: Asked) -> Answer:
        number = self.next_id()
        self.hooks[number] = {"id": number, **asked.data}
        return Answer(201, {"id": number})

    @route("PUT", P + r"/hooks/(\d+)")
    def change_hook(self, asked: Asked, number: str) -> Answer:
        self.hooks[int(number)] |= asked.data
        return Answer(200, {"id": int(number)})

    @route("DELETE", P + r"/hooks/(\d+)")
    def remove_hook(self, asked: Asked, number: str) -> Answer:
        del self.hooks[int(number)]
        return Answer(204)

    @route("POST", P + r"/statuses/(\w+)")
    def make_status(self, asked: Asked, sha: str) -> Answer:
        key = f"{sha}/{asked.data['name']}"
        if self.reports.get(key, {}).get("state") == asked.data["state"]:
            return Answer(400, {"message": "Cannot transition status via :run from :running"})
        self.reports[key] = {"head_sha": sha, **asked.data}
        return Answer(201, {"id": 1})

    @route("GET", P + r"/repository/commits/(\w+)/statuses")
    def list_statuses(self, asked: Asked, sha: str) -> Answer:
        found = self.reports.get(f"{sha}/{asked.query['name']}")
        return Answer(200, [{**found, "status": found["state"]}] if found else [])

    @route("GET", P + r"/merge_requests/(\d+)/notes")
    def list_comments(self, asked: Asked, number: str) -> Answer:
        return self.page(asked, list(self.comments.values()), 20)

    @route("POST", P + r"/merge_requests/(\d+)/notes")
    def make_comment(self, asked: Asked, pull: str) -> Answer:
        number = self.next_id()
        self.comments[number] = {"id": number, "author": {"id": 4}, "body": asked.data["body"]}
        return Answer(201, {"id": number})

    @route("PUT", P + r"/merge_requests/(\d+)/notes/(\d+)")
    def change_comment(self, asked: Asked, pull: str, number: str) -> Answer:
        if int(number) not in self.comments:
            return Answer(404)
        self.comments[int(number)]["body"] = asked.data["body"]
        return Answer(200, {"id": int(number)})
