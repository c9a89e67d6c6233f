"""A client that hands API Gateway events to the Chalice app, without a socket."""

from __future__ import annotations

import base64
import functools
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """The error code; an empty text when it was no error."""
        return str(self.json().get("code", "")) if self.text and self.status >= 400 else ""


@dataclass
class Client:
    """Calls the API; `token` goes into the Authorization header."""

    token: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    ip: str = "192.0.2.1"

    def with_token(self, token: str | None) -> Client:
        """The same client as somebody else."""
        return Client(token, dict(self.headers), self.ip)

    def get(self, path: str, **options: Any) -> Answer:
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.call("POST", path, body, **options)

    def put(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.call("PUT", path, body, **options)

    def patch(self, path: str, body: Any = None, **options: Any) -> Answer:
        return self.call("PATCH", path, body, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        return self.call("DELETE", path, **options)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Call `path` (with `/v1`, perhaps with a query). `raw` is a body that is not JSON."""
        from app import app

        sent = {"Content-Type": "application/json", "Accept": "application/json", **self.headers}
        if self.token is not None:
            sent["Authorization"] = f"Bearer {self.token}"
        sent.update(headers or {})
        if raw is None and body is not None:
            raw = json.dumps(body).encode()
        sent_event = event(app.routes, method, path, raw, sent)
        sent_event["requestContext"]["identity"]["sourceIp"] = self.ip
        answer = app(sent_event, None)
        text = answer["body"]
        if answer.get("isBase64Encoded"):
            text = base64.b64decode(text).decode()
        _check_documented(sent_event, answer["statusCode"])
        return Answer(answer["statusCode"], dict(answer["headers"]), text)


def _check_documented(sent: dict[str, Any], status: int) -> None:
    """Fail when a route answers with a status that the OpenAPI document does not name."""
    from chalicelib.core.http import TABLE
    from chalicelib.core.openapi import problem_codes

    for route in TABLE:
        if (route.method, route.path) == (sent["httpMethod"], sent["resource"]):
            known = {route.status, *route.also, 204, 304, *problem_codes(route)}
            assert status in known, f"{route.method} {route.path} answers {status}: {known}"


def event(
    routes: Any, method: str, path: str, raw: bytes | None, headers: dict[str, str]
) -> dict[str, Any]:
    """The event that API Gateway would make of a request."""
    address, _, query = path.partition("?")
    resource, parameters = _match(routes, address)
    asked: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        asked.setdefault(name, []).append(value)
    return {
        "resource": resource,
        "path": address,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in asked.items()} or None,
        "multiValueQueryStringParameters": asked or None,
        "pathParameters": parameters or None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": resource,
            "httpMethod": method,
            "path": address,
            "identity": {"sourceIp": "192.0.2.1"},
        },
        "body": None if raw is None else base64.b64encode(raw).decode(),
        "isBase64Encoded": raw is not None,
    }


def _match(routes: Any, address: str) -> tuple[str, dict[str, str]]:
    # a literal segment wins over a parameter, as in API Gateway
    for resource in sorted(routes, key=lambda path: path.count("{")):
        found = _shape(resource).fullmatch(address)
        if found:
            return resource, {name: unquote(value) for name, value in found.groupdict().items()}
    return address, {}


@functools.cache
def _shape(resource: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(resource)))
