"""list, inspect, logs, open, promote, rollback, cancel: deployments that exist."""

# ruff: noqa: ARG001 - `json` and `api` act through their callbacks, and a command has
# as many parameters as it has options.

from __future__ import annotations

import re
from contextlib import suppress
from typing import Annotated

import typer

from cli import present
from cli.api import Json, segment
from cli.commands import aws, without_api
from cli.commands.deploy import failure
from cli.context import Deck, JsonOption, of
from cli.errors import UserError
from cli.follow import TERMINAL, Follower
from cli.follow import logs as all_logs

_ID = re.compile(r"(?:^|//|_)([0-9a-hjkmnp-tv-z]{26})(?:--|$)")

DeploymentArgument = Annotated[
    str | None, typer.Argument(metavar="[DEPLOYMENT]", help="Id or address (default: the newest).")
]
Reason = Annotated[str | None, typer.Option(help="Why, for the history.")]


def list_(
    ctx: typer.Context,
    branch: Annotated[str | None, typer.Option(help="Only those of one branch.")] = None,
    state: Annotated[str | None, typer.Option(help="Only those in one state.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="How many.")] = 20,
    json: JsonOption = False,
) -> None:
    """List the deployments of this project, newest first."""
    deck = of(ctx)
    path = f"/projects/{segment(deck.link().project)}/deployments"
    page = deck.api.get(path, branch=branch, state=state, limit=limit)
    rows = [present.row(deployment) for deployment in page["items"]]
    deck.out.result(page, lambda: deck.out.table(present.HEADINGS, rows, "MESSAGE"))


def inspect(
    ctx: typer.Context, deployment: DeploymentArgument = None, json: JsonOption = False
) -> None:
    """Show everything about a deployment."""
    deck = of(ctx)
    found = find(deck, deployment)
    deck.out.result(found, lambda: deck.out.say("\n".join(present.details(deck.out, found))))


def logs(
    ctx: typer.Context,
    deployment: DeploymentArgument = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until the deployment is finished.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Print the log of a deployment."""
    deck = of(ctx)
    id_ = _named(deployment) or find(deck, None)["id"]
    if not follow:
        for line in all_logs(deck.api, id_):
            _print_line(deck, line)
        return
    for event in Follower(deck.api, id_).events():
        if event.kind == "log":
            _print_line(deck, event.data)
        elif event.kind == "end":
            end = {"type": "deployment", "deployment": event.data}
            if deck.out.json:
                deck.out.stream(end, "")
            else:
                deck.out.note(present.outcome(deck.out, event.data))
            if event.data["state"] != "ready":
                raise failure(event.data)


def _print_line(deck: Deck, line: Json) -> None:
    deck.out.stream({"type": "log", **line}, present.log_line(deck.out, line))


def open_(
    ctx: typer.Context,
    deployment: Annotated[
        str | None, typer.Argument(help="Id or address (default: the site itself).")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open it, or only print the address.")] = True,
    json: JsonOption = False,
) -> None:
    """Open the site, or one deployment of it, in the browser."""
    deck = of(ctx)
    if deployment is not None:
        url = find(deck, deployment)["url"]
    else:
        url = deck.api.get(f"/projects/{segment(deck.link().project)}")["url"]
    opened = browser and not deck.out.json and _browse(url)
    deck.out.result({"url": url, "opened": opened}, lambda: deck.out.say(url))


def _browse(url: str) -> bool:
    """The address comes from the API: only a web address reaches the browser's command line."""
    if not re.match(r"https?://[^\s\x00-\x1f]+\Z", url):
        return False
    import webbrowser

    with suppress(webbrowser.Error, OSError):
        return webbrowser.open(url)
    return False


def promote(
    ctx: typer.Context,
    deployment: Annotated[str, typer.Argument(help="Id or address of a ready deployment.")],
    reason: Reason = None,
    json: JsonOption = False,
) -> None:
    """Make a deployment the live one."""
    deck = of(ctx)
    body = {"deployment": must_be_id(deployment), "reason": reason}
    _move(deck, "promote", body)


def rollback(
    ctx: typer.Context,
    *,
    to: Annotated[
        str | None, typer.Option(metavar="DEPLOYMENT", help="Which (default: the one before).")
    ] = None,
    reason: Reason = None,
    cloud: Annotated[
        str | None,
        typer.Option(metavar="CLOUD", help="With credentials of aws or local alone, without API."),
    ] = None,
    site: Annotated[
        str | None, typer.Option(metavar="SITE", help="With --cloud: id or slug of the project.")
    ] = None,
    prefix: aws.PrefixOption = None,
    region: aws.RegionOption = None,
    aws_profile: aws.ProfileOption = None,
    json: JsonOption = False,
) -> None:
    """Go back to an earlier deployment and stay there until it is unpinned."""
    deck = of(ctx)
    named = {"to": must_be_id(to) if to is not None else None, "reason": reason}
    if cloud is not None:
        at = {"prefix": prefix, "region": region, "aws_profile": aws_profile}
        without_api.rollback(deck, cloud, site, named | at)
    else:
        _move(deck, "rollback", named)


def _move(deck: Deck, verb: str, body: Json) -> None:
    path = f"/projects/{segment(deck.link().project)}/{verb}"
    moved = deck.api.post(path, {k: v for k, v in body.items() if v is not None})
    deck.out.result(moved, lambda: deck.out.say(present.pointer(moved)))


def cancel(
    ctx: typer.Context, deployment: DeploymentArgument = None, json: JsonOption = False
) -> None:
    """Stop a deployment that is not finished."""
    deck = of(ctx)
    id_ = _named(deployment)
    if id_ is None:
        newest = find(deck, None)
        if newest["state"] in TERMINAL:
            raise UserError(
                "nothing_running", f"The newest deployment is {newest['state']}", "deck list"
            )
        id_ = newest["id"]
    found = deck.api.post(f"/deployments/{segment(id_)}/cancel")
    deck.out.result(found, lambda: deck.out.say(f"{found['id']} is {found['state']}"))


def find(deck: Deck, named: str | None) -> Json:
    """The deployment that is meant; the newest of the project when none is named."""
    id_ = _named(named)
    if id_ is not None:
        return deck.api.get(f"/deployments/{segment(id_)}")
    page = deck.api.get(f"/projects/{segment(deck.link().project)}/deployments", limit=1)
    if not page["items"]:
        raise UserError(
            "no_deployments", f"{deck.link().slug} has no deployment yet", "deck deploy"
        )
    newest: Json = page["items"][0]
    return newest


def _named(text: str | None) -> str | None:
    return must_be_id(text) if text is not None and text != "latest" else None


def must_be_id(text: str) -> str:
    """`dpl_…`, its 26 characters, or the address of a deployment."""
    found = _ID.search(text.rstrip("/"))
    if found is None:
        raise UserError(
            "bad_deployment",
            f"{text!r} is neither the id nor the address of a deployment",
            "deck list",
        )
    return f"dpl_{found.group(1)}"
