"""audit list, activity, verify, export, retention; audit streams list, set, delete, test."""

# ruff: noqa: ARG001, PLR0917 - `json` acts through its callback, and a command has
# as many parameters as it has options.

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

import typer

from cli.api import Json, segment
from cli.asking import YesOption, confirm
from cli.chain import Found
from cli.chain import verify as verify_lines
from cli.context import Deck, JsonOption, TeamOption, of
from cli.errors import Failed, UserError
from cli.output import is_terminal
from cli.text import age

KINDS = ("datadog", "splunk", "https")

app = typer.Typer(help="Who changed what: read, verify, export and stream the audit log.")
streams = typer.Typer(help="Send the audit log to Datadog, Splunk or any HTTPS address.")
app.add_typer(streams, name="streams")

InstallationOption = Annotated[
    bool, typer.Option("--installation", help="The installation's own log, not a team's.")
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the stream.")]


@app.callback(invoke_without_command=True)
def group(ctx: typer.Context) -> None:
    """Who changed what: read, verify, export and stream the audit log."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


@streams.callback(invoke_without_command=True)
def streams_group(ctx: typer.Context) -> None:
    """Send the audit log to Datadog, Splunk or any HTTPS address."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


@app.command(name="list")
def list_(
    ctx: typer.Context,
    action: Annotated[
        str | None, typer.Option(metavar="TEXT", help="An action or the beginning of one.")
    ] = None,
    actor: Annotated[str | None, typer.Option(metavar="ID", help="A user, key or session.")] = None,
    resource: Annotated[
        str | None, typer.Option(metavar="ID", help="What was changed, or what it belongs to.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="ISO 8601; inclusive.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="ISO 8601; exclusive.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000)] = 20,
    installation: InstallationOption = False,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """List the entries, newest first."""
    deck = of(ctx)
    query: dict[str, str | int | None] = {
        "action": action,
        "actor": actor,
        "resource": resource,
        "from": since,
        "to": until,
        "limit": min(limit, 100),
    }
    path = "/admin/audit" if installation else _path(deck, team)
    found = list(islice(deck.api.items(path, **query), limit))
    lines = [
        (str(e["sequence"]), e["at"], e["action"], e["sentence"], e["actor"]["ip"]) for e in found
    ]
    headers = ("ENTRY", "TIME", "ACTION", "WHAT", "IP")
    deck.out.result({"items": found}, lambda: deck.out.table(headers, lines, "WHAT"))


@app.command()
def activity(ctx: typer.Context, team: TeamOption = None, json: JsonOption = False) -> None:
    """What happened in the last 24 hours, as sentences."""
    deck = of(ctx)
    found = deck.api.get(f"/teams/{segment(deck.team(team))}/activity")
    lines = [(age(item["at"]), item["sentence"]) for item in found["items"]]
    deck.out.result(found, lambda: deck.out.table(("AGE", "WHAT"), lines, "WHAT"))


@app.command()
def verify(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="An export in JSON lines; asks nobody.")
    ] = None,
    installation: InstallationOption = False,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Say whether the log is whole; exit code 1 when it is not."""
    deck = of(ctx)
    if file is not None:
        _offline(deck, deck.here / file)
        return
    path = "/admin/audit" if installation else _path(deck, team)
    found, entries, first = deck.api.get(f"{path}/verify"), 0, 0
    while True:
        entries, first = entries + found["entries"], first or found["first"]
        if not (found["ok"] and found["more"]):
            break
        found = deck.api.get(f"{path}/verify", after=found["last"])
    found |= {"entries": entries, "first": first}
    if not found["ok"]:
        raise _broken(found["broken_at"], found["why"])
    signed = f", signed up to {found['signed_until']}" if found["signed_until"] else ""
    told = f"The log is whole: {entries} entries, {first} to {found['last']}{signed}"
    deck.out.result(found, lambda: deck.out.say(f"{told}\nhead {found['head_hash']}"))


def _offline(deck: Deck, file: Path) -> None:
    with file.open(encoding="utf-8") as lines:
        try:
            found: Found = verify_lines(lines)
        except UnicodeDecodeError:
            raise UserError("not_an_export", f"{file} is not text in UTF-8") from None
    if found.why:
        raise _broken(found.broken_at, found.why)
    told = f"The export is whole: {found.entries} entries, {found.first} to {found.last}"
    deck.out.result(
        {"ok": True, **asdict(found)},
        lambda: deck.out.say(f"{told}\nhead {found.hash}"),
    )


def _broken(at: object, why: str) -> Failed:
    return Failed(
        "log_broken",
        f"The log is broken at entry {at}. {why}",
        "Compare with an export or a stream; somebody with the database in their hands did this.",
    )


@app.command()
def export(
    ctx: typer.Context,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Instead of stdout.")
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="CSV instead of JSON lines.")] = False,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Write all entries, oldest first, as JSON lines or CSV."""
    deck = of(ctx)
    path = f"{_path(deck, team)}/export"
    file = deck.here / output if output else None
    if file is None:
        for text in _pages(deck, path, csv):
            sys.stdout.write(text)
        return
    # whole or not at all: what is half there must not look like a log that was cut off
    partial = file.with_name(f".{file.name}.partial")
    count = 0
    try:
        with partial.open("w", encoding="utf-8", newline="") as out:
            for text in _pages(deck, path, csv):
                out.write(text)
                count += text.count("\n")
        partial.chmod(0o600)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    deck.out.result(
        {"file": str(file), "lines": count}, lambda: deck.out.say(f"Wrote {count} lines to {file}")
    )


def _pages(deck: Deck, path: str, csv: bool) -> Iterator[str]:
    query = {"format": "csv" if csv else "jsonl"}
    while True:
        text, cursor = deck.api.page(f"{path}?{urlencode(query)}")
        yield text
        if not cursor:
            return
        query["cursor"] = cursor


@app.command()
def retention(
    ctx: typer.Context,
    days: Annotated[
        int | None, typer.Argument(metavar="[DAYS]", help="30 to 3650; shown without.")
    ] = None,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Show or set how long entries are kept that are written from now on."""
    deck = of(ctx)
    path = f"{_path(deck, team)}/retention"
    found = deck.api.get(path) if days is None else deck.api.put(path, {"days": days})
    deck.out.result(found, lambda: deck.out.say(f"Entries are kept for {found['days']} days"))


@streams.command(name="list")
def list_streams(ctx: typer.Context, team: TeamOption = None, json: JsonOption = False) -> None:
    """List the streams and how they fare."""
    deck = of(ctx)
    found = deck.api.get(f"{_path(deck, team)}/streams")
    lines = [
        (s["name"], s["kind"], s["state"], str(s["delivered"]), s["url"], s["error"])
        for s in found["items"]
    ]
    headers = ("NAME", "KIND", "STATE", "DELIVERED", "ADDRESS", "ERROR")
    deck.out.result(found, lambda: deck.out.table(headers, lines, "ERROR"))


@streams.command(name="set")
def set_stream(
    ctx: typer.Context,
    name: Name,
    kind: Annotated[str, typer.Option(metavar="KIND", help="datadog, splunk or https.")],
    url: Annotated[str, typer.Option(metavar="URL", help="Where to.")],
    keep_token: Annotated[
        bool, typer.Option("--keep-token", help="Leave the token as it is.")
    ] = False,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Also what is in the log already.")
    ] = False,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Set a stream; its token is asked for, or read from standard input."""
    deck = of(ctx)
    if kind not in KINDS:
        raise UserError("bad_kind", f"There is no kind {kind!r}", f"One of {', '.join(KINDS)}.")
    wish: Json = {"kind": kind, "url": url, "from_start": from_start}
    if not keep_token:
        wish["token"] = _token()
    found = deck.api.put(f"{_path(deck, team)}/streams/{segment(name)}", wish)
    deck.out.result(found, lambda: deck.out.say(f"{name} sends to {found['url']}"))


def _token() -> str:
    if is_terminal(sys.stdin):
        return str(typer.prompt("Token", hide_input=True, err=True))
    return sys.stdin.read().strip()


@streams.command(name="delete")
def delete_stream(
    ctx: typer.Context,
    name: Name,
    yes: YesOption = False,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """Remove a stream; the log keeps everything."""
    deck = of(ctx)
    confirm(deck, f"Remove the stream {name}?", yes)
    deck.api.delete(f"{_path(deck, team)}/streams/{segment(name)}")
    deck.out.result({"deleted": name}, lambda: deck.out.say(f"Removed {name}"))


@streams.command(name="test")
def try_stream(
    ctx: typer.Context, name: Name, team: TeamOption = None, json: JsonOption = False
) -> None:
    """Send one entry that stands in no log; exit code 1 when the collector does not take it."""
    deck = of(ctx)
    found = deck.api.post(f"{_path(deck, team)}/streams/{segment(name)}/test")
    if not found["ok"]:
        raise Failed("not_delivered", f"{name}: {found['error']}", "Check address and token.")
    deck.out.result(found, lambda: deck.out.say(f"{name} took it ({found['status']})"))


def _path(deck: Deck, team: str | None) -> str:
    return f"/teams/{segment(deck.team(team))}/audit"
