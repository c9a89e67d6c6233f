"""Second factors at the keyboard and in pipes, fresh proofs, and sessions."""

from __future__ import annotations

import pytest

from cli import proof
from cli.commands import factors, session
from tests.unit.cli.fake_api import EMAIL, PASSWORD

LOGIN = ("login", "--email", EMAIL)


@pytest.fixture
def terminal(monkeypatch):
    """Somebody sits there; what they type comes from `input`."""
    for module in (proof, factors, session):
        monkeypatch.setattr(module, "is_terminal", lambda _stream: True)


@pytest.fixture
def guarded(fake, folder, monkeypatch):
    """An account with a second factor, and nobody signed in."""
    fake.code = "654321"
    monkeypatch.setenv("CLOUDDECK_API", fake.url)
    return fake


@pytest.mark.parametrize(
    "given", [("--code", "654321"), ("--recovery-code", "r-654321")], ids=["code", "recovery"]
)
def test_login_with_the_factor_as_an_option(deck, guarded, given):
    result = deck(*LOGIN, "--password-stdin", *given, input=f"{PASSWORD}\n")
    assert result.stdout == f"Signed in to {guarded.url} as {EMAIL}\n"


def test_login_with_the_factor_on_the_next_line(deck, guarded):
    deck(*LOGIN, "--password-stdin", input=f"{PASSWORD}\n654321\n")
    deck(*LOGIN, "--password-stdin", input=f"{PASSWORD}\nr-654321\n")


def test_login_where_nobody_has_the_factor(deck, guarded):
    result = deck(*LOGIN, "--password-stdin", code=3, input=f"{PASSWORD}\n")
    assert "hint: Give --code or --recovery-code" in result.stderr
    assert not deck("whoami", code=3).stdout


def test_a_wrong_code_in_a_pipe_is_the_end(deck, guarded):
    given = ("--password-stdin", "--code", "111111")
    result = deck(*LOGIN, *given, code=3, input=f"{PASSWORD}\n")
    assert "not the right one" in result.stderr
    assert guarded.calls.count(("POST", "/v1/auth/mfa")) == 1


def test_a_slip_at_the_keyboard_is_forgiven(deck, guarded, terminal):
    result = deck(*LOGIN, input=f"{PASSWORD}\n111111\n654 321\n")
    assert "warning: The code is not the right one" in result.stderr
    deck(*LOGIN, input=f"{PASSWORD}\n111111\nr-654321\n")


def test_harm_asks_for_a_fresh_proof_and_goes_on(deck, signed_in, folder, terminal):
    signed_in.stale = True
    result = deck("mfa", "totp", input=f"{PASSWORD}\n123456\n")
    assert "ABCD EFGH" in result.stdout
    assert "otpauth://totp/x" in result.stdout
    assert "aaaa-bbbb\ncccc-dddd\n" in result.stdout
    asked = [path for _, path in signed_in.calls]
    assert asked == [
        "/v1/me/factors/totp",
        "/v1/auth/step-up/options",
        "/v1/auth/step-up",
        "/v1/me/factors/totp",
        "/v1/me/factors/totp/confirm",
    ]


def test_a_fresh_proof_by_the_factor(deck, signed_in, folder, terminal):
    signed_in.stale, signed_in.code = True, "654321"
    deck("mfa", "totp", input="654321\n123456\n")


def test_three_wrong_proofs_are_the_end(deck, signed_in, folder, terminal):
    signed_in.stale = True
    result = deck("mfa", "totp", input="a\nb\nc\nd\n", code=3)
    assert "The password is wrong" in result.stderr
    assert signed_in.calls.count(("POST", "/v1/auth/step-up")) == 3
    assert ("POST", "/v1/auth/refresh") not in signed_in.calls


def test_harm_where_nobody_sits(deck, signed_in, folder):
    signed_in.stale = True
    result = deck("mfa", "totp", code=3)
    assert "within ten minutes after `deck login`" in result.stderr
    assert ("POST", "/v1/auth/step-up") not in signed_in.calls
    assert ("POST", "/v1/auth/refresh") not in signed_in.calls


def test_an_app_in_two_steps_without_a_terminal(deck, signed_in, folder):
    made = deck("mfa", "totp", "--json").json
    assert set(made) == {"id", "secret", "uri"}
    assert deck("mfa", "totp").stdout == "ABCDEFGH\notpauth://totp/x\n"
    wrong = deck("mfa", "confirm", "000000", code=2)
    assert "another code" in wrong.stderr
    done = deck("mfa", "confirm", "123456", "--name", "Phone", "--json").json
    assert done == {"recovery_codes": ["aaaa-bbbb", "cccc-dddd"]}
    assert signed_in.factors[0]["name"] == "Phone"


def test_factors_are_listed_and_removed(deck, signed_in, folder):
    assert "no second factor" in deck("mfa", "status").stdout
    deck("mfa", "confirm", "123456", "--name", "Phone")
    assert deck("mfa", "status").stdout.startswith("Phone\tapp\t")
    assert "fac_none" in deck("mfa", "remove", "fac_none", code=2).stderr
    assert deck("mfa", "remove", "Phone", "--json").json == {"removed": "fac_1", "left": 0}
    assert deck("mfa", "status", "--json").json["items"] == []


def test_two_of_a_name_want_an_id(deck, signed_in, folder):
    deck("mfa", "confirm", "123456", "--name", "Phone")
    signed_in.factors.append({**signed_in.factors[0], "id": "fac_2"})
    assert "2 of your factors" in deck("mfa", "remove", "Phone", code=2).stderr
    assert deck("mfa", "remove", "fac_2", "--json").json == {"removed": "fac_2", "left": 1}


def test_new_recovery_codes(deck, signed_in, folder):
    assert deck("mfa", "recovery-codes").stdout == "eeee-ffff\n"


def test_sessions_are_listed_and_ended(deck, signed_in, folder):
    lines = deck("sessions", "list").stdout.splitlines()
    assert lines[0].startswith("this one\tsso\t")
    assert lines[1].endswith("ses_1")
    assert deck("sessions", "end", "ses_1", "--json").json == {"ended": "ses_1"}
    assert ("DELETE", "/v1/me/sessions/ses_1") in signed_in.calls
    assert deck("sessions", "end", "--others").stdout == "Ended all other sessions\n"
    assert signed_in.calls[-1] == ("DELETE", "/v1/me/sessions")
    for wrong in ((), ("ses_1", "--others")):
        deck("sessions", "end", *wrong, code=2)
