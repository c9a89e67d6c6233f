"""Second factors, and fresh proofs of identity, asked for where a person sits."""

from __future__ import annotations

import sys
from collections.abc import Callable

import typer

from cli.api import Json
from cli.context import Deck
from cli.errors import DeckError, UserError
from cli.output import is_terminal

_ASKED = {"totp": "Code of your authenticator", "recovery": "Recovery code"}
_TRIES = 3


def complete(deck: Deck, answer: Json) -> Json:
    """The tokens of a sign-in, after having answered its challenge if there is one."""
    challenge = answer.get("challenge")
    if not challenge:
        return answer
    for left in range(_TRIES - 1, -1, -1):
        body = {"challenge": challenge["id"], **_factor(challenge["methods"])}
        try:
            return deck.api.post("/auth/mfa", body, signed_in=False)
        except DeckError as error:
            if not left or error.code != "factor_failed":
                raise
            deck.out.warn(error.message)
    raise AssertionError("unreachable")


def freshly(deck: Deck, call: Callable[[], Json]) -> Json:
    """What a call answers, after a fresh proof of identity if it asks for one."""
    try:
        return call()
    except DeckError as error:
        if error.code != "step_up_required" or not is_terminal(sys.stdin):
            raise
    methods = [one["kind"] for one in deck.api.get("/me/factors")["items"]]
    if methods:
        deck.api.post("/auth/step-up", _factor([*methods, "recovery"]))
    else:
        password = typer.prompt("Password", hide_input=True, err=True)
        deck.api.post("/auth/step-up", {"password": password})
    return call()


def _factor(methods: list[str]) -> Json:
    """A second factor, from the person at the keyboard; a passkey needs a browser."""
    usable = [method for method in ("totp", "recovery") if method in methods]
    if not usable:
        raise UserError(
            "second_factor_needs_browser",
            "Your second factor is a passkey, which needs a browser",
            "Use `deck login --device`, and approve it in the console.",
        )
    if not is_terminal(sys.stdin):
        code = sys.stdin.readline().strip()
        if code:
            return {"method": usable[0], "code": code}
        raise UserError(
            "second_factor_needed",
            "A second factor is asked for, and nobody is here to give it",
            "Give the code on the next line of standard input, or use `deck login --device`.",
        )
    words = " (empty: use a recovery code)" if usable == ["totp", "recovery"] else ""
    code = typer.prompt(_ASKED[usable[0]] + words, default="", show_default=False, err=True)
    if code.strip():
        return {"method": usable[0], "code": code.strip()}
    return {"method": "recovery", "code": typer.prompt(_ASKED["recovery"], err=True).strip()}
