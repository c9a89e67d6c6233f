"""deck login with a provider, by single sign-on, and on a machine without a browser."""

from __future__ import annotations

import base64
import json
import signal
import socket
import threading
import time
from hashlib import sha256
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from typer.testing import CliRunner

from cli import loopback, waiting
from cli.app import app
from cli.config import Profile
from tests.unit.cli import fake_api
from tests.unit.cli.fake_api import EMAIL, NOW, problem

DEVICE = {
    "device_code": "secret",
    "user_code": "BCDF-GHJK",
    "verification_uri": "http://console/#/device",
    "verification_uri_complete": "http://console/#/device?code=BCDF-GHJK",
    "expires_in": 100,
    "interval": 5,
}


class Provider:
    """What the API does at the other side of a browser."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict]] = []
        self.answer = {"code": "the-code"}
        self.visit = True

    def start(self, handler, name):
        self.asked.append((name, handler.body))
        if self.visit:
            threading.Thread(target=self.come_back, args=(handler.body["return_to"],)).start()
        return 200, {"url": "http://provider.example/authorize?state=1"}

    def come_back(self, address):
        parts = urlsplit(address)
        bare = f"{parts.scheme}://{parts.netloc}"
        for junk in ("/favicon.ico", f"{parts.path}", "/?code=stolen"):  # pages nearby ask too
            with pytest.raises(OSError, match="404"):
                urlopen(bare + junk, timeout=5)
        query = "&".join(f"{name}={value}" for name, value in self.answer.items())
        with urlopen(f"{address}?{query}", timeout=5) as page:
            self.page = page.read().decode()

    def exchange(self, handler):
        self.exchanged = body = handler.body
        challenge = base64.urlsafe_b64encode(sha256(body["verifier"].encode()).digest())
        if body["code"] != "the-code" or challenge.rstrip(b"=").decode() != self.challenge:
            return problem(400, "arrival_invalid", "This code is another client's")
        return 200, {**handler._tokens(), "challenge": None}

    @property
    def challenge(self):
        return self.asked[-1][1]["challenge"]


@pytest.fixture
def provider(monkeypatch):
    there = Provider()
    more = [
        ("POST", r"/v1/auth/providers/([^/]+)/start", True, there.start),
        ("POST", r"/v1/auth/(sso)/start", True, there.start),
        ("POST", r"/v1/auth/exchange", True, there.exchange),
    ]
    monkeypatch.setattr(fake_api, "ROUTES", [*more, *fake_api.ROUTES])
    return there


@pytest.mark.parametrize(
    ("options", "asked", "body"),
    [
        (("--provider", "github"), "github", {}),
        (("--sso", "ada@example.com"), "sso", {"email": "ada@example.com"}),
        (("--sso", "team_1"), "sso", {"team": "team_1"}),
    ],
)
def test_out_and_back(deck, fake, folder, provider, options, asked, body):
    result = deck("login", "--api", fake.url, *options)
    assert result.stdout == f"Signed in to {fake.url} as {EMAIL}\n"
    assert "http://provider.example/authorize?state=1" in result.stderr
    ((name, sent),) = provider.asked
    back = urlsplit(sent.pop("return_to"))
    assert (back.scheme, back.hostname, name) == ("http", "127.0.0.1", asked)
    assert len(back.path) > 16
    assert len(sent.pop("challenge")) == 43
    assert sent == body
    assert Profile().sign_in(fake.url).refresh_token == fake.refresh
    assert "the-code" not in provider.page
    with pytest.raises(OSError):  # nobody listens any more
        socket.create_connection(("127.0.0.1", back.port), timeout=1).close()


def test_json_is_two_lines(fake, folder, provider):
    result = CliRunner().invoke(
        app, ["login", "--api", fake.url, "--provider", "github", "--json"], prog_name="deck"
    )
    first, second = map(json.loads, result.stdout.splitlines())
    assert first == {"url": "http://provider.example/authorize?state=1"}
    assert second["user"]["email"] == EMAIL
    assert result.stderr == ""


def test_an_invitation_travels_with_the_code(deck, fake, folder, provider):
    deck("login", "--api", fake.url, "--provider", "github")
    assert "invitation" not in provider.exchanged
    deck("login", "--api", fake.url, "--provider", "github", "--invitation", "inv_1")
    assert provider.exchanged["invitation"] == "inv_1"


@pytest.mark.parametrize("code", ["access_denied", "provider_unavailable", "something_new"])
def test_refused_on_the_way(deck, fake, folder, provider, code):
    provider.answer = {"error": code}
    result = deck("login", "--api", fake.url, "--provider", "github", code=1)
    assert result.stderr.splitlines()[-2].startswith("error: The ")
    assert Profile().sign_in(fake.url) is None


def test_nobody_comes_back(deck, fake, folder, provider, monkeypatch):
    provider.visit = False
    monkeypatch.setattr(loopback, "SECONDS", 0.2)
    result = deck("login", "--api", fake.url, "--provider", "github", code=1)
    assert "within five minutes" in result.stderr
    assert "--device" in result.stderr


def test_an_api_cannot_have_a_program_opened(deck, fake, folder, provider, monkeypatch):
    opened = []
    monkeypatch.setattr(loopback, "_open", opened.append)
    fake.answers["/v1/auth/providers/github/start"] = [(200, {"url": "file:///etc/passwd"})]
    deck("login", "--api", fake.url, "--provider", "github", code=2)
    assert opened == []


def test_the_browser_is_opened_where_one_is_named(deck, fake, folder, provider, monkeypatch):
    import webbrowser

    opened = []
    monkeypatch.setenv("BROWSER", "true")
    monkeypatch.setattr(webbrowser, "open", opened.append)
    deck("login", "--api", fake.url, "--provider", "github")
    deck("login", "--api", fake.url, "--provider", "github", "--no-browser")
    assert opened == ["http://provider.example/authorize?state=1"]


def test_ways_exclude_each_other(deck, fake, folder):
    for options in (("--device", "--provider", "github"), ("--token", "x", "--sso", "y")):
        deck("login", "--api", fake.url, *options, code=2)


def test_ctrl_c_while_waiting(command, fake, folder, provider):
    provider.visit = False
    process = command("login", "--api", fake.url, "--provider", "github")
    deadline = time.monotonic() + 20
    while not provider.asked and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=10)
    assert process.returncode == 130
    assert "Traceback" not in stderr


# -- without a browser ------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch):
    """Time that passes while sleeping only."""
    slept: list[float] = []
    monkeypatch.setattr(waiting.time, "sleep", slept.append)
    monkeypatch.setattr(waiting.time, "monotonic", lambda: sum(slept))
    return slept


def say(fake, *answers):
    fake.answers["/v1/auth/device"] = [(200, DEVICE)]
    fake.answers["/v1/auth/device/token"] = [
        (200, {**tokens(fake), "challenge": None}) if one is None else problem(400, one, one)
        for one in answers
    ]


def tokens(fake):
    return {"access_token": fake.access, "refresh_token": fake.refresh, "expires_in": 900}


def test_a_device_waits_as_it_is_told(deck, fake, folder, clock):
    say(fake, "authorization_pending", "slow_down", "authorization_pending", "slow_down", None)
    result = deck("login", "--api", fake.url, "--device")
    assert result.stdout == f"Signed in to {fake.url} as {EMAIL}\n"
    assert "BCDF-GHJK" in result.stderr
    assert f"deck --api {fake.url} device approve BCDF-GHJK" in result.stderr
    assert clock == [5, 5, 10, 10, 15]


@pytest.mark.parametrize(
    ("code", "word"), [("access_denied", "refused"), ("expired_token", "time")]
)
def test_a_device_that_is_not_let_in(deck, fake, folder, clock, code, word):
    say(fake, "authorization_pending", code)
    result = deck("login", "--api", fake.url, "--device", code=1)
    assert word in result.stderr
    assert Profile().sign_in(fake.url) is None


def test_a_device_gives_up_when_its_code_ends(deck, fake, folder, clock):
    say(fake, *["authorization_pending"] * 400)
    deck("login", "--api", fake.url, "--device", code=1)
    assert 100 <= sum(clock) < 110


def test_approve_and_deny(deck, signed_in, folder, monkeypatch):
    seen = []
    device = {"user_code": "BCDF-GHJK", "name": "laptop", "ip": "192.0.2.9", "agent": "deck"}
    device |= {"state": "pending", "created_at": NOW, "expires_at": NOW}

    def decide(_handler, code, verb):
        seen.append((code, verb))
        return 200, device

    more = [
        ("GET", r"/v1/me/device/([^/]+)", False, lambda *_: (200, device)),
        ("POST", r"/v1/me/device/([^/]+)/(approve|deny)", False, decide),
    ]
    monkeypatch.setattr(fake_api, "ROUTES", [*more, *fake_api.ROUTES])
    result = deck("device", "approve", "bcdf-ghjk", input="y\n")
    assert "laptop at 192.0.2.9" in result.stderr
    deck("device", "approve", "bcdf-ghjk", input="n\n", code=130)
    assert deck("device", "approve", "BCDF-GHJK", "--yes", "--json").json["name"] == "laptop"
    deck("device", "deny", "BCDF-GHJK")
    assert seen == [("bcdf-ghjk", "approve"), ("BCDF-GHJK", "approve"), ("BCDF-GHJK", "deny")]
