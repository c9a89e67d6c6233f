"""Who may call what: every route of the table against every kind of caller.

A route without a row in `authorisation_table` fails, and so does a row without a route: write down
who may call it before it ships. `ok` is any answer that is not a refusal. Callers who are not
signed in properly (no token, a malformed, an expired, a revoked one) get their own 401 on every
route that is not public.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

import app  # noqa: F401  # registers every route
from chalicelib.core.http import INSTALLATION, PUBLIC, SIGNED_IN, TABLE, Route
from chalicelib.teams.rules import SCOPES
from chalicelib.teams.rules.roles import INSTALLATION as OF_INSTALLATION
from tests.api.authorisation_table import EXPECTED, PUBLIC_ROUTE, RUNNER_ROUTE
from tests.api.bodies import BODIES, QUERIES, filled, named
from tests.fakes import world
from tests.fakes.client import Client

PRINCIPALS = ("viewer", "developer", "admin", "owner", "stranger", "key")
NOT_SIGNED_IN = {
    "anonymous": "not_signed_in",
    "malformed": "token_malformed",
    "expired": "token_expired",
    "revoked": "token_revoked",
}


def call(client: Client, route: Route, names: dict[str, str]) -> Any:
    name = named(route)
    path = filled(route.path + QUERIES.get(name, ""), names)
    body = filled(BODIES.get(name, {}), names) if route.body is not None else None
    return client.call(route.method, path, body)


def verdict(route: Route, answer: Any) -> str:
    """What a caller learns: `ok`, or the refusal; something absent further in is no refusal.

    Nor is a challenge that nobody asked for: that is about the proof, not about who brings it.
    """
    assert answer.status < 500, answer.text
    if answer.status in {401, 403} and answer.code != "challenge_over":
        return str(answer.status)
    refusals = {f"{route.scope}_not_found", "team_not_found", "key_not_found"}
    return "404" if answer.code in refusals else "ok"


def names_for(here: world.World, route: Route) -> dict[str, str]:
    wanted = {*re.findall(r"{(\w+)}", route.path), "team"}
    return {name: world.MAKERS[name](here) for name in wanted}


def signed_in_routes() -> list[Route]:
    return [r for r in TABLE if EXPECTED.get(named(r)) not in {PUBLIC_ROUTE, RUNNER_ROUTE}]


def test_every_route_has_a_row_and_every_row_a_route():
    assert {named(route) for route in TABLE} == set(EXPECTED)


def test_permissions_exist():
    used = {r.permission for r in TABLE if r.bearer == "user"} - {PUBLIC, SIGNED_IN}
    assert used <= SCOPES | OF_INSTALLATION


def test_public_routes_are_those_we_know():
    assert {named(r) for r in TABLE if r.permission == PUBLIC} == {
        name for name, row in EXPECTED.items() if row == PUBLIC_ROUTE
    }


@pytest.mark.parametrize("route", [r for r in TABLE if r.permission != PUBLIC], ids=named)
def test_not_signed_in(here, route):
    names = dict(world.ABSENT)
    found = {}
    for principal, code in NOT_SIGNED_IN.items():
        answer = call(here.clients[principal], route, names)
        assert answer.status == 401, f"{principal}: {answer.status} {answer.text}"
        found[principal] = answer.code
        if route.bearer == "user":
            assert answer.code == code


@pytest.mark.parametrize("route", signed_in_routes(), ids=named)
def test_roles(here, route):
    expected = dict(zip(PRINCIPALS, EXPECTED[named(route)].split(), strict=True))
    if named(route) == "POST /v1/auth/logout":
        pytest.skip("ends the sessions of the others; see test_identity")
    found = {}
    # refusals first: whoever may, may destroy what the path names
    for principal in sorted(PRINCIPALS, key=lambda p: expected[p] == "ok"):
        names = names_for(here, route)
        found[principal] = verdict(route, call(here.clients[principal], route, names))
    assert found == expected


@pytest.mark.parametrize("route", [r for r in TABLE if r.bearer == "build"], ids=named)
def test_runner_routes_refuse_people(here, route):
    for principal in PRINCIPALS:
        answer = call(here.clients[principal], route, {})
        assert answer.status == 401, f"{principal}: {answer.status} {answer.text}"


@pytest.mark.parametrize(
    "route",
    [r for r in signed_in_routes() if "{" in r.path and r.scope not in {None, INSTALLATION}],
    ids=named,
)
def test_another_teams_things_look_absent(here, route):
    """The same status, code and words, whether it is another team's or was never there."""
    scope = str(route.scope)
    answers = []
    for names in (names_for(here, route), world.ABSENT):
        answer = call(here.clients["stranger"], route, dict(names))
        assert answer.status == 404, answer.text
        document = answer.json()
        document.pop("request_id")
        answers.append(str(document).replace(names[scope], "*"))
    assert answers[0] == answers[1]
