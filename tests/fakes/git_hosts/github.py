"""GitHub as its REST documentation says: an App, its tokens, and what they may."""

from __future__ import annotations

import secrets
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.fakes.git_hosts.host import Answer, Asked
from tests.fakes.git_hosts.routed import Routed, route

NAME, IDENTITY, INSTALLATION, APP = "octo-org/hello-world", 186853002, "5", "77"
PERSON = "ghp_person"
R = f"repos/{NAME}"
# which permission a handler asks of an App's token
_NEEDS = {
    "ref": ("contents", "read"),
    "tag": ("contents", "read"),
    "git_commit": ("contents", "read"),
    "pull": ("pull_requests", "read"),
    "make_check": ("checks", "write"),
    "change_check": ("checks", "write"),
    "list_checks": ("checks", "read"),
    "deployments": ("deployments", "read"),
    "make_deployment": ("deployments", "write"),
    "make_deployment_status": ("deployments", "write"),
    "make_comment": ("pull_requests", "write"),
    "change_comment": ("pull_requests", "write"),
    "list_comments": ("pull_requests", "read"),
}
_APP_ONLY = {"make_check", "change_check", "list_checks"}


@lru_cache(maxsize=4)
def private_key(whose: str) -> rsa.RSAPrivateKey:
    """The key of an App; making one takes its time."""
    return rsa.generate_private_key(65537, 2048)


def pem(whose: str) -> str:
    key = private_key(whose)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


class FakeGitHub(Routed):
    prefix = "/api/v3/"

    def __init__(self, root: Any, repository: Any) -> None:
        super().__init__(root, repository)
        self.private = private_key("ours")
        self.key = pem("ours")
        self.tokens: dict[str, dict[str, str]] = {}
        self.revoked: list[str] = []
        self.writers = {"octocat": "write"}
        self.deployments_made: dict[int, dict[str, Any]] = {}
        self.deployment_states: list[tuple[int, str]] = []
        self.person_may_deploy = True
        self.user_tokens: set[str] = set()
        self.identity = IDENTITY  # of whichever repository has the name

    # who is it

    def may_read(self, asked: Asked, name: str) -> bool:
        user, token = asked.basic
        permissions = self.tokens.get(token, {})
        return user == "x-access-token" and (token == PERSON or "contents" in permissions)

    def check(self, asked: Asked, name: str) -> Answer | None:
        if name in {"access_token", "describe", "oauth", "forget", "user_installations"}:
            return None
        if asked.bearer == PERSON:
            if name in _APP_ONLY or ("deployment" in name and not self.person_may_deploy):
                return Answer(403, {"message": "Resource not accessible"})
            return None
        if asked.bearer not in self.tokens:
            return Answer(401, {"message": "Bad credentials"})
        what, level = _NEEDS.get(name, ("metadata", "read"))
        has = self.tokens[asked.bearer].get(what, "read" if what == "metadata" else "")
        if has != level and has != "write":
            return Answer(403, {"message": "Resource not accessible by integration"})
        return None

    def _app(self, asked: Asked) -> bool:
        try:
            claims = jwt.decode(asked.bearer, self.private.public_key(), ["RS256"], issuer=APP)
        except jwt.PyJWTError:
            return False
        return claims["exp"] - claims["iat"] <= 600

    @route("POST", r"app/installations/(\d+)/access_tokens")
    def access_token(self, asked: Asked, installation: str) -> Answer:
        if not self._app(asked):
            return Answer(401, {"message": "A JSON web token could not be decoded"})
        if installation != INSTALLATION:
            return Answer(404, {"message": "Not Found"})
        wanted = asked.data
        if wanted.get("repository_ids", [IDENTITY]) != [IDENTITY]:
            return Answer(422, {"message": "There is at least one repository that ..."})
        token = "ghs_" + secrets.token_hex(18)
        self.tokens[token] = wanted["permissions"]
        return Answer(201, {"token": token, "permissions": wanted["permissions"]})

    @route("DELETE", "installation/token")
    def revoke(self, asked: Asked) -> Answer:
        del self.tokens[asked.bearer]
        self.revoked.append(asked.bearer)
        return Answer(204)

    @route("GET", "app")
    def describe(self, asked: Asked) -> Answer:
        return Answer(200, {"id": int(APP), "slug": "deck"}) if self._app(asked) else Answer(401)

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/login/oauth/access_token":
            form = dict(p.split("=", 1) for p in asked.raw.decode().split("&"))
            right = (form["client_secret"], unquote(form["code"])) == ("app-secret", "once")
            if not right:
                return Answer(200, {"error": "bad_verification_code"})
            self.user_tokens.add("ghu_1")
            return Answer(200, {"access_token": "ghu_1", "token_type": "bearer"})
        return super().answer(asked)

    @route("GET", "user/installations")
    def user_installations(self, asked: Asked) -> Answer:
        if asked.bearer not in self.user_tokens:
            return Answer(401)
        mine = {"id": 5, "app_id": int(APP), "account": {"login": "octo-org"}}
        other = {"id": 6, "app_id": 12, "account": {"login": "octo-org"}}
        return Answer(200, {"total_count": 2, "installations": [mine, other]})

    @route("DELETE", r"applications/(.+)/token")
    def forget(self, asked: Asked, client: str) -> Answer:
        if asked.basic != (client, "app-secret"):
            return Answer(401)
        self.user_tokens.discard(asked.data["access_token"])
        return Answer(204)

    @route("GET", "installation/repositories")
    def repositories(self, asked: Asked) -> Answer:
        size, page = int(asked.query["per_page"]), int(asked.query["page"])
        every = [{**self._about(), "id": IDENTITY + n} for n in range(130)]
        return Answer(200, {"repositories": every[(page - 1) * size : page * size]})

    @route("GET", "user")
    def user(self, asked: Asked) -> Answer:
        return Answer(200, {"id": 21031067, "login": "octocat"})

    # the repository

    def _about(self) -> dict[str, Any]:
        return {
            "id": self.identity,
            "full_name": NAME,
            "private": True,
            "default_branch": "main",
            "html_url": f"{self.url}/{NAME}",
        }

    @route("GET", R)
    def about(self, asked: Asked) -> Answer:
        return Answer(200, self._about())

    @route("GET", R + r"/git/ref/((?:heads|tags)/.+)")
    def ref(self, asked: Asked, name: str) -> Answer:
        run = self.repository._run
        if not self.rev(f"refs/{unquote(name)}"):
            return Answer(404, {"message": "Not Found"})
        sha = run(self.repository.bare, "rev-parse", f"refs/{unquote(name)}")
        kind = run(self.repository.bare, "cat-file", "-t", sha)
        return Answer(200, {"ref": f"refs/{name}", "object": {"sha": sha, "type": kind}})

    @route("GET", R + r"/git/tags/(\w+)")
    def tag(self, asked: Asked, sha: str) -> Answer:
        return Answer(200, {"sha": sha, "object": {"sha": self.rev(sha), "type": "commit"}})

    @route("GET", R + r"/git/commits/(\w+)")
    def git_commit(self, asked: Asked, sha: str) -> Answer:
        if not self.rev(sha):
            return Answer(404, {"message": "Not Found"})
        message, author, time = self.told(sha)
        return Answer(
            200,
            {
                "sha": sha,
                "message": message,
                "author": {"name": author},
                "committer": {"date": time},
                "verification": {"verified": True, "reason": "valid"},
            },
        )

    @route("GET", R + r"/pulls/(\d+)")
    def pull(self, asked: Asked, number: str) -> Answer:
        found = self.pulls.get(int(number))
        return Answer(200, found) if found else Answer(404)

    @route("GET", R + r"/collaborators/(.+)/permission")
    def permission(self, asked: Asked, login: str) -> Answer:
        return Answer(200, {"permission": self.writers.get(unquote(login), "read")})

    # what is left there

    @route("GET", R + "/hooks")
    def list_hooks(self, asked: Asked) -> Answer:
        return self.page(asked, list(self.hooks.values()), int(asked.query.get("per_page", 30)))

    @route("POST", R + "/hooks")
    def make_hook(self, asked: Asked) -> Answer:
        number = self.next_id()
        self.hooks[number] = {"id": number, **asked.data, "url": asked.data["config"]["url"]}
        return Answer(201, self.hooks[number])

    @route("PATCH", R + r"/hooks/(\d+)")
    def change_hook(self, asked: Asked, number: str) -> Answer:
        self.hooks[int(number)] |= asked.data
        return Answer(200, self.hooks[int(number)])

    @route("DELETE", R + r"/hooks/(\d+)")
    def remove_hook(self, asked: Asked, number: str) -> Answer:
        del self.hooks[int(number)]
        return Answer(204)

    @route("POST", R + "/check-runs")
    def make_check(self, asked: Asked) -> Answer:
        number = self.next_id()
        self.reports[str(number)] = {"id": number, **asked.data}
        return Answer(201, {"id": number})

    @route("PATCH", R + r"/check-runs/(\d+)")
    def change_check(self, asked: Asked, number: str) -> Answer:
        if number not in self.reports:
            return Answer(404)
        self.reports[number] |= asked.data
        return Answer(200, {"id": int(number)})

    @route("GET", R + r"/commits/(\w+)/check-runs")
    def list_checks(self, asked: Asked, sha: str) -> Answer:
        found = [r for r in self.reports.values() if r["head_sha"] == sha]
        found = [r for r in found if r["name"] == asked.query["check_name"]]
        return Answer(200, {"total_count": len(found), "check_runs": found})

    @route("POST", R + r"/statuses/(\w+)")
    def make_status(self, asked: Asked, sha: str) -> Answer:
        self.reports[f"{sha}/{asked.data['context']}"] = {"id": 1, "head_sha": sha, **asked.data}
        return Answer(201, {"id": 1})

    @route("GET", R + "/deployments")
    def deployments(self, asked: Asked) -> Answer:
        found = [
            d
            for d in self.deployments_made.values()
            if (d["ref"], d["environment"]) == (asked.query["sha"], asked.query["environment"])
        ]
        return self.page(asked, found, 100)

    @route("POST", R + "/deployments")
    def make_deployment(self, asked: Asked) -> Answer:
        number = self.next_id()
        self.deployments_made[number] = {"id": number, **asked.data}
        return Answer(201, {"id": number})

    @route("POST", R + r"/deployments/(\d+)/statuses")
    def make_deployment_status(self, asked: Asked, number: str) -> Answer:
        self.deployment_states.append((int(number), asked.data["state"]))
        return Answer(201, {"id": self.next_id()})

    @route("GET", R + r"/issues/(\d+)/comments")
    def list_comments(self, asked: Asked, number: str) -> Answer:
        return self.page(asked, list(self.comments.values()), 100)

    @route("POST", R + r"/issues/(\d+)/comments")
    def make_comment(self, asked: Asked, pull: str) -> Answer:
        number = self.next_id()
        app = {"id": int(APP)} if asked.bearer != PERSON else None
        self.comments[number] = {
            "id": number,
            "body": asked.data["body"],
            "user": {"id": 21031067},
            "performed_via_github_app": app,
        }
        return Answer(201, {"id": number})

    @route("PATCH", R + r"/issues/comments/(\d+)")
    def change_comment(self, asked: Asked, number: str) -> Answer:
        if int(number) not in self.comments:
            return Answer(404)
        self.comments[int(number)]["body"] = asked.data["body"]
        return Answer(200, {"id": int(number)})
