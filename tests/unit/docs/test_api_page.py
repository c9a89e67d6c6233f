"""docs/api.md names every route and no others."""

from __future__ import annotations

import re

import app  # noqa: F401  # registers the routes
from chalicelib.core.http import TABLE
from tests.unit.docs.codes import ROOT

TEXT = (ROOT / "docs" / "api.md").read_text()
DESCRIBED = set(re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) /v1/[^`\s?]*)`", TEXT))
ROUTES = {f"{route.method} {route.path}" for route in TABLE}


def test_every_route_is_described():
    missing = ROUTES - DESCRIBED
    assert not missing


def test_no_route_is_described_that_is_not_there():
    invented = DESCRIBED - ROUTES
    assert not invented


def test_the_fields_of_inputs_are_named():
    for route in TABLE:
        if route.bearer == "user" and route.body is not None:
            row = next(
                line for line in TEXT.splitlines() if f"`{route.method} {route.path}`" in line
            )
            missing = [name for name in route.body.model_fields if f'"{name}"' not in row]
            assert not missing, f"{route.method} {route.path}: {missing}"


def test_the_fields_of_the_runners_answers_are_named():
    page = (ROOT / "docs" / "architecture.md").read_text()
    for route in TABLE:
        if route.bearer == "build":
            name = route.path.rpartition("/")[2]
            row = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
            fields = [*(route.body.model_fields if route.body else ()), *route.answer.model_fields]
            missing = [field for field in fields if f'"{field}"' not in row]
            assert not missing, f"runner {name}: {missing}"
