"""git connect, status, check, secret, disconnect; git github, accounts, repositories."""

# ruff: noqa: ARG001, PLR0917 - `json` acts through its callback, and a command has
# as many parameters as it has options.

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from cli import loopback
from cli.api import Json, segment
from cli.asking import YesOption, confirm
from cli.context import Deck, JsonOption, TeamOption, of
from cli.errors import Failed, UserError
from cli.output import is_terminal
from cli.text import age

PROVIDERS = ("github", "gitlab", "bitbucket", "codecommit", "git")
_HOSTS = {"github.com": "github", "gitlab.com": "gitlab", "bitbucket.org": "bitbucket"}

app = typer.Typer(help="Connect a project with its repository at a git host.", no_args_is_help=True)


@app.command()
def connect(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="Of the repository.")],
    provider: Annotated[
        str | None,
        typer.Option("--provider", metavar="KIND", help=f"{', '.join(PROVIDERS)}; else guessed."),
    ] = None,
    token: Annotated[
        bool, typer.Option("--token", help="Ask for an access token, or read it from stdin.")
    ] = False,
    user: Annotated[
        str | None, typer.Option("--user", metavar="NAME", help="Whose token it is.")
    ] = None,
    deploy_key: Annotated[
        bool, typer.Option("--deploy-key", help="Make a key for SSH, for you to put in place.")
    ] = False,
    installation: Annotated[
        str | None,
        typer.Option("--installation", metavar="ID", help="An account of `deck git accounts`."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Connect this project with a repository; its default branch is deployed."""
    deck = of(ctx)
    body: Json = {"provider": provider or _guess(url, deploy_key), "url": url}
    if token:
        body["token"] = _token()
    if user is not None:
        body["user"] = user
    if deploy_key:
        body["deploy_key"] = True
    if installation is not None:
        body["installation"] = installation
    found = deck.api.post(_path(deck), body)
    deck.out.result(found, lambda: _tell(deck, found))


@app.command()
def status(ctx: typer.Context, json: JsonOption = False) -> None:
    """Show the repository of this project."""
    deck = of(ctx)
    found = deck.api.get(_path(deck))
    deck.out.result(found, lambda: _tell(deck, found))


@app.command()
def check(ctx: typer.Context, json: JsonOption = False) -> None:
    """Ask the host whether the repository can be read; exit code 1 when it cannot."""
    deck = of(ctx)
    found = deck.api.post(f"{_path(deck)}/check")
    deck.out.result(found, lambda: _tell(deck, found))
    if found["state"] != "ok":
        raise typer.Exit(1)


@app.command()
def secret(ctx: typer.Context, json: JsonOption = False) -> None:
    """Make a new webhook secret; the one before is good for another hour."""
    deck = of(ctx)
    found = deck.api.post(f"{_path(deck)}/secret")
    deck.out.result(found, lambda: _tell(deck, found))


@app.command()
def disconnect(ctx: typer.Context, yes: YesOption = False, json: JsonOption = False) -> None:
    """Forget the repository; what was deployed from it stays."""
    deck = of(ctx)
    confirm(deck, "Pushes will not be deployed any more. Disconnect the repository?", yes)
    deck.api.delete(_path(deck))
    deck.out.result({"disconnected": True}, lambda: deck.out.say("Disconnected"))


@app.command()
def github(
    ctx: typer.Context,
    team: TeamOption = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address and open nothing.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Connect a team with an account at GitHub, in a browser."""
    deck = of(ctx)
    path = f"/teams/{segment(deck.team(team))}/git/github"

    def begin(address: str) -> str:
        return str(deck.api.post(f"{path}/start", {"return_to": address})["url"])

    words = "Open this address to choose what CloudDeck may see:"
    back = loopback.travel(deck, begin, words, browser=not no_browser)
    if "error" in back:
        raise Failed(back["error"], "GitHub was not connected", "Try again.")
    brought = {name: back.get(name, "") for name in ("state", "code", "installation")}
    found = deck.api.post(path, brought)
    deck.out.result(found, lambda: deck.out.say(f"Connected with {found['account']}"))


@app.command()
def accounts(ctx: typer.Context, team: TeamOption = None, json: JsonOption = False) -> None:
    """List the accounts at GitHub that a team is connected with."""
    deck = of(ctx)
    items = deck.api.get(f"/teams/{segment(deck.team(team))}/git")["items"]
    rows = [(one["id"], one["account"], age(one["connected_at"])) for one in items]
    headers = ("ID", "ACCOUNT", "AGE")
    deck.out.result({"items": items}, lambda: deck.out.table(headers, rows, "ACCOUNT"))


@app.command()
def repositories(
    ctx: typer.Context,
    account: Annotated[str, typer.Argument(metavar="ID", help="Of `deck git accounts`.")],
    release: Annotated[
        bool, typer.Option("--release", help="Take the account from the team instead.")
    ] = False,
    team: TeamOption = None,
    json: JsonOption = False,
) -> None:
    """List what CloudDeck may see of an account at GitHub."""
    deck = of(ctx)
    path = f"/teams/{segment(deck.team(team))}/git/{segment(account)}"
    if release:
        deck.api.delete(path)
        deck.out.result({"released": account}, lambda: deck.out.say(f"Released {account}"))
        return
    items = deck.api.get(f"{path}/repositories")["items"]
    rows = [(one["name"], one["branch"], one["url"]) for one in items]
    headers = ("NAME", "BRANCH", "URL")
    deck.out.result({"items": items}, lambda: deck.out.table(headers, rows, "NAME"))


def github_app(
    ctx: typer.Context,
    app_id: Annotated[
        str | None, typer.Option("--app-id", metavar="ID", help="Set it up, with the next two.")
    ] = None,
    client_id: Annotated[str | None, typer.Option("--client-id", metavar="ID")] = None,
    private_key: Annotated[
        Path | None, typer.Option("--private-key", metavar="FILE", help="The .pem of GitHub.")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option("--base-url", metavar="URL", help="Of GitHub Enterprise Server.")
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Forget the App.")] = False,
    json: JsonOption = False,
) -> None:
    """Show the GitHub App of this installation, or set it up; its two secrets are asked for."""
    deck = of(ctx)
    path = "/admin/git/github"
    if remove:
        deck.api.delete(path)
        deck.out.result({"removed": True}, lambda: deck.out.say("Removed the GitHub App"))
        return
    if app_id is None:
        found = deck.api.get(path)
    else:
        if client_id is None or private_key is None:
            raise UserError(
                "app_incomplete", "An App has three parts", "Give --client-id and --private-key."
            )
        body = {
            "app_id": app_id,
            "client_id": client_id,
            "private_key": _file(deck.here / private_key),
            "client_secret": _asked("Client secret"),
            "webhook_secret": _asked("Webhook secret"),
        }
        found = deck.api.put(path, body if base_url is None else {**body, "base_url": base_url})

    def text() -> None:
        deck.out.say(f"{found['slug']}  (App {found['app_id']} at {found['base_url']})")
        deck.out.say(f"webhook   {found['webhook_url']}")
        deck.out.say(f"callback  {found['callback_url']}")

    deck.out.result(found, text)


def _path(deck: Deck) -> str:
    return f"/projects/{segment(deck.link().project)}/repository"


def _guess(url: str, deploy_key: bool) -> str:
    """The kind of host by its name; any other one speaks git, and so does whoever takes a key."""
    if deploy_key:
        return "git"
    try:
        host = urlsplit(url).hostname or url.partition("@")[2].partition(":")[0]
    except ValueError:
        return "git"  # the API says what is wrong with it
    if host.lower().startswith("git-codecommit."):
        return "codecommit"
    return _HOSTS.get(host.lower(), "git")


def _file(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError("bad_file", f"{path} cannot be read", str(error)) from None


def _token() -> str:
    return _asked("Access token")


def _asked(what: str) -> str:
    """A secret from the person or from a pipe, a line each, so that it stays out of the history."""
    if is_terminal(sys.stdin):
        return str(typer.prompt(what, hide_input=True, err=True))
    value = sys.stdin.readline().strip()
    if not value:
        raise UserError("no_value", f"There is no {what.lower()}", "Pipe it in, a line each.")
    return value


def _tell(deck: Deck, found: Json) -> None:
    deck.out.say(f"{found['repository']}  {found['url']}")
    fault = f": {found['fault']}" if found["fault"] else ""
    deck.out.say(f"state     {found['state']}{fault}")
    deck.out.say(f"provider  {found['provider']}, opened by {found['credential'] or 'nothing'}")
    if found["deploy_key"] and found["state"] == "waiting":
        deck.out.say("Add this deploy key at the host (reading is enough), then `deck git check`:")
        deck.out.say(f"  {found['deploy_key']}")
    _tell_webhook(deck, found["webhook"])


def _tell_webhook(deck: Deck, webhook: Json | None) -> None:
    if webhook is None:
        return
    deck.out.say(f"webhook   {webhook['url']}{' (set up)' if webhook['automatic'] else ''}")
    if webhook["secret"]:
        deck.out.say("Add this webhook at the host: JSON, for pushes, tags and pull requests.")
        deck.out.say(f"  secret {webhook['secret']}")
        deck.out.say("Without it pushes are found every five minutes.")
