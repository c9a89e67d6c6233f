"""settings show, set, branch, tag: what a project says about its builds and about git."""

# ruff: noqa: ARG001 - `json` acts through its callback.

from __future__ import annotations

from typing import Annotated

import typer

from cli.api import Json, segment
from cli.context import Deck, JsonOption, of
from cli.errors import UserError

app = typer.Typer(help="Show and change how a project is built and where git leads.")

PLAIN = ("name", "production_branch", "framework")
BUILD = (
    *("root", "install_command", "build_command", "output_directory", "spa", "watch"),
    *("node_version", "python_version", "size"),
)
GATE = ("vulnerabilities", "severity", "secrets")
GIT = ("pull_requests", "forks", "comments", "preview_days", "auto_cancel", "signatures")
SWITCHES = frozenset({"spa", "pull_requests", "comments", "auto_cancel"})
KEYS = (*PLAIN, *BUILD, *(f"gate.{key}" for key in GATE), *(f"git.{key}" for key in GIT))
_RULES = {"branch": "branches", "tag": "tags"}

Pattern = Annotated[str, typer.Argument(metavar="PATTERN", help="Such as 'release/*' or 'v*'.")]
Environment = Annotated[
    str | None,
    typer.Argument(metavar="ENVIRONMENT", help="Or `none`; left out, the rule is removed."),
]
First = Annotated[
    bool, typer.Option("--first", help="Before the other rules: the first that matches wins.")
]


@app.callback(invoke_without_command=True)
def group(ctx: typer.Context) -> None:
    """Show and change how a project is built and where git leads."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def _project(deck: Deck) -> Json:
    return deck.api.get(f"/projects/{segment(deck.link().project)}")


def _save(deck: Deck, changes: Json) -> Json:
    return deck.api.patch(f"/projects/{segment(deck.link().project)}", changes)


@app.command()
def show(ctx: typer.Context, json: JsonOption = False) -> None:
    """Show every setting, and the rules about branches and tags."""
    deck = of(ctx)
    project = _project(deck)
    found = {key: project.get(key) for key in PLAIN}
    settings, git = project["settings"], project["git"]
    shown = {"project": found, "settings": settings, "git": git}

    def text() -> None:
        rows = [(key, _words(_value(project, key))) for key in KEYS]
        for kind, plural in _RULES.items():
            rows += [(f"{kind} {r['match']}", r["environment"]) for r in git[plural]]
        deck.out.table(("SETTING", "VALUE"), rows, "VALUE")

    deck.out.result(shown, text)


def _value(project: Json, key: str) -> object:
    group_, _, name = key.rpartition(".")
    if group_ == "git":
        return project["git"].get(name)
    if group_ == "gate":
        return (project["settings"].get("gate") or {}).get(name)
    return project.get(name) if name in PLAIN else project["settings"].get(name)


def _words(value: object) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@app.command(name="set")
def set_(
    ctx: typer.Context,
    changes: Annotated[
        list[str], typer.Argument(metavar="KEY=VALUE...", help="An empty value is the default.")
    ],
    json: JsonOption = False,
) -> None:
    """Change settings, such as `build_command='npm run site'` and `git.forks=approval`."""
    deck = of(ctx)
    pairs = [_pair(text) for text in changes]
    project = _project(deck)
    wish: Json = {key: value for key, value in pairs if key in PLAIN}
    settings: Json = {k: v for k, v in project["settings"].items() if v is not None}
    gate: Json = {k: v for k, v in (settings.get("gate") or {}).items() if v is not None}
    git: Json = dict(project["git"])
    for key, value in pairs:
        group_, _, name = key.rpartition(".")
        if key in PLAIN:
            continue
        place = {"git": git, "gate": gate}.get(group_, settings)
        if value is None:
            place.pop(name, None)
        else:
            place[name] = value
        if group_ == "git":
            wish["git"] = git
        else:
            wish["settings"] = settings
    settings.pop("gate", None)
    settings.update({"gate": gate} if gate else {})
    changed = _save(deck, wish)
    names = ", ".join(key for key, _ in pairs)
    deck.out.result(changed, lambda: deck.out.say(f"Changed {names} of {changed['slug']}"))


def _pair(text: str) -> tuple[str, object]:
    key, equals, value = text.partition("=")
    if key not in KEYS or not equals:
        raise UserError("bad_setting", f"{text!r} is no setting", f"KEY=VALUE: {', '.join(KEYS)}.")
    return key, _typed(key, value)


def _typed(key: str, value: str) -> object:
    name = key.rpartition(".")[2]
    if not value and key in PLAIN:
        raise UserError("bad_setting", f"{key} cannot be empty", f"{key}=VALUE")
    if not value:
        return None
    if name in SWITCHES:
        if value not in {"yes", "no", "true", "false", "on", "off"}:
            raise UserError("bad_setting", f"{key} is yes or no, not {value!r}", f"{key}=yes")
        return value in {"yes", "true", "on"}
    if name == "preview_days":
        if not value.isdecimal():
            raise UserError("bad_setting", f"{key} is a number of days", f"{key}=30")
        return int(value)
    return [part.strip() for part in value.split(",")] if name == "watch" else value


@app.command()
def branch(
    ctx: typer.Context,
    pattern: Pattern,
    environment: Environment = None,
    first: First = False,
    json: JsonOption = False,
) -> None:
    """Say to which environment branches lead, or remove the rule of a pattern."""
    _rule(of(ctx), "branch", pattern, environment, first)


@app.command()
def tag(
    ctx: typer.Context,
    pattern: Pattern,
    environment: Environment = None,
    first: First = False,
    json: JsonOption = False,
) -> None:
    """Say to which environment tags lead, or remove the rule of a pattern."""
    _rule(of(ctx), "tag", pattern, environment, first)


def _rule(deck: Deck, kind: str, pattern: str, environment: str | None, first: bool) -> None:
    git: Json = dict(_project(deck)["git"])
    before = list(git[_RULES[kind]])
    rules = [rule for rule in before if rule["match"] != pattern]
    if environment is None and len(rules) == len(before):
        raise UserError(
            "no_rule",
            f"There is no rule for {kind} {pattern!r}",
            "`deck settings show` lists them.",
        )
    if environment is not None:
        at = 0 if first else _place(before, pattern, len(rules))
        rules.insert(at, {"match": pattern, "environment": environment})
    git[_RULES[kind]] = rules
    changed = _save(deck, {"git": git})
    said = f"now leads to {environment}" if environment else "has no rule any more"
    deck.out.result(changed, lambda: deck.out.say(f"{kind} {pattern} {said}"))


def _place(before: list[Json], pattern: str, last: int) -> int:
    """Where a rule that is replaced stood, else the end."""
    return next((n for n, rule in enumerate(before) if rule["match"] == pattern), last)
