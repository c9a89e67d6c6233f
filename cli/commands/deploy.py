"""deploy: from files in a folder to an address."""

# ruff: noqa: ARG001, PLR0917 - `json` and `api` act through their callbacks, and a command has
# as many parameters as it has options.

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from cli import git, tree, upload
from cli.api import Json, segment
from cli.context import Deck, JsonOption, of
from cli.errors import DeckError, Failed, UserError
from cli.follow import Follower
from cli.present import log_line, outcome, stage_words
from cli.text import seconds_between


def deploy(
    ctx: typer.Context,
    prod: Annotated[bool, typer.Option("--prod", help="Go live when it is ready.")] = False,
    environment: Annotated[
        str | None, typer.Option("--env", metavar="NAME", help="Where to (default: preview).")
    ] = None,
    prebuilt: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Publish this built folder; no build.")
    ] = None,
    message: Annotated[
        str | None, typer.Option("--message", "-m", help="What changed (default: the commit's).")
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Follow it to the end, or return at once.")
    ] = True,
    json: JsonOption = False,
) -> None:
    """Upload this folder, build it and publish it."""
    deck = of(ctx)
    if prod and environment not in {None, "production"}:
        raise UserError("contradiction", f"--prod is not {environment!r}", "Give one of them.")
    project = deck.link().project
    files = _files(deck, prebuilt)
    sent = _upload(deck, project, "output" if prebuilt else "source", files)
    known = git.head(deck.link().folder)
    if message is not None:
        known["message"] = message
    wish: Json = {"upload": sent.id, **known}
    wish |= {"production": prod} if environment is None else {"environment": environment}
    deployment = deck.api.post(f"/projects/{segment(project)}/deployments", wish)
    deck.out.note(f"Deployment {deployment['id']}")
    if wait:
        deployment = _wait(deck, deployment)
    deck.out.result(
        {"deployment": deployment, "upload": sent.body()},
        lambda: deck.out.say(_address(deployment)) if deployment["state"] != "failed" else None,
    )
    if wait and deployment["state"] != "ready":
        raise failure(deployment)


def _address(deployment: Json) -> str:
    """Where to look: the production address for what is live, its own for everything else."""
    where = "production_url" if deployment.get("live") else "url"
    return str(deployment.get(where) or deployment["url"])


def _files(deck: Deck, prebuilt: Path | None) -> list[tree.Entry]:
    if prebuilt is None:
        folder = deck.link().folder
        entries = tree.source(folder, deck.out.warn)
    else:
        folder = prebuilt
        if not folder.is_dir():
            raise UserError("no_output", f"{folder} is not a folder", "Build first.")
        entries = tree.output(folder.absolute(), deck.out.warn)
    if not entries:
        raise UserError(
            "nothing_to_deploy", f"There are no files to deploy in {folder}", "Check .gitignore."
        )
    return entries


def _upload(deck: Deck, project: str, kind: str, entries: list[tree.Entry]) -> upload.Sent:
    with deck.out.progress("reading") as progress:
        files = upload.hashed(entries, progress)
    with deck.out.progress("uploading") as progress:
        sent = upload.send(deck.api, project, kind, files, progress)
    deck.out.note(sent.sentence())
    return sent


def _wait(deck: Deck, deployment: Json) -> Json:
    """Show what happens until it is over."""
    id_ = deployment["id"]
    try:
        with deck.out.spinner(f"{deployment['state']} …") as change:
            return _watch(deck, Follower(deck.api, id_), change)
    except KeyboardInterrupt:
        deck.out.note(f"It goes on without you. deck logs -f {id_} | deck cancel {id_}")
        raise
    except DeckError as error:
        error.hint = f"{error.hint} The deployment goes on: deck logs -f {id_}".strip()
        raise


def _watch(deck: Deck, follower: Follower, change: Callable[[str], None]) -> Json:
    shown = ""
    for event in follower.events():
        if event.kind == "log":
            deck.out.note(log_line(deck.out, event.data, error=True))
        elif event.kind == "end":
            took = seconds_between(event.data["created_at"], event.data.get("finished_at"))
            deck.out.note(outcome(deck.out, event.data) + (f" in {took}" if took else ""))
            return event.data
        elif (words := stage_words(event.data)) != shown:
            shown = words
            change(words)
    raise Failed("lost", "The deployment disappeared", "deck list")


def failure(deployment: Json) -> DeckError:
    """A deployment that did not become ready, as an error."""
    reason = deployment.get("error") or {}
    state = deployment["state"]
    if state == "superseded":
        return Failed("superseded", "A newer deployment took its place", "deck list")
    if state == "cancelled":
        return Failed("cancelled", "The deployment was cancelled", "deck deploy")
    message = str(reason.get("message") or "The deployment failed")
    hint = str(reason.get("hint") or f"deck logs {deployment['id']}")
    return Failed(str(reason.get("code") or "failed"), message, hint)
