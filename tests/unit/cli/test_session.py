"""login, logout, whoami, and how tokens are kept and renewed."""

from __future__ import annotations

import json
import stat
import threading
import time

import pytest

from cli.api import Api
from cli.config import Profile, SignIn, normal_api, profile_path
from cli.errors import UserError
from tests.unit.cli.fake_api import EMAIL, PASSWORD


def test_login_with_a_password_from_a_pipe(deck, fake, folder):
    arguments = ("login", "--api", fake.url, "--email", EMAIL, "--password-stdin", "--json")
    result = deck(*arguments, input=f"{PASSWORD}\n")
    assert result.json["api"] == fake.url
    assert result.json["user"]["email"] == EMAIL
    assert result.json["teams"][0]["slug"] == "ada"
    assert stat.S_IMODE(profile_path().stat().st_mode) == 0o600
    assert deck("whoami").stdout.startswith(f"{EMAIL} at {fake.url}")


def test_login_with_a_key(deck, fake, folder):
    deck("login", "--api", fake.url, "--token", fake.key)
    assert Profile().sign_in(fake.url).kind == "key"
    result = deck("login", "--api", fake.url, "--token", "-", input=f"{fake.key}\n")
    assert result.stdout == f"Signed in to {fake.url} as {EMAIL}\n"


@pytest.mark.parametrize("how", [["--token", "wrong"], ["--email", EMAIL, "--password-stdin"]])
def test_wrong_credentials_leave_no_profile(deck, fake, folder, how):
    result = deck("login", "--api", fake.url, *how, code=3, input="wrong\n")
    assert result.stderr.startswith("error: ")
    assert "hint: " in result.stderr
    assert not profile_path().exists()


def test_login_without_a_terminal_asks_nobody(deck, fake, folder):
    result = deck("login", "--api", fake.url, code=2)
    assert "--password-stdin" in result.stderr


def test_login_warns_where_everyone_can_listen(deck, folder, monkeypatch):
    monkeypatch.setenv("CLOUDDECK_API", "http://cloud.invalid")
    result = deck("login", "--token", "x", code=4)
    assert "not encrypted" in result.stderr


def test_logout_ends_the_session(deck, signed_in, folder):
    assert deck("logout", "--json").json == {"api": signed_in.url, "signed_out": True}
    assert ("POST", "/v1/auth/logout") in signed_in.calls
    assert Profile().sign_in(signed_in.url) is None
    monkey = deck("logout", "--api", signed_in.url)
    assert "were not signed in" in monkey.stdout


def test_logout_forgets_even_when_the_api_is_away(deck, folder):
    url = "http://127.0.0.1:9"
    Profile().save(url, SignIn("session", "a", "r", time.time() + 900))
    result = deck("logout", "--api", url)
    assert "warning: forgotten here" in result.stderr
    assert not Profile().knows(url)


def test_whoami_as_json(deck, signed_in, folder):
    result = deck("whoami", "--json")
    assert set(result.json) == {"api", "user", "teams", "via"}


def test_not_signed_in(deck, fake, folder):
    result = deck("whoami", "--api", fake.url, code=3)
    assert "hint: Run `deck login`." in result.stderr
    result = deck("whoami", "--api", fake.url, "--json", code=3)
    assert result.stdout == ""
    assert json.loads(result.stderr)["error"]["code"] == "not_signed_in"


def test_a_token_that_was_refused_is_renewed(deck, signed_in, folder):
    signed_in.access = "at-new-elsewhere"  # the one in the profile is refused from now on
    deck("whoami")
    kept = Profile().sign_in(signed_in.url)
    assert (kept.access_token, kept.refresh_token) == ("at-2", "rt-2")
    assert kept.email == EMAIL


def test_a_token_about_to_run_out_is_renewed_before(deck, signed_in, folder):
    Profile().save(signed_in.url, SignIn("session", "at-1", "rt-1", time.time() + 5))
    deck("whoami")
    assert signed_in.calls == [("POST", "/v1/auth/refresh"), ("GET", "/v1/me")]


def test_many_at_once_renew_once(signed_in, folder):
    signed_in.access = "gone"
    errors = []

    def ask() -> None:
        try:
            Api(signed_in.url, Profile()).get("/me")
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert signed_in.calls.count(("POST", "/v1/auth/refresh")) == 1


def test_a_session_that_has_ended(deck, signed_in, folder):
    signed_in.access = signed_in.refresh = "ended"
    assert "The sign-in has ended" in deck("whoami", code=3).stderr


def test_a_token_from_the_environment(deck, fake, folder, monkeypatch):
    monkeypatch.setenv("CLOUDDECK_API", fake.url)
    monkeypatch.setenv("CLOUDDECK_TOKEN", fake.key)
    assert deck("whoami", "--json").json["user"]["email"] == EMAIL
    assert not profile_path().exists()
    monkeypatch.setenv("CLOUDDECK_TOKEN", "wrong")
    assert deck("whoami", code=3).exit_code == 3


def test_a_project_cannot_collect_the_token(deck, folder, monkeypatch):
    monkeypatch.setenv("CLOUDDECK_TOKEN", "precious")
    link = {"project": "prj_1", "slug": "x", "api": "https://evil.invalid"}
    (folder / ".deck.json").write_text(json.dumps(link))
    assert "not sent" in deck("list", code=2).stderr


def test_git_is_answered(deck, signed_in, folder):
    asked = f"protocol=http\nhost={signed_in.url.removeprefix('http://')}\n\n"
    result = deck("git-credential", "get", input=asked)
    assert result.stdout == f"username=deck\npassword={signed_in.access}\n"
    assert deck("git-credential", "get", input="protocol=http\nhost=other\n").stdout == ""
    assert deck("git-credential", "store", input=asked).stdout == ""


def test_a_broken_profile_is_named(deck, fake, folder):
    profile_path().parent.mkdir(parents=True)
    profile_path().write_text("{")
    result = deck("whoami", "--api", fake.url, code=5)
    assert str(profile_path()) in result.stderr
    profile_path().write_text('{"version":2,"sign_ins":{}}')
    assert "newer deck" in deck("whoami", "--api", fake.url, code=5).stderr


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http://localhost:8080/", "http://localhost:8080"),
        ("https://Api.Example.com/v1/", "https://api.example.com"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://example.com/deck/v1", "https://example.com/deck"),
    ],
)
def test_addresses_are_made_equal(given, kept):
    assert normal_api(given) == kept


@pytest.mark.parametrize(
    "given", ["localhost:8080", "ftp://x", "http://", "http://a:b@x", "http://x:99999", "http://[x"]
)
def test_what_is_not_an_address(given):
    with pytest.raises(UserError):
        normal_api(given)
