"""up, down, status, doctor: the cloud on this machine."""

# ruff: noqa: ARG001 - `json` and `api` act through their callbacks, and a command has
# as many parameters as it has options.

from __future__ import annotations

import json as jsonlib
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli import checks, localcloud
from cli.api import Json
from cli.commands import aws
from cli.context import ApiOption, Deck, JsonOption, of
from cli.errors import DeckError, Failed

HomeOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Data folder (default: .clouddeck).")
]


def up(
    ctx: typer.Context,
    home: HomeOption = None,
    port: Annotated[
        int | None, typer.Option(metavar="N", help="First of its ports (default: 8080).")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Start the cloud on this machine and leave it running."""
    deck = of(ctx)
    arguments = ["up", "--detach", *_home(home)]
    if port is not None:
        arguments += ["--port", str(port)]
    _pass_through(deck, *arguments)
    if deck.out.json:
        started = _started(deck, home)
        if started is None:
            raise Failed("not_running", "The cloud started, but is not running", "deck doctor")
        deck.out.result(started)


def _started(deck: Deck, home: Path | None) -> Json | None:
    """What is running now, wherever its data folder is."""
    if home is not None:
        return localcloud.running_in(home.absolute())
    root = localcloud.root(deck.here)
    return localcloud.running(deck.here) or (localcloud.running(root) if root else None)


def down(ctx: typer.Context, home: HomeOption = None, json: JsonOption = False) -> None:
    """Stop the cloud on this machine; its data stays."""
    deck = of(ctx)
    _pass_through(deck, "down", *_home(home))
    deck.out.result({"stopped": True})


def status(ctx: typer.Context, home: HomeOption = None, json: JsonOption = False) -> None:
    """Show what is running on this machine."""
    deck = of(ctx)
    wish = ["--json"] if deck.out.json else []
    _pass_through(deck, "status", *_home(home), *wish, result=True)


def _home(home: Path | None) -> list[str]:
    """The option for the embedded cloud, which runs in another folder than we do."""
    return ["--home", str(home.absolute())] if home is not None else []


def _pass_through(deck: Deck, *arguments: str, result: bool = False) -> None:
    """Run the embedded cloud's command; what it prints is the output, its exit code is ours."""
    command, environment, folder = localcloud.command(deck.here, *arguments)
    stdout = sys.stderr if deck.out.json and not result else None
    done = subprocess.run(command, env=environment, cwd=folder, stdout=stdout, check=False)
    if done.returncode:
        raise typer.Exit(done.returncode if done.returncode > 0 else 1)


def doctor(
    ctx: typer.Context,
    *,
    on_aws: Annotated[
        bool, typer.Option("--aws", help="Check an installation on AWS instead.")
    ] = False,
    prefix: aws.PrefixOption = None,
    aws_profile: aws.ProfileOption = None,
    region: aws.RegionOption = None,
    api: ApiOption = None,
    json: JsonOption = False,
) -> None:
    """Check everything that a deployment needs and say what to do about it."""
    deck = of(ctx)
    if on_aws:
        aws.run(deck, "doctor", aws.account(prefix, aws_profile, region))
        return
    rows = [*checks.all_rows(deck), *_cloud_rows(deck)]
    good = all(row.state != "fail" for row in rows)

    def text() -> None:
        colours = {"ok": "green", "warn": "yellow", "fail": "red"}
        for row in rows:
            state = deck.out.style(f"{row.state:<4}", colours[row.state])
            deck.out.say(f"{state}  {row.name:<12} {row.detail}")
            if row.hint:
                deck.out.say(f"      {'':<12} → {row.hint}")

    deck.out.result({"ok": good, "checks": [vars(row) for row in rows]}, text)
    if not good:
        raise typer.Exit(1)


def _cloud_rows(deck: Deck) -> list[checks.Row]:
    """The embedded cloud's own checks, when there is one."""
    if localcloud.home(deck.here) is None and localcloud.running(deck.here) is None:
        return []
    try:
        command, environment, folder = localcloud.command(deck.here, "doctor", "--json")
        done = subprocess.run(
            command, env=environment, cwd=folder, capture_output=True, check=False, timeout=60
        )
        return checks.foreign_rows(jsonlib.loads(done.stdout))
    except (DeckError, OSError, ValueError, subprocess.TimeoutExpired):
        return [checks.Row("local cloud", "warn", "its own checks could not be run", "deck status")]
