"""Every route that changes something leaves exactly one entry, in the right log, that says what.

Each audited route of the table is driven once to success, as `driving` says.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

import app  # noqa: F401  # registers every route
from chalicelib.audit import actions, rows
from chalicelib.audit.rules.entries import INSTALLATION, sealed
from chalicelib.audit.rules.sentences import SAID
from chalicelib.core.http import PUBLIC, TABLE, Route
from chalicelib.identity import rows as identity_rows
from tests.api.bodies import filled, named
from tests.api.driving import CANARY, ELSEWHERE, Here, names_for, prepare
from tests.fakes import world as worlds
from tests.fakes.client import Client
from tests.fakes.people import PASSWORD, person

AUDITED = [route for route in TABLE if route.audited and route.bearer == "user"]
DRIVEN = [route for route in AUDITED if named(route) not in ELSEWHERE]


@pytest.fixture
def here(api: Client, services: Any) -> Here:
    owner = person(api)
    identity_rows.user_named(owner.id).update(actions=[identity_rows.UserRow.admin.set(True)])
    return Here(owner, worlds.World(services, owner, {}), services)


def logged(database: Any, request: str) -> list[dict[str, Any]]:
    """Every entry of a request, in whatever log."""
    found = []
    pages = database.get_paginator("scan").paginate(TableName="test-events")
    for item in (item for page in pages for item in page["Items"] if "body" in item):
        entry = json.loads(item["body"]["S"])
        if entry["id"].startswith(request):
            assert item["pk"]["S"] == f"AUDIT#{entry['team']}"
            found.append(entry)
    return found


@pytest.mark.parametrize("route", DRIVEN, ids=named)
def test_it_leaves_one_entry(here: Here, database: Any, route: Route) -> None:
    names = names_for(here, route)
    body = prepare(here, route, names)
    client = Client() if route.permission == PUBLIC else here.client
    answer = client.call(
        route.method, filled(route.path, names), body if route.body is not None else None
    )
    assert answer.status < 300, answer.text
    found = logged(database, answer.headers["X-Request-Id"])
    own = [entry for entry in found if entry["id"] == answer.headers["X-Request-Id"]]
    assert len(own) == 1, found
    (entry,) = own
    assert entry["action"] == f"{route.tag}.{route.view.__name__}"
    assert entry["outcome"] == "ok"
    assert entry["hash"] == sealed(entry)
    assert entry["actor"]["user"] == here.owner.id
    assert entry["actor"]["ip"] == "192.0.2.1"
    assert entry["resource"] or not route.path.count("{")
    if route.scope == INSTALLATION:
        assert entry["team"] == INSTALLATION
    elif "{team}" in route.path or "{project}" in route.path:
        assert entry["team"] == names["team"]
    assert CANARY not in json.dumps(found)
    assert PASSWORD not in json.dumps(found)
    assert not [t for shard in range(rows.TRAIL_SHARDS) for t in rows.trails(shard)]
    (_, sentence), *_ = actions.told([entry])
    assert sentence.startswith("Ada ")


def test_only_what_cannot_be_driven_here_is_left_to_other_tests():
    assert set(ELSEWHERE) <= {named(route) for route in AUDITED}
    assert len(DRIVEN) > 80


def test_sentences_are_about_actions_that_there_are():
    made = {f"{route.tag}.{route.view.__name__}" for route in AUDITED}
    by_the_pipeline = {
        *(f"deployments.{end}" for end in ("ready", "failed", "cancelled", "superseded")),
        *("deployments.push", "deployments.go_live", "deployments.withdraw"),
        *("domains.state", "domains.expiring"),
        *("installation.make_owner", "installation.reset_owner"),
    }
    assert set(SAID) - made == by_the_pipeline


def test_a_failed_proof_leaves_an_entry_although_it_is_refused(here: Here, database: Any) -> None:
    answer = here.client.post("/v1/auth/step-up", {"password": f"{CANARY} wrong"})
    assert answer.status in {401, 403}, answer.text
    (entry,) = logged(database, answer.headers["X-Request-Id"])
    assert (entry["outcome"], entry["team"]) == ("refused", here.owner.team)
    assert CANARY not in json.dumps(entry)


def test_a_strangers_failures_write_nothing(here: Here, database: Any) -> None:
    wrong = {"email": here.owner.email, "password": "not this one"}
    answer = Client().post("/v1/auth/login", wrong)
    assert answer.status == 401
    assert logged(database, answer.headers["X-Request-Id"]) == []
