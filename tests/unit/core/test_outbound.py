"""Addresses that people give us are asked only when they are public."""

from __future__ import annotations

import contextlib
import http.server
import io
import socket
import threading
import time

import pytest

from chalicelib.core import outbound


@pytest.fixture
def private(monkeypatch):
    from dataclasses import replace

    from chalicelib.core import config

    monkeypatch.setattr(
        outbound, "settings", lambda: replace(config.settings(), private_outbound=True)
    )


@pytest.fixture
def server():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/away":
                self.send_response(302)
                self.send_header("Location", "http://169.254.169.254/")
                self.end_headers()
                return
            if self.path == "/slow":
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                with contextlib.suppress(OSError):
                    for _ in range(100):
                        self.wfile.write(b"x")
                        time.sleep(0.05)
                return
            body = b"x" * (outbound.MAX_BYTES + 1) if self.path == "/big" else b'{"a":1}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    found = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=found.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{found.server_port}"
    found.shutdown()


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "https://user@example.com/",
        "https://user:pass@example.com/",
        "https://example.com/#x",
        "https:///x",
        "https://example.com:99999/",
        "https://exa mple.com/",
        "https://exämple.com/",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[2002:7f00:1::]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[64:ff9b:1::a9fe:a9fe]/",
        "https://[::7f00:1]/",
        "https://[fec0::1]/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "",
        "nonsense",
    ],
)
def test_forms_that_are_refused(url):
    with pytest.raises(outbound.NotAllowed):
        outbound.check_url(url)


@pytest.mark.parametrize(
    "url", ["https://1.1.1.1/", "https://[2606:4700::1111]/", "https://[64:ff9b::101:101]/"]
)
def test_addresses_of_the_internet_may_be_asked(url):
    assert outbound.check_url(url) == url


@pytest.mark.parametrize("answers", [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::1"]])
def test_a_name_that_leads_inside_is_not_asked(monkeypatch, answers):
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", (a, 443)) for a in answers]
    )
    with pytest.raises(outbound.NotAllowed, match="public"):
        outbound.request("GET", "https://inside.example/")


def test_an_answer(private, server):
    reply = outbound.request("GET", server + "/")
    assert (reply.status, reply.json()) == (200, {"a": 1})


def test_redirects_are_not_followed(private, server):
    assert outbound.request("GET", server + "/away").status == 302


def test_an_answer_without_end_is_refused(private, server):
    with pytest.raises(outbound.OutOfReach, match="more than"):
        outbound.request("GET", server + "/big")


def test_nobody_answers(private):
    with pytest.raises(outbound.OutOfReach):
        outbound.request("GET", "http://127.0.0.1:1/")


def test_an_answer_goes_into_a_file_up_to_its_limit(private, server):
    into = io.BytesIO()
    reply = outbound.request("GET", server + "/big", into=into, limit=2 * outbound.MAX_BYTES)
    assert (reply.status, reply.body) == (200, b"")
    assert len(into.getvalue()) == outbound.MAX_BYTES + 1
    with pytest.raises(outbound.TooLarge):
        outbound.request("GET", server + "/big", into=io.BytesIO(), limit=1000)


def test_what_is_no_success_does_not_reach_the_file(private, server):
    into = io.BytesIO()
    assert outbound.request("GET", server + "/away", into=into).status == 302
    assert into.getvalue() == b""


def test_an_answer_that_drips_is_not_waited_for(private, server):
    began = time.monotonic()
    with pytest.raises(outbound.OutOfReach, match="slow"):
        outbound.request("GET", server + "/slow", seconds=0.4)
    assert time.monotonic() - began < 3
