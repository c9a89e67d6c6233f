"""What the gateway of the API says itself: in our words, to any origin, without secrets."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

import app  # noqa: F401  # registers the routes
from cdk import gateway_responses
from chalicelib.core.http.app import CORS
from tests.infra.rest_api import CHECKOUT, rest
from tests.infra.stacks import Stacks

TYPES = {
    *("ACCESS_DENIED", "API_CONFIGURATION_ERROR", "AUTHORIZER_CONFIGURATION_ERROR"),
    *("AUTHORIZER_FAILURE", "BAD_REQUEST_BODY", "BAD_REQUEST_PARAMETERS", "DEFAULT_4XX"),
    *("DEFAULT_5XX", "EXPIRED_TOKEN", "INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT"),
    *("INVALID_API_KEY", "INVALID_SIGNATURE", "MISSING_AUTHENTICATION_TOKEN"),
    *("QUOTA_EXCEEDED", "REQUEST_TOO_LARGE", "RESOURCE_NOT_FOUND", "THROTTLED"),
    *("UNAUTHORIZED", "UNSUPPORTED_MEDIA_TYPE", "WAF_FILTERED"),
}


def test_every_answer_of_the_gateway_is_ours(made: Stacks) -> None:
    import botocore.session

    model = botocore.session.get_session().get_service_model("apigateway")
    assert set(model.shape_for("GatewayResponseType").enum) == TYPES
    said = rest(made)["Body"]["x-amazon-apigateway-gateway-responses"]
    assert said == gateway_responses.gateway_responses()
    assert set(said) == TYPES


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_an_answer_of_the_gateway_is_problem_json(kind: str) -> None:
    response = gateway_responses.gateway_responses()[kind]
    headers = {
        name.removeprefix("gatewayresponse.header."): value
        for name, value in response["responseParameters"].items()
    }
    assert headers["Content-Type"] == "'application/problem+json'"
    assert headers["Access-Control-Allow-Origin"] == "'*'"
    assert headers["X-Request-Id"] == "context.requestId"
    assert all(v == "context.requestId" or v[0] == v[-1] == "'" for v in headers.values())
    text = response["responseTemplates"]["application/json"].replace("$context.requestId", "abc")
    document = json.loads(text)
    assert list(document) == [
        *("type", "title", "status", "detail", "code", "hint", "request_id"),
    ]
    assert response["statusCode"] == str(document["status"])
    assert document["type"] == f"https://clouddeck.dev/errors/{document['code']}"
    assert document["request_id"] == "abc"
    assert "$" not in text
    assert f"`{document['code']}`" in (CHECKOUT / "docs" / "errors.md").read_text()
    if document["status"] in {429, 503, 504}:
        assert int(headers["Retry-After"].strip("'")) > 0


def test_an_unknown_address_is_answered_as_by_the_api_itself() -> None:
    from chalicelib.core.http import no_route

    own = json.loads(no_route().body)
    refusal = gateway_responses.REFUSALS["MISSING_AUTHENTICATION_TOKEN"]
    assert (refusal.status, refusal.code, refusal.title, refusal.hint) == (
        *(own["status"], own["code"], own["title"], own["hint"]),
    )
    assert gateway_responses.REFUSALS["THROTTLED"].status == 429
    assert gateway_responses.REFUSALS["REQUEST_TOO_LARGE"].status == 413
    assert gateway_responses.REFUSALS["INTEGRATION_TIMEOUT"].status == 504


def test_a_page_of_another_origin_may_ask_every_route(made: Stacks) -> None:
    for path, methods in rest(made)["Body"]["paths"].items():
        preflight = methods["options"]["x-amazon-apigateway-integration"]
        assert preflight["type"] == "mock"
        said = preflight["responses"]["default"]["responseParameters"]
        said = {name.rpartition(".")[2]: value.strip("'") for name, value in said.items()}
        assert said["Access-Control-Allow-Origin"] == "*"
        allowed = set(said["Access-Control-Allow-Headers"].split(","))
        assert {"Authorization", "Content-Type", "Idempotency-Key", "If-Match"} <= allowed
        asked = {method.upper() for method in methods}
        assert set(said["Access-Control-Allow-Methods"].split(",")) == asked, path
        assert "Access-Control-Allow-Credentials" not in said


def test_an_answer_may_be_read_by_a_page_of_another_origin(api: Any) -> None:
    answer = api.get("/v1/health")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "X-Request-Id" in answer.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in CORS.get_access_control_headers()


def test_no_template_holds_a_secret(made: Stacks) -> None:
    for name, template in made.templates.items():
        text = json.dumps(template)
        for secret in (
            r"AKIA[0-9A-Z]{16}",
            r"\bck_[0-9A-Za-z]{20}",
            r"\brt_ses",
            r"eyJ[\w-]{20}\.",
        ):
            assert not re.search(secret, text), (name, secret)
        for function in made.every("AWS::Lambda::Function", name):
            for variable in function.get("Environment", {}).get("Variables", {}):
                assert not re.search(r"SECRET|TOKEN|PASSWORD", variable), variable
