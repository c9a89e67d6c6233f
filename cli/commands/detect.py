"""detect, config: what a folder is, and what all that is written about its build comes to."""

# ruff: noqa: ARG001, PLR0917 - `json` and `api` act through their callbacks, and a command has
# as many parameters as it has options.

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli import detect as detection
from cli.api import Json
from cli.context import ApiOption, Deck, JsonOption, of
from cli.errors import UserError

FolderArgument = Annotated[Path, typer.Argument(help="The repository (default: here).")]
RootOption = Annotated[
    str | None, typer.Option(metavar="DIR", help="Folder of the site inside the repository.")
]
VERDICTS = {"used": ("green",), "ignored": ("dim",), "impossible": ("yellow",)}


def detect(
    ctx: typer.Context,
    folder: FolderArgument = Path(),
    root: RootOption = None,
    api: ApiOption = None,
    json: JsonOption = False,
) -> None:
    """Say which framework a folder is made with, why, and how it is built."""
    deck = of(ctx)
    found = _ask(deck, folder, {"root": root} if root else {})
    shown = {key: value for key, value in found.items() if key not in ("inspect", "report")}
    deck.out.result(shown, lambda: _plan(deck, found))
    _refuse(found)


def config(
    ctx: typer.Context,
    folder: FolderArgument = Path(),
    root: RootOption = None,
    environment: Annotated[str, typer.Option(help="For which environment.")] = "production",
    branch: Annotated[str | None, typer.Option(help="For which branch.")] = None,
    pull: Annotated[bool, typer.Option("--pull", help="For a pull request.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="A warning is an error.")] = False,
    api: ApiOption = None,
    json: JsonOption = False,
) -> None:
    """Show the steps of a build, and what became of every key of the files that say something."""
    deck = of(ctx)
    wish: Json = {"root": root, "environment": environment, "branch": branch, "pull": pull}
    found = _ask(deck, folder, {key: value for key, value in wish.items() if value is not None})
    shown = {key: value for key, value in found.items() if key != "inspect"}

    def text() -> None:
        _plan(deck, found)
        _steps(deck, found)
        _report(deck, found)

    deck.out.result(shown, text)
    _refuse(found)
    if strict and found["warnings"]:
        raise UserError(
            "config_warnings", "There are warnings, and you asked for none", "Run without --strict."
        )


def _ask(deck: Deck, folder: Path, wish: Json) -> Json:
    if not folder.is_dir():
        raise UserError("bad_root", f"{folder} is not a folder", "Name the folder of a repository.")
    return detection.framework(deck.api, folder, wish)


def _plan(deck: Deck, found: Json) -> None:
    deck.out.say(f"Framework: {found['name'] or 'none'}")
    for why in found["why"]:
        deck.out.say(f"  because {why}")
    if not found["error"]:
        labels = ("root", "package_manager", "install", "build", "output", "node", "python")
        for label in labels:
            if found.get(label):
                deck.out.say(f"{label.replace('_', ' ')}: {found[label]}")
    for warning in found["warnings"]:
        deck.out.warn(str(warning))


def _steps(deck: Deck, found: Json) -> None:
    for number, step in enumerate(found["steps"], 1):
        notes = [word for word in ("always", "allow_failure") if step[word]]
        said = f" ({', '.join(notes).replace('_', ' ')})" if notes else ""
        deck.out.say(f"step {number}: {step['name']}, stage {step['stage']}{said}")
        for line in str(step["run"]).split("\n"):
            deck.out.say(f"    {line}")
    scope = found["scope"]
    if scope:
        deck.out.say(f"depends on: {', '.join(scope['paths'])} ({scope['why']})")


def _report(deck: Deck, found: Json) -> None:
    rows = [
        (
            f"{said['file']}:{said['line']}" if said["line"] else str(said["file"]),
            str(said["key"]),
            deck.out.style(str(said["verdict"]), *VERDICTS.get(said["verdict"], ())),
            str(said["why"]),
        )
        for said in found["report"]
    ]
    if rows:
        deck.out.table(("WHERE", "KEY", "WHAT BECAME OF IT", "WHY"), rows, flexible="WHY")


def _refuse(found: Json) -> None:
    trouble = found["error"]
    if trouble:
        raise UserError(str(trouble["code"]), str(trouble["message"]), str(trouble["hint"]))
