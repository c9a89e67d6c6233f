"""The door: one place where failures become a line, a hint and an exit code."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import typer
from typer.core import TyperGroup

from cli.context import Deck
from cli.errors import INTERRUPTED, DeckError, UserError, from_os_error
from cli.output import silence


class Door(TyperGroup):
    """The root command: runs what was asked and always leaves by `SystemExit`."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: ARG002 - the door is always the last
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command line and exit."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        deck = Deck()
        given = list(sys.argv[1:] if args is None else args)
        command = partial(
            super().main,
            args=given,
            prog_name=prog_name or "deck",
            complete_var=complete_var,
            standalone_mode=False,
            windows_expand_args=windows_expand_args,
            obj=deck,
            **extra,
        )
        sys.exit(_leave(deck, _run(deck, given, command)))


def _run(deck: Deck, given: list[str], command: Callable[[], Any]) -> int:
    """The exit code, after having said what went wrong."""
    try:
        code = command()
    except DeckError as error:
        return _report(deck, error)
    except typer.TyperException as error:  # the command line itself is wrong
        deck.out.json = deck.out.json or "--json" in given
        return _report(deck, _usage(error))
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except OSError as error:
        return _report(deck, from_os_error(error))
    except Exception as error:
        return _report(deck, _bug(error))
    return code if isinstance(code, int) else 0


def _leave(deck: Deck, code: int) -> int:
    """Flush while there is still somebody to report it."""
    try:
        sys.stdout.flush()
    except OSError as error:
        silence(sys.stdout)
        return code or _report(deck, from_os_error(error))
    return code


def _report(deck: Deck, error: DeckError) -> int:
    if os.environ.get("DECK_DEBUG"):
        traceback.print_exc()
    deck.out.error(error)
    if error.exit_code == from_os_error(OSError()).exit_code:
        silence_if_full()
    return error.exit_code


def silence_if_full() -> None:
    """Python flushes stdout at exit and would complain once more about a full disk."""
    try:
        sys.stdout.flush()
    except OSError:
        silence(sys.stdout)


def _usage(error: typer.TyperException) -> UserError:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "deck"
    return UserError("usage", error.format_message(), f"See `{path} --help`.")


def _bug(error: Exception) -> DeckError:
    return DeckError(
        "unexpected",
        f"Unexpected problem: {type(error).__name__}: {error}",
        "Run it again with DECK_DEBUG=1 and report what it prints.",
    )
