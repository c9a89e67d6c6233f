"""A team's single sign-on: set up, tried, enforced, removed; and who has to use it."""

from __future__ import annotations

from dataclasses import dataclass

from pynamodb.exceptions import TransactWriteError

from chalicelib.accounts.actions.sso_provider import Wanted, connection, identity_of, merged
from chalicelib.accounts.rows import sso as rows
from chalicelib.accounts.rules.domains import domain_of
from chalicelib.accounts.rules.providers import Connection
from chalicelib.core import stepup
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, Forbidden, NotFound
from chalicelib.core.table import lost_condition, write
from chalicelib.teams.rows import TeamRow, team_of


@dataclass(frozen=True)
class Sso:
    """A team's provider, and whether it is the only way in."""

    row: rows.SsoRow
    enforced: bool


def show_sso(team: str) -> Sso:
    """A team's provider; raises NotFound `sso_not_found`."""
    found, row = rows.team_and_sso(team)
    if found is None or row is None:
        raise _absent()
    return Sso(row, bool(found.sso_enforced))


def configure_sso(actor: Actor, team: str, wanted: Wanted) -> tuple[Sso | None, Sso]:
    """Set a team's provider up, or change it; what was, and what is.

    A provider that is the only way in is not replaced, and only one that the caller came in by
    becomes it, so that no mistake shuts a team out. Raises Conflict `sso_enforced`, `sso_untried`
    or `saml_not_installed`, and Invalid for what cannot be a provider.
    """
    found, old = rows.team_and_sso(team)
    if found is None:
        raise _absent()
    _check_person(actor, found)
    new = merged(team, old, wanted)
    same = old is not None and identity_of(old) == identity_of(new)
    enforced = bool(found.sso_enforced) if wanted.enforced is None else wanted.enforced
    if enforced and not same and found.sso_enforced:
        raise Conflict(
            "sso_enforced",
            "Nobody comes in without this provider, so it is not replaced.",
            hint="Switch enforcement off, change it, sign in by it, and switch it on again.",
        )
    if enforced and not found.sso_enforced:
        _check_tried(actor, new, same)
    new.tried_at = new.tried_at if same else None
    _save(found, old, new, enforced)
    before = Sso(old, bool(found.sso_enforced)) if old is not None else None
    return before, Sso(new, enforced)


def remove_sso(actor: Actor, team: str) -> Sso:
    """Take a team's provider away, and with it the duty to use it; what was.

    The domains stay proven.
    """
    found, row = rows.team_and_sso(team)
    if found is None or row is None:
        raise _absent()
    _check_person(actor, found)
    before = Sso(row, bool(found.sso_enforced))
    with write() as transaction:
        transaction.delete(row)
        transaction.update(
            found, actions=[TeamRow.sso_enforced.set(False)], condition=TeamRow.pk.exists()
        )
    return before


def release_sso(team: str) -> tuple[Sso, Sso]:
    """Let the members of a team in without its provider; what was, and what is.

    For whoever runs the installation, when the provider is broken.
    """
    found, row = rows.team_and_sso(team)
    if found is None or found.deleted_at or row is None:
        raise _absent()
    before = Sso(row, bool(found.sso_enforced))
    found.update(actions=[TeamRow.sso_enforced.set(False)], condition=TeamRow.pk.exists())
    return before, Sso(row, enforced=False)


def team_to_enter(email: str | None, team: str | None) -> rows.SsoRow:
    """The provider by which a person of this address, or a team, signs in.

    Raises NotFound `sso_not_found`, the same for a team that is absent and one without.
    """
    identifier = rows.team_of_domain(domain_of(email)) if email else team
    row = rows.sso_of(identifier) if identifier else None
    if row is None:
        raise _absent()
    return row


def required_for(email: str) -> str | None:
    """The team whose provider a person of this address has to sign in by; None for most people."""
    domain = domain_of(email)
    identifier = rows.team_of_domain(domain) if domain and "#" not in domain else None
    team = team_of(identifier) if identifier else None
    return team.id if team is not None and team.sso_enforced and not team.deleted_at else None


def check_entry(email: str, sso: str = "") -> None:
    """Raise Forbidden `sso_required` unless a person of this address may come in by `sso`.

    That is the team whose provider they came by, or empty. What is said depends on the domain
    alone, so it tells nobody who has an account.
    """
    required = required_for(email)
    if required is not None and required != sso:
        raise Forbidden(
            "sso_required",
            f"People of {domain_of(email)} sign in by their organisation's own identity provider.",
            hint="deck login --sso, or POST /v1/auth/sso/start.",
        )


def connection_of(team: str) -> Connection:
    """A team's provider as OpenID Connect needs it; raises NotFound `sso_not_found`."""
    row = rows.sso_of(team)
    if row is None or row.kind != "oidc":
        raise _absent()
    return connection(row)


def _check_tried(actor: Actor, row: rows.SsoRow, same: bool) -> None:
    if same and row.tried_at and actor.sso == row.team:
        return
    raise Conflict(
        "sso_untried",
        "Only who has come in by this very provider can make it the only way in.",
        hint="Set it up without enforcing, sign in by it (deck login --sso), then enforce it.",
    )


def _check_person(actor: Actor, team: TeamRow) -> None:
    """Nobody but a person; and an owner's stolen password does not open what needs no password."""
    stepup.require_person(actor, "change how people sign in")
    if team.sso_enforced and actor.sso != team.id:
        raise Forbidden(
            "sso_required",
            "This team lets its members in through its own identity provider only.",
            hint="deck login --sso. If the provider is broken, ask whoever runs this installation "
            "to switch enforcement off.",
        )


def _save(team: TeamRow, old: rows.SsoRow | None, new: rows.SsoRow, enforced: bool) -> None:
    kind = rows.SsoRow
    before = kind.pk.does_not_exist() if old is None else kind.version == old.version
    if old is not None:
        # a sign-in that ends just now may note itself; nothing else of the row moves
        before &= kind.tried_at == old.tried_at if old.tried_at else kind.tried_at.does_not_exist()
    try:
        with write() as transaction:
            transaction.save(new, condition=before)
            transaction.update(
                team, actions=[TeamRow.sso_enforced.set(enforced)], condition=TeamRow.pk.exists()
            )
    except TransactWriteError as error:
        if lost_condition(error):
            raise Conflict(
                "conflict", "Single sign-on was changed in the meantime.", hint="Read it again."
            ) from None
        raise


def _absent() -> NotFound:
    return NotFound(
        "sso_not_found",
        "There is no single sign-on for this.",
        hint="Check the address or the team; an owner sets it up with `deck sso`.",
    )
