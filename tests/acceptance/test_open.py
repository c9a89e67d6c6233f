"""What everybody may ask."""

from __future__ import annotations

from openapi_pydantic import OpenAPI

from tests.acceptance.client import Api


def test_health(anonymous: Api) -> None:
    answer = anonymous.call("GET", "/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["X-Request-Id"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_health_without_a_body(anonymous: Api) -> None:
    answer = anonymous.call("HEAD", "/health")
    assert answer.status_code in {200, 404}, "API Gateway knows no HEAD"
    assert answer.content == b""


def test_openapi_is_valid_and_complete(anonymous: Api) -> None:
    document = OpenAPI.model_validate(anonymous.get("/openapi.json"))
    assert document.openapi.startswith("3.1")
    assert {"/v1/health", "/v1/projects", "/v1/deployments/{deployment}"} <= set(
        document.paths or {}
    )


def test_meta_names_the_addresses(anonymous: Api) -> None:
    meta = anonymous.get("/meta")
    assert meta["live"].startswith(("ws://", "wss://"))
    assert "{label}" in meta["sites"]
    assert meta["api"].startswith("http")
