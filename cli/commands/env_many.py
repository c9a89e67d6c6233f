"""env import, effective, history: variables together."""

# ruff: noqa: ARG001, PLR0917 - `json` and `api` act through their callbacks, and a command has
# as many parameters as it has options.

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.api import Json, segment
from cli.commands.env import BranchOption, WhenOption, known, scoped
from cli.context import EnvironmentName, JsonOption, of
from cli.errors import UserError
from cli.text import age

MAX_BYTES = 100_000
_MARKS = {"created": "+", "updated": "~", "unchanged": "=", "kept": "!", "rejected": "x"}


def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .env file.")],
    environment: EnvironmentName = "all",
    branch: BranchOption = None,
    when: WhenOption = "both",
    plain: Annotated[
        bool, typer.Option("--plain", help="Values can be read back; otherwise they are secrets.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace what is there and differs.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would become of each line.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Set the variables of a .env file: all of them, or none."""
    deck = of(ctx)
    known(environment)
    text = _text(deck.here / file)
    wish: Json = {
        "text": text,
        "environment": environment,
        "secret": not plain,
        "overwrite": overwrite,
        "dry_run": dry_run,
        **scoped(branch, when),
    }
    done = deck.api.post(f"/projects/{segment(deck.link().project)}/env/import", wish)

    def said() -> None:
        for line in done["lines"]:
            why = f": {line['detail']}" if line.get("detail") else ""
            mark = _MARKS.get(line["verdict"], "?")
            deck.out.say(f"{mark} {line['name'] or 'line'} ({line['verdict']}{why})")
        kept = sum(line["verdict"] == "kept" for line in done["lines"])
        if kept:
            deck.out.note(f"{kept} differ from what is there; --overwrite replaces them")
        if not done["applied"]:
            deck.out.note("Nothing was changed: this was a rehearsal")

    deck.out.result(done, said)


def _text(file: Path) -> str:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UserError(
            "no_file", f"{file} cannot be read: {error.strerror}", "Name a file."
        ) from None
    if len(data) > MAX_BYTES:
        raise UserError("file_too_large", f"{file} has {len(data)} bytes", f"At most {MAX_BYTES}.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError("not_text", f"{file} is not UTF-8", "Save it as UTF-8.") from None


def effective(
    ctx: typer.Context,
    environment: Annotated[
        str, typer.Option("--environment", "-e", metavar="NAME", help="Of which environment.")
    ] = "production",
    branch: BranchOption = None,
    when: Annotated[str, typer.Option("--when", metavar="WHEN", help="build or run.")] = "build",
    json: JsonOption = False,
) -> None:
    """Show what a build finds, and where each value comes from."""
    deck = of(ctx)
    known(environment)
    found = deck.api.get(
        f"/projects/{segment(deck.link().project)}/env/effective",
        environment=environment,
        branch=branch,
        when=when,
    )
    rows = [(v["name"], _value(v), v["source"], _overrides(v)) for v in found["items"]]
    headers = ("NAME", "VALUE", "FROM", "BEFORE")
    deck.out.result(found, lambda: deck.out.table(headers, rows, "VALUE"))


def _value(variable: Json) -> str:
    hidden = variable.get("hidden")
    said = {"deployment": "(of the deployment)", "permission": "(not for you)"}
    return said.get(hidden, "(secret)") if hidden else str(variable["value"])


def _overrides(variable: Json) -> str:
    return ", ".join(layer["source"] for layer in variable["overrides"]) or "-"


def history(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which.")],
    json: JsonOption = False,
) -> None:
    """Show who did what to a variable and when, the newest first; values are not kept."""
    deck = of(ctx)
    path = f"/projects/{segment(deck.link().project)}/env/{segment(name)}/history"
    found = list(deck.api.items(path, limit=100))
    rows = [
        (
            age(c["at"]),
            c["what"],
            ", ".join(c["changed"]) or "-",
            f"{c['environment']}:{c['branch']}" if c["branch"] else c["environment"],
            str(c["version"]),
            c["by"],
        )
        for c in found
    ]
    headers = ("AGE", "WHAT", "CHANGED", "ENVIRONMENT", "VERSION", "BY")
    deck.out.result({"items": found}, lambda: deck.out.table(headers, rows))
