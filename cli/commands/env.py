"""env set, ls, rm, pull: the variables of a project."""

# ruff: noqa: ARG001, PLR0917 - `json` and `api` act through their callbacks, and a command has
# as many parameters as it has options.

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.api import Json, segment
from cli.context import Deck, EnvironmentName, JsonOption, of
from cli.disk import write_whole
from cli.errors import UserError
from cli.output import is_terminal
from cli.text import age

MARK = "# Written by `deck env pull`."
_ENVIRONMENT = re.compile(r"[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?\Z")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_BARE = re.compile(r"[A-Za-z0-9_./:@%+,-]+\Z")

BranchOption = Annotated[
    str | None,
    typer.Option("--branch", "-b", metavar="BRANCH", help="Only for this branch of it."),
]
WhenOption = Annotated[str, typer.Option("--when", metavar="WHEN", help="build, run or both.")]

app = typer.Typer(help="Set, list, remove and fetch environment variables.")


@app.callback(invoke_without_command=True)
def group(ctx: typer.Context) -> None:
    """Set, list, remove and fetch environment variables."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


@app.command(name="set")
def set_(
    ctx: typer.Context,
    variables: Annotated[
        list[str], typer.Argument(metavar="NAME[=VALUE]...", help="Without a value it is asked.")
    ],
    environment: EnvironmentName = "all",
    branch: BranchOption = None,
    when: WhenOption = "both",
    secret: Annotated[
        bool,
        typer.Option("--secret/--plain", help="Nobody can read it back (default), or you can."),
    ] = True,
    json: JsonOption = False,
) -> None:
    """Set variables; they count from the next deployment on."""
    deck = of(ctx)
    known(environment)
    pairs = [_pair(text) for text in variables]
    if sum(value is None for _, value in pairs) > 1 and not is_terminal(sys.stdin):
        raise UserError(
            "one_value", "Standard input holds one value", "Set one variable at a time."
        )
    project = deck.link().project
    done = [
        deck.api.put(
            f"/projects/{segment(project)}/env/{segment(name)}",
            {
                "value": _asked(name, secret) if value is None else value,
                "environment": environment,
                "secret": secret,
                **scoped(branch, when),
            },
        )
        for name, value in pairs
    ]
    names = ", ".join(name for name, _ in pairs)
    deck.out.result({"items": done}, lambda: deck.out.say(f"Set {names} for {environment}"))


def _pair(text: str) -> tuple[str, str | None]:
    name, equals, value = text.partition("=")
    return _named(name), value if equals else None


def _named(name: str) -> str:
    if not _NAME.match(name):
        raise UserError(
            "bad_name",
            f"{name!r} is not a name for a variable",
            "Letters, digits and _, not starting with a digit.",
        )
    return name


def _asked(name: str, secret: bool) -> str:
    """The value from the person or from a pipe, so that it stays out of the shell's history."""
    if is_terminal(sys.stdin):
        return str(typer.prompt(f"Value of {name}", hide_input=secret, err=True))
    value = sys.stdin.read()
    if not value:
        raise UserError(
            "no_value",
            f"There is no value for {name}",
            f"Pipe it in, or write {name}= for an empty one.",
        )
    return value.removesuffix("\n").removesuffix("\r")


def scoped(branch: str | None, when: str) -> Json:
    """The fields that say where and when a variable counts, as far as they are not the default."""
    given = {"branch": branch, "when": when if when != "both" else None}
    return {name: value for name, value in given.items() if value is not None}


def known(environment: str) -> None:
    """Raise UserError for what no environment can be called; whether there is one says the API."""
    if not _ENVIRONMENT.match(environment):
        raise UserError(
            "bad_environment",
            f"There is no environment {environment!r}",
            "all, production, preview, development, or one of `deck environments list`.",
        )


@app.command(name="ls")
def list_(
    ctx: typer.Context,
    environment: Annotated[
        str | None, typer.Option("--environment", "-e", help="Only those of one environment.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """List the variables; secrets without their values."""
    deck = of(ctx)
    if environment is not None:
        known(environment)
    found = _variables(deck, environment)
    rows = [(v["name"], _where(v), _shown(v), age(v.get("updated_at"))) for v in found]
    headers = ("NAME", "ENVIRONMENT", "VALUE", "AGE")
    deck.out.result({"items": found}, lambda: deck.out.table(headers, rows, "VALUE"))


def _where(variable: Json) -> str:
    branch = variable.get("branch")
    return f"{variable['environment']}:{branch}" if branch else str(variable["environment"])


def _shown(variable: Json) -> str:
    return "(secret)" if variable.get("value") is None else str(variable["value"])


def _variables(deck: Deck, environment: str | None) -> list[Json]:
    path = f"/projects/{segment(deck.link().project)}/env"
    return list(deck.api.items(path, environment=environment))


@app.command(name="rm")
def remove(
    ctx: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Which.")],
    environment: EnvironmentName = "all",
    branch: BranchOption = None,
    json: JsonOption = False,
) -> None:
    """Remove variables."""
    deck = of(ctx)
    known(environment)
    project = deck.link().project
    scope = {"environment": environment} | ({"branch": branch} if branch else {})
    for name in [_named(name) for name in names]:
        path = f"/projects/{segment(project)}/env/{segment(name)}"
        deck.api.delete(path, **scope)
    deck.out.result(
        {"removed": names, "environment": environment},
        lambda: deck.out.say(f"Removed {', '.join(names)} from {environment}"),
    )


@app.command()
def pull(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to.")] = Path(".env.local"),
    environment: EnvironmentName = "development",
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file that deck did not write.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Write the variables of an environment into a file; secrets cannot be read back."""
    deck = of(ctx)
    known(environment)
    file = deck.here / file
    if file.exists() and not force and not file.read_text("utf-8", "replace").startswith(MARK):
        raise UserError("file_exists", f"{file} exists and is not ours", "Use --force to replace.")
    merged = _merged(_variables(deck, None), environment)
    readable = {v["name"]: v["value"] for v in merged if v.get("value") is not None}
    secret = [v["name"] for v in merged if v.get("value") is None]
    lines = [MARK, *(f"{name}={quoted(value)}" for name, value in readable.items())]
    lines += [f"# {name} is a secret" for name in secret]
    write_whole(file, "\n".join(lines) + "\n", mode=0o600)
    deck.out.result(
        {"file": str(file), "written": list(readable), "secret": secret},
        lambda: deck.out.say(f"Wrote {len(readable)} variables to {file}"),
    )
    if secret:
        deck.out.note(f"secrets stay there: {', '.join(secret)}")


def _merged(variables: list[Json], environment: str) -> list[Json]:
    """What an environment sees: its own value wins over the one for all."""
    seen: dict[str, Json] = {}
    for scope in ("all", environment):
        seen |= {
            v["name"]: v for v in variables if v["environment"] == scope and not v.get("branch")
        }
    return [seen[name] for name in sorted(seen) if _NAME.match(name)]


def quoted(value: str) -> str:
    """A value as dotenv files write it."""
    if _BARE.match(value):
        return value
    for plain, escaped in (
        ("\\", "\\\\"),
        ('"', '\\"'),
        ("\n", "\\n"),
        ("\r", "\\r"),
        ("$", "\\$"),
    ):
        value = value.replace(plain, escaped)
    return f'"{value}"'
