"""Asking a person before something that cannot be undone."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli.context import Deck
from cli.errors import UserError
from cli.output import is_terminal

YesOption = Annotated[bool, typer.Option("--yes", help="Ask nothing.")]


def confirm(deck: Deck, question: str, yes: bool) -> None:
    """Go on only when somebody says yes, on a terminal or by `--yes`."""
    if yes:
        return
    if deck.out.json or not is_terminal(sys.stdin):
        raise UserError("not_confirmed", f"{question} Nobody is here to be asked", "Give --yes.")
    if not typer.confirm(question, err=True):
        raise UserError("not_confirmed", "Nothing was changed")
