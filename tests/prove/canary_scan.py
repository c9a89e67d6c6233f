"""Secrets are planted wherever the product takes one; then all it says and keeps is searched.

Searched: every answer of every GET route for every kind of caller, answers to refused requests
that carried a secret, build logs, process logs, all three tables, and every file of the data folder
but those that exist to hold secrets (`keys/`) or to be read by their addressee (`mail/`).
"""

import base64
import json
import os
import re
import secrets
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp

from adapters.local.idp.server import Idp
from tests.prove.cloud import Cloud
from tests.prove.outcome import Outcome

GOAL = (
    "a planted secret is in no answer, no log, no row, no file and no crash, however it is spelled"
)
BUILD = {
    "clouddeck.toml": '[build]\nframework = "custom"\ninstall = ""\ncommand = "sh build.sh"\n'
    'output = "out"\n',
    "build.sh": 'mkdir -p out; echo "<h1>x</h1>" > out/index.html; echo "it is $PLANTED"; env; '
    'echo "twice $PLANTED$PLANTED" >&2; exit 3\n',
}
CHUNK = 1 << 20


def run(outcome: Outcome) -> None:
    """Plant, use, break, search."""
    with Idp() as idp, Cloud() as cloud:
        plants = Plants(cloud, idp.url)
        plants.plant()
        search = Search(cloud, outcome, plants.values)
        search.answers(plants.names())
        search.refusals()
        search.crashes()
        search.rows()
        search.files()
        outcome.figures["planted"] = len(plants.values)
        outcome.figures.update(search.counts)


class Plants:
    """One secret of every kind, under the name of its kind."""

    def __init__(self, cloud: Cloud, issuer: str) -> None:
        self.cloud, self.issuer = cloud, issuer
        self.values: dict[str, str] = {}
        self._project: dict[str, Any] = {}
        self._team = ""
        self._deployment = ""

    def plant(self) -> None:
        """Through the API, as a person does."""
        call = self.cloud.must
        owner = json.loads((self.cloud.home / "keys" / "owner.json").read_text())
        self.values["password"] = owner["password"]
        login = {"email": owner["email"], "password": owner["password"]}
        session = call("POST", "/v1/auth/login", login)
        self.values["refresh token"] = session["refresh_token"]
        self.values["access token"] = session["access_token"]
        with self.cloud.as_bearer(session["access_token"]):
            self._team = call("GET", "/v1/me")["teams"][0]["id"]
            self._project = self.cloud.project("canary")
            self._keep("variable", "tide" + secrets.token_hex(16))
            name = f"/v1/projects/{self._project['id']}"
            call("PUT", f"{name}/env/PLANTED", {"value": self.values["variable"], "secret": True})
            keyed = {"Idempotency-Key": secrets.token_hex(16)}
            made = self.cloud.api("POST", "/v1/keys", {"name": "planted"}, headers=keyed)
            self.values["api key"] = made.content["secret"]
            self.values["deploy key"] = call("POST", f"{name}/deploy-keys", {"name": "d"})["secret"]
            service = {"name": "s", "kind": "service", "role": "viewer", "team": self._team}
            self.values["service token"] = call("POST", "/v1/keys", service)["secret"]
            self._outside()
            self._factor()
            self._letters()
        self._build()

    def names(self) -> dict[str, str]:
        """What path parameters may name."""
        return {
            "team": self._team,
            "project": self._project["id"],
            "deployment": self._deployment,
            "name": "planted",
            "provider": "github",
        }

    def _outside(self) -> None:
        call = self.cloud.must
        client = {"client_id": "id", "client_secret": self._keep("client secret")}
        call("PUT", "/v1/admin/providers/github", client)
        sso = {
            "kind": "oidc",
            "issuer": self.issuer,
            "client_id": "id",
            "client_secret": self._keep("single sign-on secret"),
        }
        call("PUT", f"/v1/teams/{self._team}/sso", sso)
        stream = {
            "kind": "https",
            "url": "https://127.0.0.1:9/collect",
            "token": self._keep("stream token"),
        }
        call("PUT", f"/v1/teams/{self._team}/audit/streams/planted", stream)

    def _factor(self) -> None:
        made = self.cloud.must("POST", "/v1/me/factors/totp")
        self.values["one-time password secret"] = made["secret"]
        code = pyotp.TOTP(made["secret"]).now()
        found = self.cloud.must("POST", "/v1/me/factors/totp/confirm", {"code": code})
        self.values["recovery code"] = found["recovery_codes"][0]

    def _letters(self) -> None:
        """Tokens that go out by mail are in the mail and nowhere else."""
        invited = {"email": "eve@example.com", "role": "viewer"}
        self.cloud.must("POST", f"/v1/teams/{self._team}/invitations", invited)
        self.cloud.must("POST", "/v1/auth/reset", {"email": "owner@localhost"})
        for number, token in enumerate(self._mailed()):
            self.values[f"mailed token {number}"] = token

    def _mailed(self) -> set[str]:
        texts = [p.read_text() for p in sorted((self.cloud.home / "mail").glob("*.eml"))]
        # quoted-printable breaks lines with "="
        joined = " ".join(text.replace("=\n", "") for text in texts)
        return {t for t in re.findall(r"[A-Za-z0-9_-]{40,}", joined) if not t.startswith("mail_")}

    def _build(self) -> None:
        repository = self.cloud.repository("canary")
        repository.push(repository.commit(BUILD))
        while not (found := self.cloud.deployments("canary")):
            pass
        self._deployment = found[0]["id"]
        self.cloud.settled(self._deployment, 120)

    def _keep(self, kind: str, value: str = "") -> str:
        self.values[kind] = value or "canary" + secrets.token_hex(20)
        return self.values[kind]


def spellings(value: str) -> Iterator[bytes]:
    """How a value may hide: plain, in base64 at each of three offsets, in hex, reversed."""
    plain = value.encode()
    yield plain
    yield plain.hex().encode()
    yield plain[::-1]
    for shift in range(3):
        # what surrounds a value in base64 is unknown: its first and last characters are left out
        whole = base64.b64encode(b"\0" * shift + plain).rstrip(b"=")
        yield whole[4 if shift else 0 : -2]


class Search:
    """Looks for values in texts."""

    def __init__(self, cloud: Cloud, outcome: Outcome, values: dict[str, str]) -> None:
        self.cloud, self.outcome, self.values = cloud, outcome, values
        self.counts = {"answers": 0, "rows": 0, "files": 0, "bytes": 0}
        self._hidden = {kind: tuple(spellings(value)) for kind, value in values.items()}

    def look(self, text: bytes, where: str, *, only: tuple[str, ...] = ()) -> None:
        """Complain about each value that is in a text."""
        self.counts["bytes"] += len(text)
        for kind, hidden in self._hidden.items():
            if not only or kind in only:
                found = next((one for one in hidden if one in text), None)
                self.outcome.expect(found is None, f"the {kind} is in {where}: {found!r}")

    def answers(self, names: dict[str, str]) -> None:
        """Every GET route, as every kind of caller."""
        import app  # noqa: F401  # registers every route
        from chalicelib.core.http import TABLE

        callers = ["", *(self.values[k] for k in ("access token", "api key", "service token"))]
        for route in TABLE:
            if route.method != "GET" or route.bearer != "user":
                continue
            path = re.sub(r"{(\w+)}", lambda found: names.get(found[1], "x"), route.path)
            for token in callers:
                with self.cloud.as_bearer(token):
                    text = self.cloud.text("GET", path)
                self.counts["answers"] += 1
                self.look(text, f"the answer to GET {route.path}")

    def refusals(self) -> None:
        """A request that is refused does not come back in the answer."""
        value = self.values["variable"]
        for method, path, body in (
            ("PUT", "/v1/projects/canary/env/PLANTED", {"value": value * 2000}),
            ("PUT", "/v1/projects/canary/env/1A", {"value": value}),
            ("PUT", "/v1/projects/canary/env/A", {"value": [value]}),
            ("POST", "/v1/auth/login", {"email": "x", "password": [value]}),
            ("POST", "/v1/auth/login", {"email": "a@b.c", "password": value}),
            ("POST", "/v1/auth/refresh", {"refresh_token": value}),
            ("PUT", "/v1/admin/providers/nobody", {"client_id": "i", "client_secret": value}),
            ("POST", "/v1/auth/reset/confirm", {"token": value, "password": value}),
        ):
            self.counts["answers"] += 1
            self.look(self.cloud.text(method, path, body), f"the refusal of {method} {path}")
        with self.cloud.as_bearer(value):
            self.look(self.cloud.text("GET", "/v1/me"), "the refusal of a token")

    def crashes(self) -> None:
        """The gateway dies in the middle of requests that carry secrets."""
        pid = self.cloud.status()["processes"]["gateway"]["pid"]
        os.kill(pid, signal.SIGABRT)
        self.cloud.api("PUT", "/v1/projects/canary/env/B", {"value": self.values["variable"]})
        if self.cloud.wait_healthy(60) is None:
            self.outcome.failures.append("the gateway did not come back")
        os.kill(self.cloud.status()["processes"]["dynoxide"]["pid"], signal.SIGKILL)
        for _ in range(5):
            body = {"value": self.values["variable"]}
            answer = self.cloud.text("PUT", "/v1/projects/canary/env/B", body)
            self.look(answer, "an answer without a database")
        if self.cloud.wait_healthy(60) is None:
            self.outcome.failures.append("the database did not come back")

    def rows(self) -> None:
        """Every item of every table, binary attributes as they are."""
        for table in self.cloud.table("list_tables")["TableNames"]:
            asked: dict[str, Any] = {"TableName": table}
            while True:
                page = self.cloud.table("scan", **asked)
                for item in page["Items"]:
                    self.counts["rows"] += 1
                    text = json.dumps(item, default=lambda raw: bytes(raw).decode("latin-1"))
                    self.look(text.encode("latin-1", "ignore"), f"the row {item['pk']['S'][:60]}")
                if "LastEvaluatedKey" not in page:
                    break
                asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def files(self) -> None:
        """Every file of the data folder, while it runs and when it was stopped."""
        self.cloud.down()
        for path in sorted(self.cloud.home.rglob("*")):
            inside = path.relative_to(self.cloud.home)
            if not path.is_file() or inside.parts[0] in {"keys", "mail"}:
                continue
            self.counts["files"] += 1
            self._file(path, inside)

    def _file(self, path: Path, inside: Path) -> None:
        longest = max(len(one) for hidden in self._hidden.values() for one in hidden)
        rest = b""
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                self.look(rest + chunk, f"the file {inside}")
                rest = chunk[-longest:]
