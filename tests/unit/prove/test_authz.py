"""The table of the suite `authz`, and how it judges answers."""

from __future__ import annotations

import json

import pytest

import app  # noqa: F401  # registers every route
from chalicelib.core.http import TABLE
from tests.fakes.client import Answer
from tests.prove import authz, authz_table


def test_both_tables_have_the_same_routes():
    assert {f"{route.method} {route.path}" for route in TABLE} == set(authz_table.TABLE)


def test_every_row_is_a_kind_or_a_permission_that_somebody_has():
    kinds = {
        authz_table.PUBLIC,
        authz_table.PERSON,
        authz_table.ANYBODY,
        authz_table.ADMIN,
        authz_table.RUNNER,
    }
    assert set(authz_table.TABLE.values()) - kinds == set(authz_table.ROLES) - {"key.delete"}


@pytest.mark.parametrize(
    ("principal", "route", "tenant", "wanted"),
    [
        ("anonymous", "GET /v1/me", "own", "401"),
        ("suspended", "GET /v1/projects/{project}", "own", "401"),
        ("anonymous", "GET /v1/health", "own", "ok"),
        ("viewer", "GET /v1/projects/{project}", "own", "ok"),
        ("viewer", "PATCH /v1/projects/{project}", "own", "403"),
        ("owner", "PATCH /v1/projects/{project}", "other", "404"),
        ("owner", "PATCH /v1/projects/{project}", "absent", "404"),
        ("billing", "GET /v1/projects/{project}/env", "own", "403"),
        ("admin", "DELETE /v1/teams/{team}", "own", "403"),
        ("owner", "DELETE /v1/teams/{team}", "own", "ok"),
        ("service", "POST /v1/projects/{project}/deployments", "own", "ok"),
        ("service", "PATCH /v1/me", "own", "403"),
        ("deploy_key", "POST /v1/projects/{project}/deployments", "own", "ok"),
        ("deploy_key", "GET /v1/projects/{project}/env", "own", "403"),
        ("deploy_key", "GET /v1/projects", "own", "404"),
        ("guest", "PUT /v1/projects/{project}/env/{name}", "own", "ok"),
        ("guest", "DELETE /v1/projects/{project}", "own", "403"),
        ("guest", "GET /v1/teams/{team}", "own", "404"),
        ("wrong_scope", "GET /v1/projects/{project}", "own", "403"),
        ("wrong_scope", "GET /v1/me", "own", "ok"),
        ("administrator", "GET /v1/teams/{team}", "own", "404"),
        ("administrator", "GET /v1/admin/users", "own", "ok"),
        ("owner", "GET /v1/admin/users", "own", "403"),
        ("owner", "POST /v1/runner/claim", "own", "401"),
    ],
)
def test_what_is_expected(principal, route, tenant, wanted):
    assert authz.expected(principal, route, tenant) == wanted


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (200, "", "ok"),
        (401, "token_expired", "401"),
        (401, "login_failed", "ok"),
        (403, "missing_permission", "403"),
        (403, "team_suspended", "403"),
        (404, "project_not_found", "404"),
        (404, "variable_not_found", "ok"),
        (409, "conflict", "ok"),
        (500, "internal", "500"),
    ],
)
def test_how_answers_are_judged(status, code, said):
    answer = Answer(status, {}, json.dumps({"code": code}))
    assert authz.verdict(answer, "project") == said
