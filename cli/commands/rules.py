"""rules: redirects, rewrites and headers, tried before and after they are deployed."""

# ruff: noqa: ARG001, PLR0917 - `json` acts through its callback, and a command has as many
# parameters as it has options.

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.api import Json, segment
from cli.commands.deployments import DeploymentArgument, find
from cli.context import Deck, JsonOption, of
from cli.errors import UserError
from cli.text import one_line

app = typer.Typer(help="Redirects, rewrites and headers of the site.", no_args_is_help=True)

FILES = ("clouddeck.toml", "_redirects", "_headers", "netlify.toml", "vercel.json")
LARGEST = 2 * 1024 * 1024
_VERDICTS = {"different": ("yellow",), "ignored": ("dim",), "refused": ("yellow",)}

DeploymentOption = Annotated[
    str | None,
    typer.Option("--deployment", metavar="DEPLOYMENT", help="Which (default: the newest)."),
]


@app.command()
def check(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help="The repository (default: here).")] = Path(),
    output: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where _redirects and _headers lie, if not there."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="A note is an error.")] = False,
    json: JsonOption = False,
) -> None:
    """Say what the rules of a folder come to, and what is wrong with them."""
    deck = of(ctx)
    files = _texts(folder, output)
    if not files:
        raise UserError(
            "no_rules", f"{folder} has no file with rules", f"Files with rules: {', '.join(FILES)}."
        )
    told: Json = deck.api.post("/rules/check", {"files": files})
    deck.out.result(told, lambda: _checked(deck, told, sorted(files)))
    if told["faults"]:
        raise UserError(
            "rules_invalid",
            f"{len(told['faults'])} rules cannot be deployed",
            "Correct them; docs/rules.md has the grammar.",
        )
    if strict and told["notes"]:
        raise UserError(
            "rules_noted", "Not every rule was simply taken", "Run without --strict to allow it."
        )


@app.command(name="list")
def list_(
    ctx: typer.Context, deployment: DeploymentArgument = None, json: JsonOption = False
) -> None:
    """List the rules of a deployment."""
    deck = of(ctx)
    path = f"/deployments/{segment(find(deck, deployment)['id'])}/rules"
    told: Json = deck.api.get(path)
    after = told["next"]
    while after is not None:
        page = deck.api.get(path, after=after)
        told["rules"] += page["rules"]
        after = page["next"]
    told["next"] = None
    deck.out.result(told, lambda: _list(deck, told))


@app.command(name="test")
def try_(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(help="A path, or a whole address.")],
    deployment: DeploymentOption = None,
    method: Annotated[str, typer.Option(help="The method of the request.")] = "GET",
    header: Annotated[
        list[str] | None, typer.Option("--header", "-H", help="A header, as 'Name: value'.")
    ] = None,
    country: Annotated[str, typer.Option(help="Where the visitor is: two letters.")] = "",
    language: Annotated[str, typer.Option(help="What the visitor's browser speaks.")] = "",
    json: JsonOption = False,
) -> None:
    """Say what a deployment would answer to a request, and which rule decides. Nothing is sent."""
    deck = of(ctx)
    body = {
        "url": url,
        "method": method.upper(),
        "headers": dict(_header(text) for text in header or ()),
        "country": country,
        "language": language,
    }
    named = segment(find(deck, deployment)["id"])
    told: Json = deck.api.post(f"/deployments/{named}/rules/test", body)
    deck.out.result(told, lambda: deck.out.say("\n".join(_verdict(told))))


def _texts(folder: Path, output: Path | None) -> dict[str, str]:
    """The files with rules that are there, by their names."""
    if not folder.is_dir():
        raise UserError("bad_root", f"{folder} is not a folder", "Name the folder of a repository.")
    found = {}
    for name in FILES:
        homes = [folder / output, folder] if output and name.startswith("_") else [folder]
        path = next((home / name for home in homes if (home / name).is_file()), None)
        if path is None:
            continue
        if path.stat().st_size > LARGEST:
            raise UserError("file_too_large", f"{path} has over {LARGEST} bytes", "Shorten it.")
        try:
            found[name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise UserError("not_text", f"{path} is no UTF-8 text", "Save it as UTF-8.") from None
    return found


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise UserError("bad_header", f"{text!r} is no header", "Write -H 'Name: value'.")
    return name.strip(), value.strip()


def _checked(deck: Deck, told: Json, files: list[str]) -> None:
    counts = {name: len(told[name]) for name in ("headers", "auth", "backends")}
    more = [f"{count} {name}" for name, count in counts.items() if count]
    said = ", ".join([f"{told['total']} rules", *more])
    deck.out.say(f"{said} in {', '.join(files)}")
    rows = [
        (
            f"{note['file']}:{note['line']}",
            deck.out.style(str(note["verdict"]), *_VERDICTS[note["verdict"]]),
            one_line(f"{note['what']}: {note['why']}"),
        )
        for note in told["notes"]
    ]
    rows += [
        (
            f"{fault['file']}:{fault['line']}",
            deck.out.style("fault", "red"),
            one_line(f"{fault['message']} {fault['hint']}"),
        )
        for fault in told["faults"]
    ]
    if rows:
        deck.out.table(("WHERE", "WHAT BECAME OF IT", "WHY"), rows, flexible="WHY")


def _list(deck: Deck, told: Json) -> None:
    rows = [
        (
            f"{rule['source']}:{rule['line']}",
            f"{rule['status']}{'!' if rule['force'] else ''}",
            one_line(str(rule["path"])),
            one_line(str(rule["to"])),
            _said(rule["when"]),
        )
        for rule in told["rules"]
    ]
    rows += [
        (f"{one['source']}:{one['line']}", "headers", one_line(str(one["path"])), _names(one), "")
        for one in told["headers"]
    ]
    rows += [
        (
            f"{one['source']}:{one['line']}",
            "password",
            one_line(str(one["path"])),
            one_line(", ".join(one["users"])),
            "",
        )
        for one in told["auth"]
    ]
    if not rows:
        deck.out.say("This deployment has no rules.")
        return
    deck.out.table(("WHERE", "STATUS", "PATH", "TO", "WHEN"), rows, flexible="TO")


def _names(headers: Json) -> str:
    return one_line(", ".join(name for name, _ in headers["headers"]))


def _said(when: Json | None) -> str:
    """A condition in words: `language de, fr; cookie beta=1`."""
    return one_line("; ".join(f"{name} {_words(value)}" for name, value in (when or {}).items()))


def _words(value: object) -> str:
    if isinstance(value, dict):
        said = ((k, "" if v is None or v is True else f"={_words(v)}") for k, v in value.items())
        return ", ".join(f"{name}{words}" for name, words in said)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _verdict(told: Json) -> list[str]:
    goals = ", ".join(f"{goal['url']} ({goal['weight']})" for goal in told["goals"])
    rule = told["rule"]
    fields = {
        "answer": f"{told['verdict']} {told['status'] or ''}".strip(),
        "location": told["location"],
        "file": told["file"],
        "passed on to": goals,
        "rule": f"{rule['source']}:{rule['line']}  {rule['text']}" if rule else told["reason"],
        "looked at": ", ".join(told["looked"]),
    }
    lines = [f"{name:<13} {one_line(str(value))}" for name, value in fields.items() if value]
    lines += [f"{'header':<13} {one_line(f'{name}: {value}')}" for name, value in told["headers"]]
    for step in told["trace"]:
        place = step["place"]
        where = f" {place['source']}:{place['line']}" if place else ""
        lines.append(f"  {step['kind']}{where}: {one_line(str(step['said']))}")
    return lines
