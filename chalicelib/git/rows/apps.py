"""Rows of the GitHub App: `INSTALLATION` / `GITAPP#github`, and who installed it.

`TEAM#t` / `GITINST#github#installation` says that a team may use an installation of the App, and
`AWAY#git#hash of state` who is at GitHub right now to show that it is theirs.
"""

from __future__ import annotations

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DeleteError

from chalicelib.core import clock, table
from chalicelib.identity.rules import digest

AWAY_SECONDS = 10 * 60


class AppRow(table.CoreRow):
    """The App of this installation; key and secrets are sealed, see `actions/app_settings.py`."""

    base = UnicodeAttribute()
    app = UnicodeAttribute()
    slug = UnicodeAttribute()
    client_id = UnicodeAttribute()
    sealed = BinaryAttribute(legacy_encoding=False)
    updated_at = UnicodeAttribute()


class InstallationRow(table.CoreRow):
    """An installation of the App that a team showed to be theirs."""

    team = UnicodeAttribute()
    installation = UnicodeAttribute()
    account = UnicodeAttribute()
    base = UnicodeAttribute()
    connected_at = UnicodeAttribute()
    connected_by = UnicodeAttribute()


class AwayRow(table.CoreRow):
    """Somebody who is at GitHub to choose an installation for a team."""

    team = UnicodeAttribute()
    user = UnicodeAttribute()
    return_to = UnicodeAttribute()
    expires_at = NumberAttribute()


def app() -> AppRow | None:
    """The App, read consistently."""
    return table.find(AppRow, "INSTALLATION", "GITAPP#github")


def new_app(base: str, identifier: str, slug: str, client_id: str, sealed: bytes) -> AppRow:
    """The App's row, not saved yet."""
    return AppRow(
        "INSTALLATION",
        "GITAPP#github",
        base=base,
        app=identifier,
        slug=slug,
        client_id=client_id,
        sealed=sealed,
        updated_at=clock.iso(),
    )


def claim(team: str, installation: str, account: str, base: str, user: str) -> InstallationRow:
    """Remember that an installation is a team's."""
    row = InstallationRow(
        f"TEAM#{team}",
        f"GITINST#github#{installation}",
        team=team,
        installation=installation,
        account=account,
        base=base,
        connected_at=clock.iso(),
        connected_by=user,
    )
    row.save()
    return row


def claimed(team: str, installation: str) -> InstallationRow | None:
    """An installation of a team, read consistently."""
    return table.find(InstallationRow, f"TEAM#{team}", f"GITINST#github#{installation}")


def installations(team: str) -> list[InstallationRow]:
    """The installations of a team."""
    return list(table.below(InstallationRow, f"TEAM#{team}", "GITINST#github#"))


def leave(state: str, team: str, user: str, return_to: str) -> None:
    """Remember who goes to GitHub with a state."""
    expires = clock.epoch(AWAY_SECONDS)
    AwayRow(
        f"AWAY#git#{digest(state)}",
        team=team,
        user=user,
        return_to=return_to,
        expires_at=expires,
        ttl=expires,
    ).save(condition=AwayRow.pk.does_not_exist())


def away(state: str) -> AwayRow | None:
    """Who went there with a state; None when unknown or too late."""
    row = table.find(AwayRow, f"AWAY#git#{digest(state)}") if 20 <= len(state) <= 200 else None
    return row if row is not None and int(row.expires_at) > clock.epoch() else None


def take(state: str) -> AwayRow | None:
    """The same, once."""
    row = away(state)
    try:
        if row is not None:
            row.delete(condition=AwayRow.pk.exists())
    except DeleteError as error:
        if not table.lost_condition(error):
            raise
        return None
    return row
