"""Every route, asked by everybody, about their own, somebody else's and nobody's things.

The product runs in this process over a real database. What is expected is worked out from
`authz_table`, which knows nothing of the product; whoever is wrong, the two differ.
"""

import os
import re
import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.prove import authz_table as table
from tests.prove.outcome import Outcome

GOAL = "every route x every principal x every tenant answers as the table says; none wrong"
FRESH_SECONDS = 180
TENANTS = ("own", "other", "absent")
NOT_SIGNED_IN = {
    "anonymous": "not_signed_in",
    "malformed": "token_malformed",
    "expired": "token_expired",
    "revoked": "token_revoked",
    "suspended": "token_revoked",
}
ROLES = ("viewer", "billing", "developer", "admin", "owner")
MACHINES = ("service", "deploy_key", "wrong_scope")
PRINCIPALS = (*NOT_SIGNED_IN, *ROLES, *MACHINES, "guest", "administrator")
ABSENT_CODES = {
    "team": "team_not_found",
    "project": "project_not_found",
    "deployment": "deployment_not_found",
    "upload": "upload_not_found",
    "key_id": "key_not_found",
}
"""The parameter that says whose something is, and how it looks when it is not there."""

BODIES: dict[str, dict[str, Any]] = {
    # a policy that changes nothing for any principal here
    "PUT /v1/teams/{team}/policies/{policy}": {
        "effect": "deny",
        "roles": ["billing"],
        "actions": ["billing.manage"],
    },
    "PATCH /v1/admin/settings": {"sign_up": "invite"},
    "POST /v1/admin/users/{user}/suspend": {"reason": "a test"},
    "POST /v1/admin/users/{user}/restore": {"reason": "a test"},
    "POST /v1/admin/users/{user}/clear-factors": {"reason": "a test"},
    "PUT /v1/admin/users/{user}/admin": {"admin": False},
    "POST /v1/admin/teams/{team}/suspend": {"reason": "a test"},
    "POST /v1/admin/teams/{team}/restore": {"reason": "a test"},
    "PATCH /v1/admin/teams/{team}": {"plan": "pro", "reason": "a test"},
}


@dataclass
class Stage:
    """Two teams with everything in them, and everybody who asks."""

    own: Any
    other: Any
    clients: dict[str, Any]
    emails: dict[str, str]
    things: dict[str, dict[str, str]] = field(default_factory=dict)
    since: float = field(default_factory=time.monotonic)

    def keep_fresh(self) -> None:
        """Sign everybody in again before their proofs are too old for a step-up."""
        if time.monotonic() - self.since > FRESH_SECONDS:
            for principal in self.emails:
                self.sign_in_again(principal)
            self.since = time.monotonic()

    def sign_in_again(self, principal: str) -> None:
        """A session in place of one that was ended, or has become too old for a step-up."""
        from tests.fakes.people import PASSWORD

        if principal in self.emails:
            client = self.clients[principal]
            login = {"email": self.emails[principal], "password": PASSWORD}
            answer = client.with_token(None).post("/v1/auth/login", login)
            client.token = answer.json()["access_token"]


def run(outcome: Outcome) -> None:
    """Build the stage, ask everything, compare."""
    with _product() as services:
        from chalicelib.core.http import TABLE

        routes = {f"{route.method} {route.path}": route for route in TABLE}
        for name in sorted(set(routes) ^ set(table.TABLE)):
            outcome.expect(False, f"{name} is in one of the two tables only")
        stage = _stage(services)
        asked: Counter[str] = Counter()
        for name in table.TABLE:
            if name in routes:
                stage.keep_fresh()
                _route(stage, name, routes[name], outcome, asked)
    outcome.figures |= {
        "routes": len(table.TABLE),
        "principals": len(PRINCIPALS),
        "tenants": len(TENANTS),
        "requests": asked.total(),
        "allowed": asked["ok"],
        "refused": asked.total() - asked["ok"],
        "wrong": len(outcome.failures),
    }


# -- what is expected ------------------------------------------------------------------------------


def expected(principal: str, name: str, tenant: str) -> str:
    """`ok`, `401`, `403` or `404`, from the table alone."""
    wanted = table.TABLE[name]
    if wanted == table.PUBLIC:
        return "ok"
    if principal in NOT_SIGNED_IN or wanted == table.RUNNER:
        return "401"
    simple = {
        table.ADMIN: principal == "administrator",
        table.PERSON: principal not in MACHINES,
        table.ANYBODY: True,
    }
    if wanted in simple:
        return "ok" if simple[wanted] else "403"
    return _in_team(principal, name, tenant, wanted)


def _in_team(principal: str, name: str, tenant: str, permission: str) -> str:
    scopes = {"deploy_key": table.DEPLOY_KEY, "wrong_scope": frozenset[str]()}.get(principal)
    if name == "POST /v1/keys" and principal in MACHINES:
        return "403"  # a key makes no keys, wherever
    if name == "GET /v1/teams":  # a list of one's own: everybody has one
        return "ok" if scopes is None else "403"
    if scopes is not None and permission not in scopes and name not in _DECIDED_LATE:
        return "403"  # a key that is not for this is told so before anything is looked up
    if tenant != "own":
        return "404"
    if principal == "administrator":
        return "404"
    if principal == "deploy_key" and tenant_parameter(name) == "team":
        return "404"  # it belongs to one project, and sees nothing of the team around it
    if principal == "guest":
        if tenant_parameter(name) not in {"project", "deployment", "upload"}:
            return "404"
        return "ok" if permission in table.GUEST else "403"
    if scopes is not None:
        return "ok" if permission in scopes else "403"
    role = "developer" if principal == "service" else principal
    return "ok" if role in table.ROLES[permission].split() else "403"


_DECIDED_LATE = frozenset({"POST /v1/projects", "GET /v1/projects"})
"""Their permission is asked of the team that the request names."""


def tenant_parameter(name: str) -> str | None:
    """What in a request says whose thing it is about."""
    if name in table.BY_TEAM_IN_BODY | table.BY_TEAM_IN_QUERY:
        return "team"
    if table.TABLE[name] in {table.PUBLIC, table.PERSON, table.ADMIN}:
        return None
    found = re.findall(r"{(\w+)}", name)
    return found[0] if found and found[0] in ABSENT_CODES else None


# -- asking ----------------------------------------------------------------------------------------


def _route(stage: Stage, name: str, route: Any, outcome: Outcome, asked: Counter[str]) -> None:
    kind = tenant_parameter(name)
    said: dict[tuple[str, str], str] = {}
    for tenant in TENANTS:
        # refusals first: whoever may, may destroy what the path names
        order = sorted(PRINCIPALS, key=lambda who: expected(who, name, tenant) == "ok")
        for principal in order:
            wanted = expected(principal, name, tenant)
            names = _names(stage, name, tenant, fresh=wanted == "ok" and route.method != "GET")
            answer = _call(stage.clients[principal], name, route, names)
            got = verdict(answer, kind)
            asked[got] += 1
            outcome.expect(
                got == wanted,
                f"{name} by {principal} about {tenant}: {got} ({answer.status} {answer.code}), "
                f"not {wanted}",
            )
            if got == "401" and principal in NOT_SIGNED_IN and route.bearer == "user":
                code = NOT_SIGNED_IN[principal]
                outcome.expect(answer.code == code, f"{name} by {principal}: {answer.code}")
            if got == "404":
                said[principal, tenant] = _words(answer, names)
            if name in _ENDS_SESSIONS:
                stage.sign_in_again(principal)
    for principal in PRINCIPALS:
        told = {said[key] for key in said if key[0] == principal and key[1] != "own"}
        outcome.expect(
            len(told) < 2, f"{name} tells {principal} another's thing from one that never was"
        )


_ENDS_SESSIONS = frozenset(
    {"POST /v1/auth/logout", "DELETE /v1/me/sessions", "PUT /v1/me/password"}
)
_UNSIGNED = frozenset(
    {"not_signed_in", "token_malformed", "token_expired", "token_revoked", "token_invalid"}
    | {"step_up_required"}
)


def verdict(answer: Any, kind: str | None) -> str:
    """What a caller learns; something absent further in, or wrong in the request, is no refusal."""
    if answer.status >= 500:
        return str(answer.status)
    if answer.status == 401 and answer.code in _UNSIGNED:
        return "401"
    if answer.status == 403 and answer.code != "sign_up_closed":
        return "403"
    if kind and answer.status == 404 and answer.code == ABSENT_CODES[kind]:
        return "404"
    return "ok"


def _words(answer: Any, names: dict[str, str]) -> str:
    document = answer.json()
    document.pop("request_id")
    text = str(document)
    for value in names.values():
        text = text.replace(value, "*")
    return text


def _call(client: Any, name: str, route: Any, names: dict[str, str]) -> Any:
    from tests.api import bodies

    template = BODIES.get(name, bodies.BODIES.get(name, {}))
    body = bodies.filled(template, names) if route.body is not None else None
    query = "?team={team}" if name in table.BY_TEAM_IN_QUERY else ""
    return client.call(route.method, bodies.filled(route.path + query, names), body)


def _names(stage: Stage, name: str, tenant: str, *, fresh: bool) -> dict[str, str]:
    """Ids for a path: what is there once, and what is made anew because the call may end it."""
    from tests.fakes import world

    if tenant == "absent":
        return dict(world.ABSENT)
    if table.TABLE[name] == table.ADMIN:
        tenant = "other"  # nobody who is asked about afterwards
    names = dict(stage.things[tenant])
    owner = getattr(stage, tenant)
    if fresh and name == "DELETE /v1/projects/{project}":
        names["project"] = world.MAKERS["project"](owner)
    for parameter in ("user", "key_id", "user_code"):
        if fresh and f"{{{parameter}}}" in name:
            names[parameter] = world.MAKERS[parameter](owner)
    return names


# -- the stage -------------------------------------------------------------------------------------


def _stage(services: Any) -> Stage:
    from chalicelib.identity.actions.users import make_admin
    from chalicelib.identity.rows import UserRow, user_of
    from tests.fakes import world
    from tests.fakes.client import Client
    from tests.fakes.people import api_key, member, person

    api = Client()
    own, other = world.build(api, services), world.build(api, services)
    people = {role: member(api, own.owner, role) for role in ROLES if role != "owner"}
    people |= {"owner": own.owner, "guest": person(api), "administrator": person(api)}
    row = user_of(people["administrator"].id)
    assert row is not None
    make_admin(row)
    suspended = member(api, own.owner, "owner")
    UserRow(f"USER#{suspended.id}", "PROFILE").update(actions=[UserRow.status.set("suspended")])
    stage = Stage(
        own,
        other,
        {name: own.clients[name] for name in ("anonymous", "malformed", "expired", "revoked")}
        | {name: somebody.client for name, somebody in people.items()}
        | {"suspended": suspended.client},
        {name: somebody.email for name, somebody in people.items()},
    )
    for tenant, where in (("own", own), ("other", other)):
        stage.things[tenant] = _things(where)
    project = stage.things["own"]["project"]
    ask = own.owner.client
    _made(ask.put(f"/v1/projects/{project}/members/{people['guest'].id}", {"role": "developer"}))
    deploy = _made(ask.post(f"/v1/projects/{project}/deploy-keys", {"name": "ci"}))
    given = {"name": "s", "team": own.owner.team, "kind": "service", "role": "developer"}
    service = _made(ask.post("/v1/keys", given))
    stage.clients |= {
        "deploy_key": api.with_token(deploy["secret"]),
        "service": api.with_token(service["secret"]),
        # good for something that no route asks for
        "wrong_scope": api_key(own.owner, scopes=["usage.read"]),
    }
    return stage


def _things(where: Any) -> dict[str, str]:
    """One of everything that a path can name; deployment and upload are of the project."""
    from tests.fakes import world

    owner = where.owner.client
    project = world.MAKERS["project"](where)
    where.services.repositories.push(project, "main", world.COMMIT)
    path = f"/v1/projects/{project}"
    deployment = _made(owner.post(f"{path}/deployments", {"branch": "main"}))["id"]
    upload = _made(owner.post(f"{path}/uploads", {"kind": "output", "files": 1, "bytes": 1}))["id"]
    made: dict[str, Callable[[Any], str]] = {
        name: world.MAKERS[name] for name in ("team", "user", "key_id", "request", "user_code")
    }
    return {
        **world.ABSENT,
        **{name: make(where) for name, make in made.items()},
        "project": project,
        "deployment": deployment,
        "upload": upload,
        "policy": f"policy-{secrets.token_hex(3)}",
    }


def _made(answer: Any) -> Any:
    assert answer.status in {200, 201}, answer.text
    return answer.json()


@contextmanager
def _product() -> Iterator[Any]:
    """The product with fakes for its ports, a database, and limits that count nothing."""
    kept = dict(os.environ)
    os.environ.update(
        AWS_REGION="us-east-1",
        AWS_DEFAULT_REGION="us-east-1",
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_EC2_METADATA_DISABLED="true",
        CLOUDDECK_LOCAL_SECRET="a secret of the suite",
        CLOUDDECK_HOME=tempfile.mkdtemp(prefix="prove-authz-"),
        POWERTOOLS_LOG_LEVEL="CRITICAL",
    )
    from tests.fakes import database, short_way

    port = database.free_port()
    os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = f"http://127.0.0.1:{port}"
    process = database.start(port)
    try:
        import boto3

        import app  # noqa: F401  # registers every route
        from chalicelib import wiring
        from chalicelib.core import http
        from chalicelib.core.config import settings
        from chalicelib.core.limits import Limiter
        from tests.fakes import fake_services

        database.make_tables(boto3.client("dynamodb"), settings().prefix)
        short_way.install(port)
        services = fake_services()
        wiring.install(lambda: services)
        http.limit_with(Limiter(0))  # thousands of requests come from one address
        yield services
    finally:
        process.kill()
        process.wait()
        os.environ.clear()
        os.environ.update(kept)
