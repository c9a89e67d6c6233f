from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from urllib.error import HTTPError

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from adapters.local.gateway import live
from adapters.local.gateway.application import Gateway
from adapters.local.gateway.live import MAX_MESSAGE, Live
from chalicelib.clouds.aws.live import ApiGatewayLive
from tests.unit.local.asgi import served

SECRET = "the secret"


class Product:
    """Stands for functions/live: remembers events, lets in who says `good`."""

    def __init__(self):
        self.events = []

    def __call__(self, route, event):
        self.events.append((route, event))
        if route == "$connect":
            token = (event["queryStringParameters"] or {}).get("token")
            return {"statusCode": {"good": 200, "other": 403}.get(token, 401)}
        if event.get("body") == "crash":
            raise RuntimeError
        return {"statusCode": 200}

    def bodies(self):
        return [event["body"] for route, event in self.events if route == "$default"]


async def nothing(scope, receive, send):
    raise AssertionError


@pytest.fixture
def product():
    return Product()


@pytest.fixture
def url(product, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOURS")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with served(Gateway(nothing, nothing, Live(SECRET, product))) as address:
        yield address


def opened(url, token="good"):
    return connect(url.replace("http", "ws") + f"/live?token={token}", proxy=None)


def until(condition):
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize(("token", "status"), [("bad", 401), ("other", 403), ("", 401)])
def test_the_handshake_is_refused_with_the_handlers_status(url, token, status):
    with pytest.raises(InvalidStatus) as refused:
        opened(url, token)
    assert refused.value.response.status_code == status


def test_messages_arrive_in_order_and_the_end_is_told(url, product):
    with opened(url) as socket:
        for n in range(50):
            socket.send(json.dumps({"n": n}))
        until(lambda: len(product.bodies()) == 50)
    assert [json.loads(body)["n"] for body in product.bodies()] == list(range(50))
    until(lambda: product.events[-1][0] == "$disconnect")
    assert len({event["requestContext"]["connectionId"] for _, event in product.events}) == 1


def test_anybody_with_our_credentials_can_answer(url, product):
    live = ApiGatewayLive(url)
    with opened(url) as socket:
        connection = product.events[0][1]["requestContext"]["connectionId"]
        until(lambda: live.send(connection, {"type": "log", "lines": ["é"]}))
        assert json.loads(socket.recv(5)) == {"type": "log", "lines": ["é"]}
    until(lambda: not live.send(connection, {"type": "log"}))


def test_an_unknown_connection_is_gone(url):
    assert ApiGatewayLive(url).send("nobody", {}) is False


def call(url, method="POST", data=b"{}", **headers):
    request = urllib.request.Request(url, data, headers, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request) as answer:
            return answer.status
    except HTTPError as error:
        return error.code


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-CloudDeck-Secret": "wrong"},
        {"Authorization": "Basic QUtJQQ=="},
        {"Authorization": "Bearer AKIAOURS"},
    ],
)
def test_strangers_cannot_answer(url, headers):
    assert call(f"{url}/@connections/x", **headers) == 403


def test_sizes_and_closing(url, product):
    ours = {"X-CloudDeck-Secret": SECRET}
    with opened(url) as socket:
        connection = product.events[0][1]["requestContext"]["connectionId"]
        address = f"{url}/@connections/{connection}"
        assert call(address, data=b"x" * (MAX_MESSAGE + 1), **ours) == 413
        assert call(address, "GET", None, **ours) == 200
        assert call(address, "DELETE", None, **ours) == 204
        with pytest.raises(ConnectionClosed):
            socket.recv(5)
    until(lambda: call(address, **ours) == 410)


def code_of(socket):
    until(lambda: hung_up(socket))
    return socket.protocol.close_rcvd.code


def hung_up(socket):
    try:
        socket.recv(5)
    except ConnectionClosed:
        return True
    return False


def test_one_that_says_too_much_is_closed_and_the_next_is_answered(url, product, monkeypatch):
    monkeypatch.setattr(live, "MESSAGES", 20)
    with opened(url) as socket:
        for _ in range(10_000):
            try:
                socket.send("on")
            except ConnectionClosed:
                break
        assert code_of(socket) == 1008
    assert len(product.bodies()) <= 20
    until(lambda: product.events[-1][0] == "$disconnect")
    with opened(url) as socket:
        socket.send("well")
        until(lambda: product.bodies()[-1] == "well")


def test_none_lives_longer_than_what_is_kept_of_it(url, product, monkeypatch):
    monkeypatch.setattr(live, "LIFE_SECONDS", 0.2)
    with opened(url) as socket:
        assert code_of(socket) == 1000
    until(lambda: product.events[-1][0] == "$disconnect")


def test_one_that_does_not_read_is_closed(product, monkeypatch):
    monkeypatch.setattr(live, "MAX_QUEUE", 2)
    door = Live(SECRET, product)
    sent, waits = [], asyncio.Event()

    async def send(message):
        sent.append(message["type"])
        if message["type"] != "websocket.accept":
            await waits.wait()  # its side of the connection is full

    async def receive():
        if not sent:
            return {"type": "websocket.connect"}
        return await asyncio.Future()

    async def tell(connection):
        scope = {
            "path": f"/@connections/{connection}",
            "method": "POST",
            "headers": [(b"x-clouddeck-secret", SECRET.encode())],
        }
        answers = []

        async def body():
            return {"type": "http.request", "body": b"{}"}

        async def answer(message):
            answers.append(message)

        await door.connections(scope, body, answer)
        return answers[0]["status"]

    async def all_of_it():
        scope = {"path": "/live", "query_string": b"token=good", "headers": [], "client": None}
        serving = asyncio.create_task(door.socket(scope, receive, send))
        while not sent:
            await asyncio.sleep(0.01)
        connection = product.events[0][1]["requestContext"]["connectionId"]
        statuses = []
        for _ in range(5):
            statuses.append(await tell(connection))
            await asyncio.sleep(0.01)
        await asyncio.wait_for(serving, 5)
        return statuses

    assert asyncio.run(all_of_it()) == [200, 200, 200, 410, 410]
    assert product.events[-1][0] == "$disconnect"


def test_a_crash_of_the_handler_does_not_end_the_connection(url, product):
    with opened(url) as socket:
        socket.send("crash")
        assert json.loads(socket.recv(5))["message"] == "Internal server error"
        socket.send("on")
        until(lambda: product.bodies() == ["crash", "on"])


def test_other_sockets_are_not_there(url):
    with pytest.raises(InvalidStatus) as refused:
        connect(url.replace("http", "ws") + "/other", proxy=None)
    assert refused.value.response.status_code == 404


def test_the_front_door(url):
    assert call(url + "/", "GET", None) == 200
    assert call(url + "/nix.txt", "GET", None) == 404
    assert call(url + "/_ministack/reset") == 404
