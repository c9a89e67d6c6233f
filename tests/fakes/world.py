"""One team with everybody in it, and one of everything that a path can name."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chalicelib.core import stepup
from chalicelib.ports import Services
from tests.fakes.client import Client
from tests.fakes.people import Person, api_key, member, person

COMMIT = "a" * 40


@dataclass
class World:
    """Principals by name, and the services their tokens belong to."""

    services: Services
    owner: Person
    clients: dict[str, Client]
    built: float = field(default_factory=time.monotonic)


def build(api: Client, services: Services) -> World:
    """A new team with an owner, an admin, a developer and a viewer, and those who are not in it."""
    from chalicelib.core import clock

    owner = person(api)
    real = clock.epoch
    clock.epoch = lambda seconds_from_now=0: real(seconds_from_now) - 2 * 86400
    try:
        expired = member(api, owner, "owner").client
    finally:
        clock.epoch = real
    revoked = member(api, owner, "owner").client
    revoked.post("/v1/auth/logout")
    return World(
        services,
        owner,
        {
            "anonymous": api.with_token(None),
            "malformed": api.with_token("no.token"),
            "expired": expired,
            "revoked": revoked,
            "viewer": member(api, owner, "viewer").client,
            "developer": member(api, owner, "developer").client,
            "admin": member(api, owner, "admin").client,
            "owner": owner.client,
            "stranger": person(api).client,
            # a key of the owner that is good for something that no route asks for
            "key": api_key(owner, scopes=["team.delete"]),
        },
    )


def alive(world: World) -> bool:
    """Whether the database still knows this world, and its people need not prove who they are."""
    fresh = time.monotonic() - world.built < stepup.FRESH_SECONDS / 2
    return fresh and world.owner.client.get("/v1/me").status == 200


def _project(world: World) -> str:
    answer = world.owner.client.post(
        "/v1/projects", {"name": "site", "slug": f"site-{secrets.token_hex(4)}"}
    )
    assert answer.status == 201, answer.text
    return str(answer.json()["id"])


def _deployment(world: World) -> str:
    project = _project(world)
    repositories: Any = world.services.repositories
    repositories.push(project, "main", COMMIT)
    answer = world.owner.client.post(f"/v1/projects/{project}/deployments", {"branch": "main"})
    assert answer.status == 201, answer.text
    return str(answer.json()["id"])


def _upload(world: World) -> str:
    answer = world.owner.client.post(
        f"/v1/projects/{_project(world)}/uploads", {"kind": "output", "files": 1, "bytes": 1}
    )
    assert answer.status == 201, answer.text
    return str(answer.json()["id"])


def _key(world: World) -> str:
    answer = world.owner.client.post("/v1/keys", {"name": "k"})
    assert answer.status == 201, answer.text
    return str(answer.json()["id"])


def _member(world: World) -> str:
    return member(Client(), world.owner, "viewer").id


def _access_request(_: World) -> str:
    from chalicelib.accounts.actions import requests

    email = f"{secrets.token_hex(4)}@example.com"
    requests.ask_for_access(email, "Grace", "Acme", "work")
    rows: Any = requests.list_requests("pending")
    return str(next(row.id for row in rows if row.email == email))


def _policy(world: World) -> str:
    path = f"/v1/teams/{world.owner.team}/policies/freeze"
    answer = world.owner.client.put(
        path, {"effect": "deny", "roles": ["guest"], "actions": ["project.update"]}
    )
    assert answer.status == 200, answer.text
    return "freeze"


def _device(_world: World) -> str:
    """A device that waits; whoever is asked first decides about it."""
    answer = Client().post("/v1/auth/device", {"name": "laptop"})
    assert answer.status == 200, answer.text
    return str(answer.json()["user_code"])


MAKERS: dict[str, Callable[[World], str]] = {
    "team": lambda world: world.owner.team,
    "request": _access_request,
    "project": _project,
    "deployment": _deployment,
    "other": _deployment,
    "upload": _upload,
    "pull": lambda _: ABSENT["pull"],
    "key_id": _key,
    "user": _member,
    "invitation": lambda _: ABSENT["invitation"],
    "deploy_key": lambda _: ABSENT["deploy_key"],
    "name": lambda _: "API_URL",
    "environment": lambda _: ABSENT["environment"],
    "hook": lambda _: ABSENT["hook"],
    "share": lambda _: ABSENT["share"],
    "site": lambda _: ABSENT["site"],
    "schedule": lambda _: ABSENT["schedule"],
    "domain": lambda _: ABSENT["domain"],
    "zone": lambda _: ABSENT["zone"],
    "type": lambda _: ABSENT["type"],
    "record": lambda _: ABSENT["record"],
    "provider": lambda _: ABSENT["provider"],
    "user_code": _device,
    "policy": _policy,
    "stream": lambda _: ABSENT["stream"],
    "installation": lambda _: ABSENT["installation"],
    "factor": lambda _: ABSENT["factor"],
    "session": lambda _: ABSENT["session"],
    "browser": lambda _: ABSENT["browser"],
    "rollout": lambda _: ABSENT["rollout"],
}
"""How to make what a path parameter names; it belongs to the owner's team."""

ABSENT = {
    "team": "team_" + "0" * 26,
    "request": "acr_" + "0" * 26,
    "project": "prj_" + "0" * 26,
    "deployment": "dpl_" + "0" * 26,
    "other": "dpl_" + "0" * 25 + "1",
    "upload": "upl_" + "0" * 26,
    "pull": "404",
    "key_id": "key_" + "0" * 26,
    "user": "usr_" + "0" * 26,
    "invitation": "inv_" + "0" * 26,
    "deploy_key": "key_" + "0" * 26,
    "name": "API_URL",
    "environment": "nowhere",
    "hook": "hook_" + "0" * 26,
    "share": "0" * 8,
    "site": "nobodys",
    "schedule": "sched_" + "0" * 26,
    "domain": "nobodys-domain.com",
    "zone": "nobodys-zone.com",
    "type": "A",
    "record": "www",
    "provider": "github",
    "user_code": "BCDF-GHJK",
    "policy": "none-of-ours",
    "stream": "siem",
    "installation": "77",
    "factor": "fac_" + "0" * 26,
    "session": "ses_" + "0" * 26,
    "browser": "psh_" + "0" * 26,
    "rollout": "rol_" + "0" * 26,
}
"""The same for what never was."""
