"""The description of the API is valid OpenAPI 3.1 and says what the table says."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from openapi_pydantic import OpenAPI

from chalicelib.core import openapi
from chalicelib.core.http import PUBLIC, TABLE


@pytest.fixture(scope="module")
def document():
    import app  # noqa: F401  # registers every route

    return json.loads(json.dumps(openapi.build(TABLE, version="1", server="http://x")))


def test_it_is_openapi_3_1(document):
    parsed = OpenAPI.model_validate(document)
    assert parsed.openapi == "3.1.0"


def test_every_route_is_there(document):
    found = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    assert found == {(route.method, route.path) for route in TABLE}


def test_operation_ids_are_unique(document):
    names = [o["operationId"] for p in document["paths"].values() for o in p.values()]
    assert len(names) == len(set(names))


def test_references_lead_somewhere(document):
    text = json.dumps(document)
    assert "$defs" not in text
    used = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert used <= set(document["components"]["schemas"])


def test_permissions_and_security(document):
    for route in TABLE:
        operation = document["paths"][route.path][route.method.lower()]
        assert operation["x-permission"] == route.permission
        assert operation["security"] == ([] if route.permission == PUBLIC else [{route.bearer: []}])
        assert operation["summary"]


def test_it_is_served(api):
    answer = api.get("/v1/openapi.json")
    assert answer.status == 200
    OpenAPI.model_validate(answer.json())


def test_meta_says_the_version_of_the_package(api):
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    meta = api.get("/v1/meta").json()
    assert meta["version"] == project["version"]
    assert meta["sites"].format(label="blog") == "http://blog.localhost:8081"
    assert api.get("/v1/health").json() == {"status": "ok"}


def test_names_of_models_say_nothing_of_where_classes_lie(document):
    schemas = document["components"]["schemas"]
    assert {"DomainsDomainView", "AccountsDomainView"} <= set(schemas)
    assert not [name for name in schemas if "__" in name]
    wanted = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert wanted <= set(schemas)
