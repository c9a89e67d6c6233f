"""The settings of an installation, and what they mean for strangers."""

from __future__ import annotations

from pynamodb.exceptions import UpdateError

from chalicelib.accounts.rows.settings import SettingsRow, settings_row
from chalicelib.core import clock, etag
from chalicelib.core.errors import Forbidden
from chalicelib.core.table import lost_condition


def sign_up_mode() -> str:
    """Who may sign up: `open`, `invite` or `request`."""
    return settings_row().sign_up


def require_open() -> None:
    """Raise Forbidden `sign_up_closed` or `sign_up_by_request` unless everybody may sign up."""
    mode = sign_up_mode()
    if mode == "request":
        raise Forbidden(
            "sign_up_by_request",
            "Accounts of this installation are given to those who ask.",
            hint="POST /v1/access-requests, or `deck access request`; a mail tells you the answer.",
        )
    if mode != "open":
        raise Forbidden(
            "sign_up_closed",
            "Accounts of this installation are made by invitation.",
            hint="Ask a member of a team, or whoever runs the installation, to invite you.",
        )


def change_settings(sign_up: str | None, expected: int | None) -> SettingsRow:
    """Change what is given; `expected` is the version that the caller has seen."""
    row = settings_row()
    if expected is not None and expected != row.version:
        raise etag.stale(int(row.version))
    kind = SettingsRow
    try:
        row.update(
            actions=[
                kind.sign_up.set(sign_up or row.sign_up),
                kind.updated_at.set(clock.iso()),
                kind.version.set(int(row.version) + 1),
            ],
            condition=(kind.version == row.version) | kind.version.does_not_exist(),
        )
    except UpdateError as error:
        if lost_condition(error):
            raise etag.stale(int(settings_row().version)) from None
        raise
    return row
