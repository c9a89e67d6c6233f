"""What cannot be done is refused in one shape, whichever host says it."""

from __future__ import annotations

import pytest
import requests

from tests.acceptance.client import Api, Json


def problem(answer: requests.Response) -> tuple[int, str]:
    """Status and code of an RFC 9457 document, after a look at the whole of it."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    document = answer.json()
    assert document["status"] == answer.status_code
    assert {"type", "title", "detail", "code", "request_id"} <= set(document)
    assert document["hint"], "says what to do next"
    assert answer.headers["X-Request-Id"] == document["request_id"]
    return answer.status_code, document["code"]


def test_an_address_that_is_not_there(api: Api) -> None:
    assert problem(api.call("GET", "/nothing/of/ours")) == (404, "route_not_found")


def test_a_thing_that_is_not_there(api: Api) -> None:
    status, code = problem(api.call("GET", "/projects/prj_00000000000000000000000000"))
    assert (status, code) == (404, "project_not_found")


def test_a_method_that_an_address_does_not_take(api: Api) -> None:
    answer = api.call("PATCH", "/health", {})
    found = problem(answer)
    # API Gateway does not tell a method that is missing from an address that is
    assert found in {(405, "method_not_allowed"), (404, "route_not_found")}
    if found[0] == 405:
        assert "GET" in answer.headers["Allow"]


def test_too_large(api: Api) -> None:
    body = {"name": "x" * (5 * 1024 * 1024)}
    assert problem(api.call("POST", "/projects", body)) == (413, "body_too_large")


def test_every_wrong_field_is_named(api: Api) -> None:
    answer = api.call("POST", "/projects", {"name": "", "settings": {"root": "../up"}})
    assert problem(answer)[0] == 422
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert {"/name", "/settings/root"} <= pointers


def test_a_field_that_is_not_known(api: Api) -> None:
    answer = api.call("POST", "/projects", {"name": "x", "colour": "red"})
    assert problem(answer) == (400, "unknown_field")


@pytest.mark.parametrize(
    ("raw", "type_", "expected"),
    [
        (b"{", "application/json", (400, "invalid_json")),
        (b"name=x", "application/x-www-form-urlencoded", (415, "unsupported_media_type")),
        (b"\xff\xfe", "application/json", (400, "invalid_json")),
    ],
)
def test_what_is_no_json(api: Api, raw: bytes, type_: str, expected: tuple[int, str]) -> None:
    answer = api.call("POST", "/projects", data=raw, headers={"Content-Type": type_})
    assert problem(answer) == expected


def test_percent_signs_in_a_path_are_decoded_once(api: Api, project: Json) -> None:
    """`%2550` is the text `%50` and not the letter P, so this is no project of anybody."""
    slug = project["slug"]
    encoded = "%25" + format(ord(slug[0]), "x") + slug[1:]
    assert problem(api.call("GET", f"/projects/{encoded}"))[0] in {404, 422}
    once = "%" + format(ord(slug[0]), "x") + slug[1:]
    assert api.get(f"/projects/{once}")["id"] == project["id"]
