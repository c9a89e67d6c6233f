"""Second factors, and fresh proofs of identity, asked for where a person sits."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from contextlib import suppress

import typer

from cli.api import Json
from cli.context import Deck
from cli.errors import DeckError, NotSignedIn
from cli.output import is_terminal

_TRIES = 3
_WRONG = {"factor_failed", "password_wrong"}
_APP = re.compile(r"[0-9 ]{6,}\Z")


def complete(
    deck: Deck, answer: Json, code: str | None = None, recovery_code: str | None = None
) -> Json:
    """The tokens of a sign-in, after having answered its challenge if there is one.

    Raises NotSignedIn when there is one, no code was given, and nobody is here to be asked.
    """
    challenge = answer.get("challenge")
    if not challenge:
        return answer
    methods = challenge["methods"]
    given = _given(code, recovery_code)

    def send(factor: Json) -> Json:
        body = {"challenge": challenge["id"], **factor}
        return deck.api.post("/auth/mfa", body, signed_in=False)

    return send(given) if given else _tried(deck, lambda: send(_asked(methods)))


def prove(deck: Deck) -> None:
    """Prove again who sits here; raises NotSignedIn where nobody does."""
    if not is_terminal(sys.stdin):
        raise NotSignedIn(
            "step_up_required",
            "This needs a fresh proof that it is you, and nobody is here to be asked",
            "Run it at a terminal, or within ten minutes after `deck login`. "
            "Programs use an API key.",
        )
    deck.out.note("This needs a fresh proof that it is you.")
    methods = deck.api.post("/auth/step-up/options")["methods"]
    _tried(deck, lambda: deck.api.post("/auth/step-up", _proof(methods)))


def _tried(deck: Deck, send: Callable[[], Json]) -> Json:
    """What was asked for, with another try after a slip of the finger where somebody sits."""
    for _ in range(_TRIES - 1):
        try:
            return send()
        except DeckError as error:
            if error.code not in _WRONG or not is_terminal(sys.stdin):
                raise
            deck.out.warn(error.message)
    return send()


def _proof(methods: list[str]) -> Json:
    if "password" in methods:
        return {"password": str(typer.prompt("Password", hide_input=True, err=True))}
    if "sign_in" in methods:
        raise NotSignedIn(
            "sign_in_again",
            "Your account has neither a password nor a second factor here",
            "Sign in again with `deck login`: that is fresh for ten minutes.",
        )
    return _asked(methods)


def _given(code: str | None, recovery_code: str | None) -> Json | None:
    if recovery_code:
        return {"method": "recovery", "code": recovery_code}
    return {"method": "totp", "code": code} if code else None


def _asked(methods: list[str]) -> Json:
    """A code, from the person at the keyboard or the next line of standard input."""
    usable = [method for method in ("totp", "recovery") if method in methods]
    if not usable:
        raise NotSignedIn(
            "second_factor_needs_browser",
            "Your second factor is a passkey, which needs a browser",
            "Use `deck login --device`, and approve it in the console.",
        )
    words = "Code of your authenticator app, or a recovery code"
    if usable == ["recovery"]:
        words = "Recovery code (a passkey needs a browser: `deck login --device`)"
    elif usable == ["totp"]:
        words = "Code of your authenticator app"
    code = ""
    if is_terminal(sys.stdin):
        code = str(typer.prompt(words, err=True)).strip()
    else:
        with suppress(OSError):
            code = sys.stdin.readline().strip()
    if not code:
        raise NotSignedIn(
            "second_factor_needed",
            "A second factor is asked for, and nobody is here to give it",
            "Give --code or --recovery-code, or the code as the next line of standard input.",
        )
    if _APP.match(code) and "totp" in usable:
        return {"method": "totp", "code": code.replace(" ", "")}
    return {"method": "recovery", "code": code}
