"""signup, verify, reset, password, profile, and access: an account from the first mail on."""

# ruff: noqa: ARG001, PLR0917 - `json` and `api` act through their callbacks, and a command has
# as many parameters as it has options.

from __future__ import annotations

import sys
from typing import Annotated
from urllib.parse import urlsplit

import typer

from cli.api import Json
from cli.config import is_loopback
from cli.context import ApiOption, Deck, JsonOption, of
from cli.errors import UserError
from cli.output import is_terminal

access = typer.Typer(help="Ask for an account.")

EmailOption = Annotated[str | None, typer.Option(metavar="ADDRESS", help="Your e-mail address.")]
NameOption = Annotated[str | None, typer.Option(metavar="TEXT", help="Your name.")]
StdinOption = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


def signup(
    ctx: typer.Context,
    email: EmailOption = None,
    name: NameOption = None,
    invitation: Annotated[
        str | None, typer.Option(metavar="TOKEN", help="The token in the mail that invites you.")
    ] = None,
    password_stdin: StdinOption = False,
    api: ApiOption = None,
    json: JsonOption = False,
) -> None:
    """Make an account; a mail says how it goes on."""
    deck = of(ctx)
    body = {"email": _asked("Email", email, "--email"), "name": _asked("Name", name, "--name")}
    body["password"] = _new_password(deck, from_stdin=password_stdin)
    if invitation:
        body["invitation"] = invitation
    deck.api.post("/auth/sign-up", body, signed_in=False)
    said = f"A mail to {body['email']} says how it goes on"
    deck.out.result({"api": deck.api.url, "mailed": body["email"]}, lambda: deck.out.say(said))


def confirm(
    ctx: typer.Context,
    token: Annotated[
        str | None, typer.Argument(metavar="[TOKEN]", help="The token in the mail; `-`: stdin.")
    ] = None,
    resend: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Send the mail to ADDRESS again.")
    ] = None,
    api: ApiOption = None,
    json: JsonOption = False,
) -> None:
    """Prove that an e-mail address is yours, by the token in the mail that it got."""
    deck = of(ctx)
    if (token is None) == (resend is None):
        raise UserError("usage", "Give the token of the mail, or --resend ADDRESS")
    if resend is not None:
        _mailed(deck, "/auth/verify/resend", resend)
        return
    found = deck.api.post("/auth/verify", {"token": _token(token)}, signed_in=False)
    said = f"{found['email']} is verified: `deck login --email {found['email']}`"
    deck.out.result({"api": deck.api.url, **found}, lambda: deck.out.say(said))


def reset(
    ctx: typer.Context,
    email: Annotated[
        str | None, typer.Argument(metavar="[ADDRESS]", help="Whose password was forgotten.")
    ] = None,
    token: Annotated[
        str | None, typer.Option(metavar="TOKEN", help="The token in the mail that came.")
    ] = None,
    password_stdin: StdinOption = False,
    api: ApiOption = None,
    json: JsonOption = False,
) -> None:
    """Forget a password: ask for a mail, then choose a new one with its token."""
    deck = of(ctx)
    if (token is None) == (email is None):
        raise UserError("usage", "Give your address, or the --token of the mail")
    if email is not None:
        _mailed(deck, "/auth/reset", email)
        return
    body = {"token": _token(token), "password": _new_password(deck, from_stdin=password_stdin)}
    deck.api.post("/auth/reset/confirm", body, signed_in=False)
    said = "The password is changed and every session ended: `deck login`"
    deck.out.result({"api": deck.api.url, "changed": True}, lambda: deck.out.say(said))


def password(
    ctx: typer.Context,
    password_stdin: Annotated[
        bool,
        typer.Option(
            "--password-stdin",
            help="Read the present one and the new one from stdin, a line each.",
        ),
    ] = False,
    api: ApiOption = None,
    json: JsonOption = False,
) -> None:
    """Change your password; your other sessions end."""
    deck = of(ctx)
    _warn_in_the_open(deck)
    if password_stdin or not is_terminal(sys.stdin):
        current = sys.stdin.readline().rstrip("\r\n")
    else:
        asked = "Present password (empty if there is none)"
        current = typer.prompt(asked, default="", show_default=False, hide_input=True, err=True)
    body: Json = {"current": current or None}
    body["password"] = _new_password(deck, from_stdin=password_stdin)
    deck.api.put("/me/password", body)
    said = "The password is changed; your other sessions ended"
    deck.out.result({"api": deck.api.url, "changed": True}, lambda: deck.out.say(said))


def profile(
    ctx: typer.Context,
    name: NameOption = None,
    avatar: Annotated[
        str | None, typer.Option(metavar="URL", help="A picture, https://; empty removes it.")
    ] = None,
    email: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A mail there makes it your address.")
    ] = None,
    api: ApiOption = None,
    json: JsonOption = False,
) -> None:
    """Show your account, or change it."""
    deck = of(ctx)
    changes: Json = {}
    if name is not None:
        changes["name"] = name
    if avatar is not None:
        changes["avatar_url"] = avatar or None
    if email is not None:
        deck.api.post("/me/email", {"email": email})
    user = deck.api.patch("/me", changes) if changes else deck.api.get("/me")["user"]

    def text() -> None:
        verified = "verified" if user["verified"] else "not verified"
        deck.out.say(f"{user['name']}  {user['email']} ({verified})")
        deck.out.say(f"  {user['status']}{', runs the installation' if user['admin'] else ''}")
        if user["avatar_url"]:
            deck.out.say(f"  {user['avatar_url']}")
        if email is not None:
            deck.out.note(f"A mail to {email} makes it your address")

    mailed = {"mailed": email} if email is not None else {}
    deck.out.result({"api": deck.api.url, "user": user, **mailed}, text)


@access.callback(invoke_without_command=True)
def group(ctx: typer.Context) -> None:
    """Ask for an account."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


@access.command()
def request(
    ctx: typer.Context,
    email: EmailOption = None,
    name: NameOption = None,
    organisation: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Whom you work for.")
    ] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why you ask.")] = None,
    api: ApiOption = None,
    json: JsonOption = False,
) -> None:
    """Ask those who run the installation for an account; a mail tells you when you have one."""
    deck = of(ctx)
    body = {
        "email": _asked("Email", email, "--email"),
        "name": _asked("Name", name, "--name"),
        "organisation": _asked("Organisation", organisation, "--organisation"),
        "reason": _asked("Why", reason, "--reason"),
    }
    deck.api.post("/access-requests", body, signed_in=False)
    said = f"Asked; a mail to {body['email']} tells you when you have access"
    deck.out.result({"api": deck.api.url, "asked": body["email"]}, lambda: deck.out.say(said))


def _mailed(deck: Deck, path: str, email: str) -> None:
    """Ask for a mail. The API does not say who has an account, so neither does this."""
    deck.api.post(path, {"email": email}, signed_in=False)
    said = f"If {email} waits for such a mail, it is on its way"
    deck.out.result({"api": deck.api.url, "mailed": email}, lambda: deck.out.say(said))


def _asked(what: str, given: str | None, option: str) -> str:
    if given is not None:
        return given
    if not is_terminal(sys.stdin):
        raise UserError("usage", f"Nobody is here to be asked: give {option}")
    return str(typer.prompt(what, err=True))


def _token(given: str | None) -> str:
    return sys.stdin.readline().strip() if given == "-" else str(given)


def _new_password(deck: Deck, *, from_stdin: bool) -> str:
    _warn_in_the_open(deck)
    if from_stdin or not is_terminal(sys.stdin):
        return sys.stdin.readline().rstrip("\r\n")
    asked = "New password (at least 10 characters)"
    return str(typer.prompt(asked, hide_input=True, confirmation_prompt=True, err=True))


def _warn_in_the_open(deck: Deck) -> None:
    url = deck.api_url()
    if urlsplit(url).scheme == "http" and not is_loopback(url):
        deck.out.warn(f"{url} is not encrypted: everyone on the way can read your password")
