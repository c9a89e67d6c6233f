"""signup, verify, reset, password, profile, access request: what is asked, and what is shown."""

from __future__ import annotations

import json

import pytest

from tests.unit.cli.fake_api import EMAIL

NEW = "a password that is new"
USER = {
    "id": "usr_1",
    "email": EMAIL,
    "name": "Ada",
    "avatar_url": None,
    "status": "active",
    "verified": True,
    "admin": False,
    "factors": 0,
    "version": 1,
}


@pytest.fixture
def sent(fake, monkeypatch):
    """The calls that were made, with their bodies."""
    from cli.api import Api

    calls = []
    real = Api.call

    def call(self, method, path, body, signed_in=True):
        calls.append((method, path, body, signed_in))
        return real(self, method, path, body, signed_in)

    monkeypatch.setattr(Api, "call", call)
    return calls


def answers(fake, path, *found):
    fake.answers[f"/v1{path}"] = list(found)


def test_signup(deck, fake, folder, sent):
    answers(fake, "/auth/sign-up", (202, {}))
    options = ("--email", EMAIL, "--name", "Ada", "--password-stdin", "--api", fake.url)
    result = deck("signup", *options, "--json", input=f"{NEW}\n")
    assert result.json == {"api": fake.url, "mailed": EMAIL}
    body = {"email": EMAIL, "name": "Ada", "password": NEW}
    assert sent == [("POST", "/auth/sign-up", body, False)]


def test_signup_by_invitation(deck, fake, folder, sent):
    answers(fake, "/auth/sign-up", (202, {}))
    options = ("--email", EMAIL, "--name", "Ada", "--invitation", "T", "--api", fake.url)
    assert EMAIL in deck("signup", *options, input=f"{NEW}\n").stdout
    assert sent[0][2]["invitation"] == "T"


def test_signup_says_why_not(deck, fake, folder):
    problem = {"code": "sign_up_closed", "detail": "By invitation.", "hint": "Ask.", "status": 403}
    answers(fake, "/auth/sign-up", (403, problem))
    options = ("--email", EMAIL, "--name", "Ada", "--api", fake.url)
    result = deck("signup", *options, input=f"{NEW}\n", code=2)
    assert result.stderr.splitlines()[:2] == ["error: By invitation.", "hint: Ask."]


def test_nobody_is_asked_without_a_terminal(deck, fake, folder):
    assert "--email" in deck("signup", "--api", fake.url, code=2).stderr
    assert (
        "--organisation"
        in deck(
            *("access", "request", "--email", EMAIL, "--name", "Ada", "--api", fake.url), code=2
        ).stderr
    )


def test_the_password_stays_out_of_the_open(deck, folder, monkeypatch):
    monkeypatch.setenv("CLOUDDECK_API", "http://cloud.invalid")
    options = ("--email", EMAIL, "--name", "Ada")
    assert "not encrypted" in deck("signup", *options, input="x\n", code=4).stderr


@pytest.mark.parametrize(("given", "typed"), [("T" * 43, ""), ("-", "T" * 43 + "\n")])
def test_verify(deck, fake, folder, sent, given, typed):
    answers(fake, "/auth/verify", (200, {"email": EMAIL}))
    result = deck("confirm", given, "--api", fake.url, input=typed)
    assert result.stdout == f"{EMAIL} is verified: `deck login --email {EMAIL}`\n"
    assert sent == [("POST", "/auth/verify", {"token": "T" * 43}, False)]


def test_another_mail(deck, fake, folder, sent):
    answers(fake, "/auth/verify/resend", (202, {}))
    result = deck("confirm", "--resend", EMAIL, "--api", fake.url, "--json")
    assert result.json == {"api": fake.url, "mailed": EMAIL}
    assert sent[0][1:3] == ("/auth/verify/resend", {"email": EMAIL})


@pytest.mark.parametrize(
    "line",
    [
        ("confirm",),
        ("confirm", "T", "--resend", "a@b"),
        ("reset",),
        ("reset", "a@b", "--token", "T"),
    ],
)
def test_one_thing_at_a_time(deck, fake, folder, line):
    assert "Give " in deck(*line, "--api", fake.url, code=2).stderr


def test_reset(deck, fake, folder, sent):
    answers(fake, "/auth/reset", (202, {}))
    assert EMAIL in deck("reset", EMAIL, "--api", fake.url).stdout
    answers(fake, "/auth/reset/confirm", (204, b""))
    result = deck("reset", "--token", "T", "--api", fake.url, "--json", input=f"{NEW}\n")
    assert result.json == {"api": fake.url, "changed": True}
    assert sent[1] == ("POST", "/auth/reset/confirm", {"token": "T", "password": NEW}, False)


def test_password(deck, signed_in, folder, sent):
    answers(signed_in, "/me/password", (204, b""))
    deck("password", "--password-stdin", input=f"old one\n{NEW}\n")
    body = {"current": "old one", "password": NEW}
    assert sent == [("PUT", "/me/password", body, True)]


def test_the_first_password(deck, signed_in, folder, sent):
    answers(signed_in, "/me/password", (204, b""))
    deck("password", input=f"\n{NEW}\n")
    assert sent[0][2] == {"current": None, "password": NEW}


def test_no_password_is_shown(deck, signed_in, folder):
    problem = {"code": "weak_password", "detail": "Too short.", "status": 422}
    answers(signed_in, "/me/password", (422, problem))
    result = deck("password", "--json", input=f"old one\n{NEW}\n", code=2)
    assert json.loads(result.stderr)["error"]["code"] == "weak_password"
    assert NEW not in result.stderr + result.stdout


def test_profile_is_shown(deck, signed_in, folder):
    answers(
        signed_in, "/me", (200, {"user": {**USER, "admin": True}, "teams": [], "via": "session"})
    )
    text = deck("profile").stdout
    assert text == f"Ada  {EMAIL} (verified)\n  active, runs the installation\n"


def test_profile_is_changed(deck, signed_in, folder, sent):
    picture = "https://pictures.example/a.png"
    answers(signed_in, "/me", (200, {**USER, "name": "Ada L", "avatar_url": picture}))
    result = deck("profile", "--name", "Ada L", "--avatar", picture, "--json")
    assert result.json["user"]["avatar_url"] == picture
    assert sent == [("PATCH", "/me", {"name": "Ada L", "avatar_url": picture}, True)]
    answers(signed_in, "/me", (200, USER))
    deck("profile", "--avatar", "")
    assert sent[1][2] == {"avatar_url": None}


def test_another_address(deck, signed_in, folder, sent):
    answers(signed_in, "/me/email", (202, {}))
    answers(signed_in, "/me", (200, {"user": USER, "teams": [], "via": "session"}))
    result = deck("profile", "--email", "new@example.com", "--json")
    assert result.json["mailed"] == "new@example.com"
    assert sent[0][:3] == ("POST", "/me/email", {"email": "new@example.com"})


def test_access_request(deck, fake, folder, sent):
    answers(fake, "/access-requests", (202, {}))
    asked = {"email": EMAIL, "name": "Ada", "organisation": "Acme", "reason": "to deploy"}
    options = [part for name, value in asked.items() for part in (f"--{name}", value)]
    result = deck("access", "request", *options, "--api", fake.url, "--json")
    assert result.json == {"api": fake.url, "asked": EMAIL}
    assert sent == [("POST", "/access-requests", asked, False)]
    assert "request" in deck("access").stdout
