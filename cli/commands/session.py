"""login, logout, whoami."""

# ruff: noqa: ARG001, PLR0917 - `json` and `api` act through their callbacks, and a command has
# as many parameters as it has options.

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Annotated
from urllib.parse import urlsplit

import typer

from cli import present
from cli.api import Api, Json, decoded, segment, session
from cli.config import SignIn, is_loopback, normal_api
from cli.context import ApiOption, Deck, JsonOption, of
from cli.errors import DeckError, NetworkError, NotSignedIn, UserError
from cli.output import is_terminal
from cli.proof import complete

CodeOption = Annotated[
    str | None, typer.Option("--code", metavar="CODE", help="Code of your authenticator app.")
]
RecoveryCodeOption = Annotated[
    str | None,
    typer.Option("--recovery-code", metavar="CODE", help="One of your recovery codes, instead."),
]


def login(
    ctx: typer.Context,
    email: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Who signs in.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    token: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="Sign in with an API key; `-` reads it from stdin."),
    ] = None,
    code: CodeOption = None,
    recovery_code: RecoveryCodeOption = None,
    provider: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Sign in with github, google, gitlab and the like."),
    ] = None,
    sso: Annotated[
        str | None,
        typer.Option(metavar="WHO", help="Single sign-on: your work e-mail, or your team."),
    ] = None,
    device: Annotated[
        bool, typer.Option("--device", help="Show a code, to approve on another machine.")
    ] = False,
    invitation: Annotated[
        str,
        typer.Option(metavar="TOKEN", help="With --provider: make the account you are invited to."),
    ] = "",
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address and open nothing.")
    ] = False,
    api: ApiOption = None,
    json: JsonOption = False,
) -> None:
    """Sign in to an API and remember it on this machine."""
    deck = of(ctx)
    url = deck.api_url()
    if urlsplit(url).scheme == "http" and not is_loopback(url):
        deck.out.warn(f"{url} is not encrypted: everyone on the way can read your password")
    if sum((token is not None, provider is not None, sso is not None, device)) > 1:
        raise UserError("usage", "--token, --provider, --sso and --device exclude each other")
    elsewhere = provider is not None or sso is not None or device
    if elsewhere:
        answer = _elsewhere(deck, provider, sso, not no_browser, invitation)
        sign_in = session(complete(deck, answer, code, recovery_code), "")
    elif token is not None:
        from_pipe = token == "-"  # noqa: S105  # no token at all
        key = (sys.stdin.readline() if from_pipe else token).strip()
        sign_in = SignIn(kind="key", access_token=key)
    else:
        answer = _with_password(deck, email, password_stdin)
        sign_in = session(complete(deck, answer, code, recovery_code), "")
    me = _who(deck.api, sign_in)
    deck.profile.save(url, SignIn(**{**vars(sign_in), "email": present.caller(me)}))
    result = {"api": url, "user": me["user"], "teams": me["teams"]}
    said = f"Signed in to {url} as {present.caller(me)}"
    if elsewhere:  # the second document of two, so each is a line
        deck.out.stream(result, said)
    else:
        deck.out.result(result, lambda: deck.out.say(said))


def _elsewhere(
    deck: Deck, provider: str | None, sso: str | None, browser: bool, invitation: str
) -> Json:
    """Sign in where the person has an account already, or by a code that they approve there."""
    from cli import loopback, waiting

    if provider is not None:
        start = f"/auth/providers/{segment(provider)}/start"
        return loopback.sign_in(deck, start, {}, browser=browser, invitation=invitation)
    if sso is not None:
        who = {"email" if "@" in sso else "team": sso}
        return loopback.sign_in(deck, "/auth/sso/start", who, browser=browser)
    return waiting.sign_in(deck)


def _with_password(deck: Deck, email: str | None, from_stdin: bool) -> Json:
    asking = is_terminal(sys.stdin)
    if email is None:
        if not asking:
            raise UserError(
                "no_credentials",
                "Nobody is here to be asked who signs in",
                "Give --email with --password-stdin, or --token.",
            )
        email = typer.prompt("Email", err=True)
    if from_stdin or not asking:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = typer.prompt("Password", hide_input=True, err=True)
    body: Json = {"email": email, "password": password}
    return deck.api.post("/auth/login", body, signed_in=False)


def _who(api: Api, sign_in: SignIn) -> Json:
    """Ask with a token that is not in the profile yet."""
    answer = api.transport.send(
        "GET",
        f"{api.url}/v1/me",
        headers={"Authorization": f"Bearer {sign_in.access_token}", "Accept": "application/json"},
    )
    return decoded(answer, api.url)


def logout(ctx: typer.Context, api: ApiOption = None, json: JsonOption = False) -> None:
    """End the session and forget it on this machine."""
    deck = of(ctx)
    url = deck.api_url()
    found = deck.profile.sign_in(url)
    if found is not None:
        if found.kind == "session" and not deck.api.credentials.from_environment:
            try:
                deck.api.post("/auth/logout")
            except NotSignedIn:
                pass  # it had already ended
            except NetworkError as error:
                deck.out.warn(f"forgotten here, but not ended there: {error.message}")
        deck.profile.forget(url)
    said = f"Signed out of {url}" if found else f"You were not signed in to {url}"
    deck.out.result({"api": url, "signed_out": found is not None}, lambda: deck.out.say(said))


def whoami(ctx: typer.Context, api: ApiOption = None, json: JsonOption = False) -> None:
    """Show who is signed in, where, and in which teams."""
    deck = of(ctx)
    me = deck.api.get("/me")

    def text() -> None:
        deck.out.say(f"{present.caller(me)} at {deck.api.url}")
        for team in me["teams"]:
            deck.out.say(f"  {team['slug']} ({team['role']})")

    deck.out.result({"api": deck.api.url, **me}, text)


def git_credential(ctx: typer.Context, action: Annotated[str, typer.Argument()] = "get") -> None:
    """Answer git, which asks for the password of the `clouddeck` remote (a credential helper)."""
    asked = dict(line.strip().partition("=")[::2] for line in sys.stdin)
    if action != "get":
        return
    with suppress(DeckError):  # then git asks the person
        url = normal_api(f"{asked.get('protocol', '')}://{asked.get('host', '')}")
        deck = of(ctx)
        if deck.profile.knows(url):
            deck.out.say(f"username=deck\npassword={Api(url, deck.profile).credentials.token()}")
