"""The GitHub App of this installation: set up, shown and removed by whoever runs it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from chalicelib.core import outbound
from chalicelib.core.crypto import seal, unseal
from chalicelib.core.errors import FieldError, Invalid, NotFound, Unavailable
from chalicelib.git import providers
from chalicelib.git.providers import App, Apps, Refused
from chalicelib.git.rows import apps as rows
from chalicelib.git.rows.apps import AppRow
from chalicelib.ports import services

GITHUB = "https://github.com"
_CONTEXT = {"purpose": "github app"}


@dataclass(frozen=True)
class Wanted:
    """What GitHub gave when the App was registered."""

    app: str
    client_id: str
    key: str = field(repr=False)
    client_secret: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    base: str = GITHUB


def configure(wanted: Wanted) -> AppRow:
    """Set the App up, or anew, after GitHub said that key and id belong together.

    Raises Invalid for an address that may not be asked or a key that GitHub does not know,
    Unavailable when GitHub does not answer.
    """
    base = wanted.base.rstrip("/").lower() or GITHUB
    try:
        outbound.check_url(base)
    except outbound.NotAllowed as error:
        raise _wrong("base_url", str(error)) from None
    app = App(base, wanted.app, wanted.client_id, wanted.key, wanted.client_secret)
    try:
        slug = apps().describe(app)
    except Refused as refused:
        raise _wrong("private_key", refused.message) from None
    except ValueError:  # the library's own words could quote the key
        raise _wrong("private_key", "This is not a private key of RSA in PEM.") from None
    except OSError as error:
        raise Unavailable("git_host_unreachable", f"GitHub does not answer: {error}") from None
    secrets = [wanted.key, wanted.client_secret, wanted.webhook_secret]
    sealed = seal(services().keys, json.dumps(secrets).encode(), _CONTEXT)
    row = rows.new_app(base, wanted.app, slug, wanted.client_id, sealed)
    row.save()
    return row


def configured() -> AppRow:
    """The App as it is set up; raises NotFound."""
    row = rows.app()
    if row is None:
        raise NotFound(
            "git_app_not_found",
            "No GitHub App is set up in this installation.",
            hint="Whoever runs it sets one up: `deck admin github-app`, see docs/git.md.",
        )
    return row


def current() -> App | None:
    """The App with its secrets, or None."""
    row = rows.app()
    return app_of(row) if row is not None else None


def app_of(row: AppRow) -> App:
    """The App with its secrets."""
    key, client_secret, _ = _opened(row)
    return App(row.base, row.app, row.client_id, key, client_secret)


def webhook_secret(row: AppRow) -> str:
    """What GitHub signs the App's webhooks with."""
    return _opened(row)[2]


def remove() -> None:
    """Forget the App. What was connected through it stays, and says that the App is gone."""
    configured().delete()


def apps() -> Apps:
    """Who speaks with GitHub about Apps."""
    found: Apps = providers.of("github")  # type: ignore[assignment]  # the one that is both
    return found


def _opened(row: AppRow) -> list[str]:
    found: list[str] = json.loads(unseal(services().keys, bytes(row.sealed), _CONTEXT))
    return found


def _wrong(field_: str, rule: str) -> Invalid:
    return Invalid(
        "invalid_request",
        f"/{field_}: {rule}",
        hint="Correct the fields listed in `errors`.",
        errors=(FieldError(f"/{field_}", rule),),
    )
