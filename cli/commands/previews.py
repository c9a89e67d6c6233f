"""previews, pulls, approve: what follows branches and pull requests, and who lets commits in."""

# ruff: noqa: ARG001 - `json` acts through its callback.

from __future__ import annotations

import re
from typing import Annotated

import typer

from cli.api import Json, segment
from cli.asking import YesOption, confirm
from cli.commands import deployments, release
from cli.context import Deck, JsonOption, of
from cli.errors import UserError
from cli.text import one_line

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")


def _path(deck: Deck, what: str) -> str:
    return f"/projects/{segment(deck.link().project)}/{what}"


def previews(ctx: typer.Context, json: JsonOption = False) -> None:
    """List the addresses that follow branches, pull requests and environments."""
    deck = of(ctx)
    found = list(deck.api.items(_path(deck, "aliases")))
    rows = [(a["url"], a["kind"], one_line(a["of"]), a["deployment"]) for a in found]
    headers = ("ADDRESS", "FOLLOWS", "NAME", "DEPLOYMENT")
    deck.out.result({"items": found}, lambda: deck.out.table(headers, rows, "NAME"))


def pulls(
    ctx: typer.Context,
    state: Annotated[str, typer.Option("--state", help="open, closed or all.")] = "open",
    json: JsonOption = False,
) -> None:
    """List pull requests, how far each is trusted, and what became of it."""
    deck = of(ctx)
    asked = {} if state == "all" else {"state": state}
    found = list(deck.api.items(_path(deck, "pulls"), **asked))
    rows = [
        (
            str(p["number"]),
            p["commit"][:12],
            p["preview"],
            p["trust"],
            one_line(p["author"]),
            one_line(p["title"]),
        )
        for p in found
    ]
    headers = ("NUMBER", "COMMIT", "PREVIEW", "TRUST", "AUTHOR", "TITLE")
    deck.out.result({"items": found}, lambda: deck.out.table(headers, rows, "TITLE"))


def approve(
    ctx: typer.Context,
    what: Annotated[
        str, typer.Argument(metavar="WHAT", help="Number of a pull request, or a deployment.")
    ],
    commit: Annotated[
        str | None, typer.Option("--commit", help="The whole id of the commit that you read.")
    ] = None,
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    """Let a commit of a pull request be built with variables, or a release go live."""
    deck = of(ctx)
    if what.isascii() and what.isdigit():
        _pull(deck, int(what), commit, yes)
    else:
        _release(deck, what, commit, yes)


def _pull(deck: Deck, number: int, commit: str | None, yes: bool) -> None:
    if commit is None:
        pull = _named(deck, number)
        commit = str(pull["commit"])
        confirm(
            deck,
            f"{one_line(pull['why'])} Did you read commit {commit} of {one_line(pull['author'])}? "
            "Its build gets the variables of previews.",
            yes,
        )
    elif not _COMMIT.match(commit):
        raise UserError(
            "bad_commit", f"{commit!r} is no whole id of a commit", "git rev-parse HEAD"
        )
    path = _path(deck, f"pulls/{number}/approve")
    done = deck.api.post(path, {"commit": commit})
    deck.out.result(
        done,
        lambda: deck.out.say(f"Approved {commit[:12]}: {done['deployment'] or 'nothing runs'}"),
    )


def _release(deck: Deck, deployment: str, commit: str | None, yes: bool) -> None:
    if commit is None:
        found = deployments.find(deck, deployment)
        commit = str(found["commit"])
        about = f"commit {commit}" if commit else str(found["id"])
        confirm(deck, f"Did you read {about} of {one_line(found['created_by'])}?", yes)
    release.approve(deck, deployment, commit)


def _named(deck: Deck, number: int) -> Json:
    for pull in deck.api.items(_path(deck, "pulls"), state="open"):
        if pull["number"] == number:
            return pull
    raise UserError("no_pull", f"There is no open pull request {number} here", "deck pulls")
