"""Streams over real HTTP: three dialects, and collectors that fail in every way."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from chalicelib.audit import actions, rows
from chalicelib.audit.rows import streams
from chalicelib.audit.rules.entries import Draft, Who
from chalicelib.audit.rules.streams import signature
from chalicelib.core import clock, outbound
from chalicelib.core.config import settings

TOKEN = "canary-token-4711"


@dataclass
class Collector:
    """A collector on this machine; `answers` are its next ones, then it takes everything."""

    answers: list[int] = field(default_factory=list)
    slow: float = 0
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    def sequences(self) -> list[int]:
        found = []
        for path, _, body in self.got:
            if path == "/services/collector/event":
                found += [json.loads(line)["event"]["sequence"] for line in body.splitlines()]
            elif path == "/api/v2/logs":
                found += [item["audit"]["sequence"] for item in json.loads(body)]
            else:
                found += [item["sequence"] for item in json.loads(body)["entries"]]
        return found


@pytest.fixture
def collector(monkeypatch: Any) -> Iterator[Collector]:
    there = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(there.slow)
            status = there.answers.pop(0) if there.answers else 200
            if status < 300:
                headers = {name.lower(): value for name, value in self.headers.items()}
                there.got.append((self.path, headers, body))
            said = f'{{"code": {0 if status < 300 else 9}, "text": "{TOKEN}"}}'.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    there.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    private = replace(settings(), private_outbound=True)
    monkeypatch.setattr(outbound, "settings", lambda: private)
    yield there
    server.shutdown()
    server.server_close()


@pytest.fixture
def later(monkeypatch: Any) -> Any:
    real, shift = clock.now_ms, [0]
    monkeypatch.setattr(clock, "now_ms", lambda: real() + shift[0])

    def go(minutes: float) -> None:
        shift[0] += int(minutes * 60_000)

    return go


def put(owner: Any, url: str, kind: str = "https", **more: Any) -> Any:
    return owner.client.put(
        f"/v1/teams/{owner.team}/audit/streams/siem",
        {"kind": kind, "url": url, "token": TOKEN, **more},
    )


def shown(owner: Any) -> dict[str, Any]:
    found = owner.client.get(f"/v1/teams/{owner.team}/audit/streams/siem")
    assert TOKEN not in found.text
    return dict(found.json())


def write(owner: Any, count: int, name: str = "more") -> None:
    for number in range(count):
        draft = Draft(f"{name}_{number}", clock.iso(), owner.team, "a.b", Who("user", "u", "u"))
        actions.append(draft, opened=False)


def last(owner: Any) -> int:
    return int(rows.head(owner.team).sequence)


@pytest.mark.parametrize(
    ("kind", "path"),
    [("datadog", "/api/v2/logs"), ("splunk", "/services/collector/event"), ("https", "/")],
)
def test_what_is_written_arrives_in_order_and_once(owner, collector, kind, path):
    before = last(owner)
    assert put(owner, collector.url, kind).status == 200
    write(owner, 250)
    actions.deliver_all()
    assert {found[0] for found in collector.got} == {path}
    assert collector.sequences() == list(range(before + 1, last(owner) + 1))
    headers = collector.got[0][1]
    if kind == "https":
        sent = headers["x-clouddeck-timestamp"]
        good = signature(TOKEN, sent, collector.got[0][2])
        assert headers["x-clouddeck-signature"] == f"v1={good}"
        assert TOKEN not in str(collector.got)
    else:
        name, value = {
            "datadog": ("dd-api-key", TOKEN),
            "splunk": ("authorization", f"Splunk {TOKEN}"),
        }[kind]
        assert headers[name] == value
    assert actions.deliver_all() == {"delivered": 0, "failed": 0}
    found = shown(owner)
    assert (found["state"], found["delivered"], found["error"]) == ("running", last(owner), "")


def test_from_the_start(owner, collector):
    write(owner, 3)
    assert put(owner, collector.url, from_start=True).status == 200
    actions.deliver_all()
    assert collector.sequences() == list(range(1, last(owner) + 1))


def test_an_outage_loses_nothing(owner, collector, later):
    url = collector.url
    assert put(owner, "http://127.0.0.1:1/").status == 200
    first = last(owner)
    write(owner, 5)
    assert actions.deliver_all()["failed"] == 1
    found = shown(owner)
    assert found["state"] == "failing"
    assert "does not answer" in found["error"]
    assert actions.deliver_all()["failed"] == 0  # not before its time
    assert put(owner, url).status == 200
    actions.deliver_all()
    assert collector.sequences() == list(range(first, last(owner) + 1))
    assert shown(owner)["state"] == "running"


def test_faults_of_the_collector_are_waited_out(owner, collector, later):
    collector.answers = [200, 500, 503, 429, 302]
    assert put(owner, collector.url).status == 200
    first = last(owner)
    write(owner, 150)
    for minutes in (0, 1, 3, 7, 15):
        later(minutes)
        actions.deliver_all()
    assert collector.sequences() == list(range(first, last(owner) + 1))
    assert shown(owner)["error"] == ""


def test_what_a_collector_answers_is_not_kept(owner, collector, later):
    collector.answers = [500]
    assert put(owner, collector.url).status == 200
    actions.deliver_all()
    found = shown(owner)
    assert found["error"] == "The collector answered 500 and did not take it."


def test_a_slow_collector_ends_with_its_time(owner, collector, monkeypatch):
    monkeypatch.setattr(outbound, "SECONDS", 0.2)
    real = outbound.request
    monkeypatch.setattr(outbound, "request", lambda *a, **n: real(*a, **n, seconds=0.2))
    collector.slow = 1.0
    assert put(owner, collector.url).status == 200
    began = time.monotonic()
    assert actions.deliver_all()["failed"] == 1
    assert time.monotonic() - began < 5
    assert "does not answer" in shown(owner)["error"]


def test_a_day_of_failures_pauses_it_and_setting_it_goes_on(owner, collector, later):
    collector.answers = [500] * 100
    assert put(owner, collector.url).status == 200
    first = last(owner)
    for _ in range(40):
        actions.deliver_all()
        later(61)
        if shown(owner)["state"] == "paused":
            break
    found = shown(owner)
    assert found["state"] == "paused"
    assert found["error"].startswith("Paused after 24 hours")
    assert found["next_try_at"] is None
    assert list(streams.running()) == []
    collector.answers = []
    assert actions.deliver_all() == {"delivered": 0, "failed": 0}
    assert put(owner, collector.url).status == 200
    actions.deliver_all()
    assert collector.sequences() == list(range(first, last(owner) + 1))


def test_one_that_died_while_it_delivered_is_taken_over(owner, collector, later):
    assert put(owner, collector.url).status == 200
    row = streams.one(owner.team, "siem")
    assert streams.claim(row)
    assert actions.deliver_all()["delivered"] == 0
    later(3)
    assert actions.deliver_all()["delivered"] == 1


def test_an_answer_that_was_lost_brings_it_again(owner, collector, monkeypatch, later):
    assert put(owner, collector.url).status == 200
    real = streams.note

    def lost(*_: Any, **__: Any) -> bool:
        raise RuntimeError("died after the collector had it")

    monkeypatch.setattr(streams, "note", lost)
    assert actions.deliver_all()["failed"] == 1
    monkeypatch.setattr(streams, "note", real)
    later(3)
    actions.deliver_all()
    assert collector.sequences() == [last(owner), last(owner)]


def test_a_try(owner, collector):
    assert put(owner, collector.url).status == 200
    path = f"/v1/teams/{owner.team}/audit/streams/siem/test"
    assert owner.client.post(path).json() == {"ok": True, "status": 200, "error": ""}
    collector.answers = [403]
    found = owner.client.post(path).json()
    assert (found["ok"], found["status"]) == (False, 403)
    absent = owner.client.post(f"/v1/teams/{owner.team}/audit/streams/other/test")
    assert absent.code == "stream_not_found"


def test_a_token_never_goes_to_another_host(owner, collector):
    assert put(owner, collector.url).status == 200
    path = f"/v1/teams/{owner.team}/audit/streams/siem"
    moved = {"kind": "https", "url": "http://127.0.0.1:9/x"}
    assert owner.client.put(path, moved).code == "token_needed"
    same = {"kind": "https", "url": f"{collector.url}/other"}
    assert owner.client.put(path, same).status == 200
    actions.deliver_all()
    assert {found[0] for found in collector.got} == {"/other"}


@pytest.mark.parametrize(
    "url",
    [
        *("http://logs.example.com", "https://127.0.0.1/", "https://[::1]/", "https://10.0.0.1/"),
        *("https://169.254.169.254/latest", "ftp://x.example", "https://u:p@x.example/"),
        *("https://x.example/?key=1", "https://x.example/#a", "https://x .example/", "nonsense!"),
    ],
)
def test_addresses_that_may_not_be_asked(owner, url):
    answer = put(owner, url)
    assert answer.status == 422, answer.text
    assert answer.code == "address_not_allowed"


def test_bad_wishes(owner):
    good = "https://logs.example.com/in"
    for more in (
        {"token": "brief"},
        {"token": "with space here"},
        {"kind": "ftp"},
        {"token": "é" * 9},
    ):
        answer = put(owner, good, **more)
        assert answer.status == 422, answer.text
        assert "brief" not in answer.text
    path = f"/v1/teams/{owner.team}/audit/streams"
    body = {"kind": "https", "url": good, "token": TOKEN}
    assert owner.client.put(f"{path}/NO-name", body).status == 422
    for number in range(5):
        assert owner.client.put(f"{path}/s{number}", body).status == 200
    assert owner.client.put(f"{path}/s5", body).code == "too_many_streams"
    assert owner.client.delete(f"{path}/s0").status == 204
    assert owner.client.delete(f"{path}/s0").status == 404
    assert owner.client.put(f"{path}/s5", body).status == 200
    assert len(owner.client.get(path).json()["items"]) == 5
    for row in rows.entries(owner.team):
        assert TOKEN not in row.body
    assert bytes(streams.one(owner.team, "s1").token).find(TOKEN.encode()) < 0
