"""Every audited route driven to success: what must be there before, and what to send.

One that cannot be driven here stands in ELSEWHERE with the reason; a new route that is in neither
place fails its tests.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import app  # noqa: F401  # registers every route
from chalicelib.core.http import Route
from chalicelib.deployments.actions import create
from chalicelib.git.rules import Push
from chalicelib.identity import rows as identity_rows
from functions.rollouts import begin, shift
from tests.api.bodies import BODIES, filled, named
from tests.fakes import line
from tests.fakes import world as worlds
from tests.fakes.client import Client
from tests.fakes.people import PASSWORD, Person, member, person

CANARY = "canary-5d1c77"

STRANGERS = "a stranger's request, which leaves an entry only when its view says in whose log"
FLOW = "needs the other side of a protocol; its own tests drive it"
ELSEWHERE: dict[str, str] = {
    "POST /v1/auth/mfa": FLOW,
    "POST /v1/auth/passkey": FLOW,
    "POST /v1/auth/sign-up": STRANGERS,
    "POST /v1/auth/verify": FLOW,
    "POST /v1/auth/reset/confirm": FLOW,
    "POST /v1/auth/exchange": FLOW,
    "POST /v1/auth/device/token": FLOW,
    "POST /v1/auth/saml/acs": FLOW,
    "POST /v1/me/factors/passkeys": FLOW,
    "POST /v1/me/factors/totp/confirm": FLOW,
    "POST /v1/me/identities/{provider}": FLOW,
    "DELETE /v1/me/identities/{provider}": FLOW,
    "POST /v1/me/device/{user_code}/approve": FLOW,
    "POST /v1/me/device/{user_code}/deny": FLOW,
    "PUT /v1/teams/{team}/sso": FLOW,
    "DELETE /v1/teams/{team}/sso": FLOW,
    "POST /v1/teams/{team}/sso/domains/{domain}/verify": FLOW,
    "POST /v1/projects/{project}/domains/{domain}/check": FLOW,
    "POST /v1/projects/{project}/domains/{domain}/apply": FLOW,
    "PUT /v1/projects/{project}/domains/{domain}/certificate": FLOW,
    "PUT /v1/admin/teams/{team}/sso": FLOW,
    "DELETE /v1/admin/domains/{domain}": FLOW,
    "POST /v1/projects/{project}/repository": FLOW,
    "DELETE /v1/projects/{project}/repository": FLOW,
    "POST /v1/projects/{project}/repository/check": FLOW,
    "POST /v1/projects/{project}/repository/secret": FLOW,
    "POST /v1/teams/{team}/git/github": FLOW,
    "DELETE /v1/teams/{team}/git/{installation}": FLOW,
    "PUT /v1/admin/git/github": FLOW,
    "DELETE /v1/admin/git/github": FLOW,
    "PUT /v1/admin/providers/{provider}": FLOW,
    "DELETE /v1/admin/providers/{provider}": FLOW,
}


@dataclass
class Here:
    """Somebody who owns a team and runs the installation, and who else is there."""

    owner: Person
    world: worlds.World
    services: Any

    @property
    def client(self) -> Client:
        return self.owner.client

    def made(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.client.call(method, path, body)
        assert answer.status < 300, (path, answer.text)
        return answer.json() if answer.text else {}

    def ready(self) -> tuple[str, str]:
        """A project, and a deployment of it that is live."""
        project = self.made("POST", "/v1/projects", {"name": "s", "slug": _slug()})["id"]
        return project, line.go_live(self.services, self.client, project)


def _of_somebody_else(here: Here) -> tuple[str, str]:
    """A deployment that another person pushed, and its commit."""
    project = here.made("POST", "/v1/projects", {"name": "s", "slug": _slug()})["id"]
    commit = secrets.token_hex(20)
    here.services.repositories.push(project, "main", commit, archive=b"x")
    row = create.from_push(Push(project, "main", commit, time.time_ns(), "usr_x"))
    assert row is not None
    return str(row.id), commit


def _slug() -> str:
    return f"s-{secrets.token_hex(4)}"


Maker = Callable[[Here], str]


def _invitation(here: Here) -> str:
    body = {"email": f"{secrets.token_hex(4)}@example.com", "role": "viewer"}
    return str(here.made("POST", f"/v1/teams/{here.owner.team}/invitations", body)["id"])


def _policy(here: Here) -> str:
    body = {"effect": "deny", "roles": ["viewer"], "actions": ["project.update"]}
    here.made("PUT", f"/v1/teams/{here.owner.team}/policies/nights", body)
    return "nights"


def _stream(here: Here) -> str:
    body = {"kind": "https", "url": "https://logs.example.com/in", "token": CANARY}
    here.made("PUT", f"/v1/teams/{here.owner.team}/audit/streams/siem", body)
    return "siem"


def _deploy_key(here: Here, project: str) -> str:
    return str(here.made("POST", f"/v1/projects/{project}/deploy-keys", {"name": "ci"})["id"])


def _in_project(here: Here, project: str, kind: str) -> str:
    """An environment, a hook or a schedule of a project, by the name that paths use."""
    bodies: dict[str, dict[str, Any]] = {
        "environment": {"name": "qa"},
        "hook": {"name": "h", "branch": "main"},
        "schedule": {"name": "s", "branch": "main", "cron": "0 3 * * *"},
        "domain": {"domain": "www.acme-inc.com"},
    }
    made = here.made("POST", f"/v1/projects/{project}/{kind}s", bodies[kind])
    return str(made[{"environment": "name", "domain": "domain"}.get(kind, "id")])


def _zone(here: Here) -> str:
    zones = f"/v1/teams/{here.owner.team}/zones"
    name = f"acme-{secrets.token_hex(4)}.com"  # a zone has one team
    here.made("POST", zones, {"name": name})
    record = {"name": "www", "type": "A", "values": ["192.0.2.1"]}
    here.made("PUT", f"{zones}/{name}/records", record)
    return name


def _share(here: Here, project: str) -> str:
    here.made("PUT", f"/v1/projects/{project}/access", {"mode": "team"})
    return str(here.made("POST", f"/v1/projects/{project}/shares", {})["id"])


def _session(here: Here) -> str:
    Client().post("/v1/auth/login", {"email": here.owner.email, "password": PASSWORD})
    found = here.made("GET", "/v1/me/sessions")["items"]
    return str(next(s["id"] for s in found if not s.get("current")))


def _browser(here: Here) -> str:
    return str(here.made("POST", "/v1/me/push", BODIES["POST /v1/me/push"])["id"])


def _factor(here: Here) -> str:
    import pyotp

    made = here.made("POST", "/v1/me/factors/totp", {})
    code = pyotp.TOTP(made["secret"]).now()
    here.made("POST", "/v1/me/factors/totp/confirm", {"code": code})
    return str(made["id"])


def _domain(here: Here) -> str:
    here.made("POST", f"/v1/teams/{here.owner.team}/sso/domains", {"domain": "acme-inc.com"})
    return "acme-inc.com"


MAKERS: dict[str, Maker] = {
    "invitation": _invitation,
    "policy": _policy,
    "stream": _stream,
    "session": _session,
    "browser": _browser,
    "factor": _factor,
    "domain": _domain,
    "zone": _zone,
}


def _pull(names: dict[str, str]) -> None:
    """A pull request of a stranger, which waits for somebody's approval."""
    from chalicelib.deployments import rows
    from chalicelib.git.rules import PullRequest

    names["pull"] = "7"
    event = PullRequest(
        *(names["project"], 7, "updated", "e" * 40, "x", "main", "eve/site", True, "eve"),
        *(False, False, 1),
    )
    facts = rows.pull_facts(event)
    rows.save_pull(names["project"], 7, None, **facts, preview="waiting", trust="untrusted")


def names_for(here: Here, route: Route) -> dict[str, str]:
    """Real things for everything that the path names."""
    found: dict[str, str] = {"team": here.owner.team}
    for name in re.findall(r"{(\w+)}", route.path):
        if name == "deploy_key":
            found[name] = _deploy_key(here, found["project"])
        elif name == "share":
            found[name] = _share(here, found["project"])
        elif name in {"environment", "hook", "schedule"} or (
            name == "domain" and "project" in found
        ):
            found[name] = _in_project(here, found["project"], name)
        elif name in MAKERS and named(route) != "PUT /v1/teams/{team}/policies/{policy}":
            found[name] = MAKERS[name](here)
        elif name not in found:
            maker = worlds.MAKERS.get(name)
            found[name] = maker(here.world) if maker else name
    return found


def prepare(here: Here, route: Route, names: dict[str, str]) -> Any:
    """What must be there before, and the body that leads to success."""
    name = named(route)
    body = filled(BODIES.get(name, {}), names)
    if name == "POST /v1/auth/login":
        return {"email": here.owner.email, "password": PASSWORD}
    if name == "PUT /v1/me/password":
        return {"current": PASSWORD, "password": f"{CANARY} correct horse"}
    if name == "POST /v1/teams/{team}/transfer":
        return {"to": member(Client(), here.owner, "admin").id}
    if name == "DELETE /v1/projects/{project}/env/{name}":
        here.made("PUT", f"/v1/projects/{names['project']}/env/API_URL", {"value": CANARY})
    if name == "POST /v1/projects/{project}/env/import":
        return {"text": f"API_URL={CANARY}"}
    if name == "PUT /v1/projects/{project}/env/{name}":
        return {"value": CANARY, "secret": False}
    if name == "POST /v1/me/factors/recovery-codes":
        _factor(here)
    if name == "POST /v1/projects/{project}/pulls/{pull}/approve":
        _pull(names)
        return {"commit": "e" * 40}
    if name == "POST /v1/deployments/{deployment}/approve":
        names["deployment"], commit = _of_somebody_else(here)
        return {"commit": commit}
    if name == "DELETE /v1/projects/{project}/lock":
        here.made("PUT", f"/v1/projects/{names['project']}/lock", {})
    if name == "POST /v1/projects/{project}/unpin":
        names["project"], _ = here.ready()
    if name == "POST /v1/projects/{project}/shares":
        here.made("PUT", f"/v1/projects/{names['project']}/access", {"mode": "team"})
    if name == "POST /v1/projects/{project}/deployments":
        here.services.repositories.push(names["project"], "main", "b" * 40)
    if name in {"POST /v1/projects/{project}/promote", "POST /v1/projects/{project}/rollback"}:
        names["project"], first = here.ready()
        if name.endswith("promote"):
            return {"deployment": first}
        line.go_live(here.services, here.client, names["project"])
        return {}
    if "{rollout}" in name:
        _rollout(here, names)
        if name.endswith("resume"):
            path = f"/v1/projects/{names['project']}/rollouts/{names['rollout']}/pause"
            here.made("POST", path, None)
    if name == "DELETE /v1/teams/{team}":
        made = here.made("POST", "/v1/teams", {"name": "Spare"})
        names["team"] = made["id"]
    if name.endswith("projects/{project}/members/{user}") and route.method == "DELETE":
        path = f"/v1/projects/{names['project']}/members/{names['user']}"
        here.made("PUT", path, {"role": "developer"})
    if name == "PUT /v1/projects/{project}/members/{user}":
        return {"role": "developer"}
    if name == "PATCH /v1/teams/{team}/members/{user}":
        return {"role": "developer"}
    if name == "POST /v1/admin/teams/{team}/restore":
        here.made("POST", f"/v1/admin/teams/{names['team']}/suspend", {"reason": "x"})
    if name == "POST /v1/admin/users/{user}/restore":
        here.made("POST", f"/v1/admin/users/{names['user']}/suspend", {"reason": "x"})
    if name == "POST /v1/admin/users/{user}/clear-factors":
        whose = identity_rows.user_named(names["user"])
        whose.update(actions=[identity_rows.UserRow.factors.set(1)])
    if name == "POST /v1/admin/advisories/import":
        made = here.made("POST", "/v1/admin/advisories", {"size": 1, "sha256": "0" * 64})
        here.services.store.put(f"osv/incoming/{made['id']}.zip", b".")
        return {"id": made["id"]}
    if name == "POST /v1/invitations/accept":
        return {"token": _token_of_an_invitation(here)}
    return {**body, **EXTRA.get(name, {})}


def _rollout(here: Here, names: dict[str, str]) -> None:
    """A rollout in its first step."""
    names["project"], _ = here.ready()
    here.made("PATCH", f"/v1/projects/{names['project']}", {"delivery": {"strategy": "canary"}})
    line.go_live(here.services, here.client, names["project"])
    (_, names["rollout"]), execution = [
        (key, one) for key, one in here.services.workflow.executions.items() if key[0] == "rollout"
    ][-1]
    for state in (begin, shift):
        state.handler(execution.data, None)


EXTRA: dict[str, dict[str, Any]] = {
    "POST /v1/projects/{project}/uploads": {"kind": "output", "files": 1, "bytes": 1},
    "POST /v1/admin/teams/{team}/restore": {"reason": "x"},
    "POST /v1/admin/users/{user}/restore": {"reason": "x"},
    "POST /v1/admin/users/{user}/clear-factors": {"reason": "x"},
    "PUT /v1/admin/users/{user}/admin": {"admin": True},
    "PATCH /v1/admin/teams/{team}": {"plan": "pro", "reason": "x"},
    "PATCH /v1/admin/settings": {"sign_up": "open"},
    "POST /v1/admin/advisories": {"size": 1, "sha256": "0" * 64},
    "POST /v1/admin/users/{user}/suspend": {"reason": "x"},
    "POST /v1/admin/teams/{team}/suspend": {"reason": "x"},
    "PUT /v1/teams/{team}/policies/{policy}": {"roles": ["viewer"]},
}


def _token_of_an_invitation(here: Here) -> str:
    other = person(Client())
    body = {"email": here.owner.email, "role": "viewer"}
    assert other.client.post(f"/v1/teams/{other.team}/invitations", body).status < 300
    text = here.services.mail.sent[-1].text
    return str(re.search(r"inv_[\w-]{20,}", text)[0])  # type: ignore[index]
