from __future__ import annotations

import asyncio
import base64
import json

import pytest

from adapters import http
from adapters.http import Rest, Routes


class Recorder:
    """An app that remembers the event and answers what it is told."""

    def __init__(self, routes, answer=None):
        self.routes = {path: dict.fromkeys(methods) for path, methods in routes.items()}
        self.answer = answer or {"statusCode": 200, "headers": {}, "body": "{}"}
        self.event = None

    def __call__(self, event, context):
        self.event = event
        assert context.get_remaining_time_in_millis() > 0
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def ask(app, path, method="GET", headers=(), chunks=(b"",), query=b""):
    """(status, headers, body) of one request."""
    sent = []
    waiting = list(chunks)

    async def receive():
        if not waiting:
            return {"type": "http.disconnect"}
        body = waiting.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "headers": list(headers),
        "client": ("192.0.2.7", 1234),
    }
    asyncio.run(app(scope, receive, send))
    if not sent:
        return None
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


ROUTES = {
    "/v1/projects": ["GET", "POST"],
    "/v1/projects/{project}": ["GET"],
    "/v1/projects/{project}/env/{name}": ["PUT"],
    "/v1/projects/mine": ["DELETE"],
    "/v1/projects/mine/x": ["GET"],
}


@pytest.mark.parametrize(
    ("path", "resource", "parameters"),
    [
        ("/v1/projects", "/v1/projects", {}),
        ("/v1/projects/a", "/v1/projects/{project}", {"project": "a"}),
        ("/v1/projects/mine", "/v1/projects/mine", {}),
        (
            "/v1/projects/mine/env/B",
            "/v1/projects/{project}/env/{name}",
            {"project": "mine", "name": "B"},
        ),
        ("/v1/projects/a%2Fb", "/v1/projects/{project}", {"project": "a/b"}),
        ("/v1/projects/%C3%A9%20+", "/v1/projects/{project}", {"project": "é +"}),
        ("/v1/projects/%00", "/v1/projects/{project}", {"project": "\0"}),
    ],
)
def test_paths_find_their_resource(path, resource, parameters):
    assert Routes(ROUTES).match(path) == (resource, parameters)


@pytest.mark.parametrize(
    "path",
    ["/", "", "/v1", "/v1/projects/", "//v1/projects", "/v1/projects//env/B", "/V1/projects"],
)
def test_other_paths_find_nothing(path):
    assert Routes(ROUTES).match(path) is None


def test_the_event_is_that_of_api_gateway():
    app = Recorder(ROUTES)
    ask(
        Rest(app),
        "/v1/projects",
        "POST",
        headers=[(b"content-type", b"application/json"), (b"x-a", b"1"), (b"x-a", b"2")],
        chunks=[b'{"na', b'me":"x"}'],
        query=b"a=1&a=2&b=%20+",
    )
    event = app.event
    assert event["resource"] == event["requestContext"]["resourcePath"] == "/v1/projects"
    assert event["body"] == '{"name":"x"}'
    assert event["isBase64Encoded"] is False
    assert event["headers"]["x-a"] == "2"
    assert event["multiValueHeaders"]["x-a"] == ["1", "2"]
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"], "b": ["  "]}
    assert event["queryStringParameters"]["a"] == "2"
    assert event["pathParameters"] is None
    assert event["requestContext"]["identity"]["sourceIp"] == "192.0.2.7"


def test_bytes_travel_as_base64_both_ways():
    answer = {"statusCode": 200, "headers": {}, "body": "AP8=", "isBase64Encoded": True}
    app = Recorder(ROUTES, answer)
    status, _, body = ask(Rest(app), "/v1/projects", "POST", chunks=[b"\xff\x00"])
    assert base64.b64decode(app.event["body"]) == b"\xff\x00"
    assert app.event["isBase64Encoded"] is True
    assert (status, body) == (200, b"\x00\xff")


def problem(answer):
    status, headers, body = answer
    assert headers[b"content-type"] == b"application/problem+json"
    document = json.loads(body)
    assert document["status"] == status
    assert document["request_id"] == headers[b"x-request-id"].decode()
    return status, document["code"], headers


def test_an_unknown_path_is_a_problem():
    assert problem(ask(Rest(Recorder(ROUTES)), "/v1/nix"))[:2] == (404, "route_not_found")


def test_a_wrong_method_names_the_right_ones():
    status, code, headers = problem(ask(Rest(Recorder(ROUTES)), "/v1/projects", "PATCH"))
    assert (status, code) == (405, "method_not_allowed")
    assert headers[b"allow"] == b"GET, POST"


def test_a_path_that_is_not_utf8_is_a_problem():
    answer = ask(Rest(Recorder(ROUTES)), "/v1/projects/%ff")
    assert problem(answer)[:2] == (400, "path_not_utf8")


@pytest.mark.parametrize(
    ("headers", "chunks"),
    [([(b"content-length", b"11")], [b""]), ([], [b"123456", b"78901"]), ([], [b"12345678901"])],
)
def test_a_body_over_the_limit_is_refused(headers, chunks):
    app = Recorder(ROUTES)
    answer = ask(Rest(app, max_body=10), "/v1/projects", "POST", headers, chunks)
    assert problem(answer)[:2] == (413, "body_too_large")
    assert app.event is None


def test_a_body_of_exactly_the_limit_is_taken():
    app = Recorder(ROUTES)
    assert ask(Rest(app, max_body=10), "/v1/projects", "POST", chunks=[b"1234567890"])[0] == 200


def test_a_client_that_leaves_costs_nothing():
    app = Recorder(ROUTES)
    assert ask(Rest(app), "/v1/projects", "POST", chunks=[]) is None
    assert app.event is None


def test_head_is_get_without_a_body():
    app = Recorder(ROUTES, {"statusCode": 200, "headers": {}, "body": "1234"})
    status, headers, body = ask(Rest(app), "/v1/projects", "HEAD")
    assert (status, body, headers[b"content-length"]) == (200, b"", b"4")
    assert app.event["httpMethod"] == "GET"


def test_options_names_the_methods():
    status, headers, body = ask(Rest(Recorder(ROUTES)), "/v1/projects", "OPTIONS")
    assert (status, headers[b"allow"], body) == (204, b"GET, POST, HEAD, OPTIONS", b"")


def test_a_crash_is_a_problem_without_its_reason():
    answer = ask(Rest(Recorder(ROUTES, RuntimeError("secret reason"))), "/v1/projects")
    assert problem(answer)[:2] == (500, "internal")
    assert b"secret reason" not in answer[2]


def test_too_many_waiting_requests_are_told_to_come_back(monkeypatch):
    monkeypatch.setattr(http, "WAITING", 0)
    status, code, headers = problem(ask(Rest(Recorder(ROUTES)), "/v1/projects"))
    assert (status, code, headers[b"retry-after"]) == (503, "overloaded", b"1")


def test_requests_at_the_same_time_do_not_see_each_other(monkeypatch):
    from chalicelib.core.http import PUBLIC, App, Output
    from chalicelib.core.http import Routes as Blueprint
    from chalicelib.core.http import app as registering

    monkeypatch.setattr(registering, "TABLE", [])

    class Said(Output):
        word: str

    routes = Blueprint("adapter_test")

    @routes.get("/adapter-test/{word}", permission=PUBLIC, answer=Said)
    def say(call):
        import time

        time.sleep(0.005)
        seen = routes.current_request.uri_params["word"]
        return Said(word=seen if seen == call.path["word"] else "mixed")

    app = App("t")
    app.register_blueprint(routes)
    rest = Rest(app)

    async def one(word):
        sent = []

        async def receive():
            return {"type": "http.request", "body": b""}

        async def send(message):
            sent.append(message)

        path = f"/v1/adapter-test/{word}"
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [],
            "client": None,
        }
        await rest(scope, receive, send)
        return json.loads(sent[1]["body"])["word"]

    async def many():
        return await asyncio.gather(*(one(f"w{n}") for n in range(200)))

    assert asyncio.run(many()) == [f"w{n}" for n in range(200)]
