"""Domains of a team: claimed, proven by a TXT record, given back."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pynamodb.exceptions import PutError, TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.accounts.rows import sso as rows
from chalicelib.accounts.rules import domains as rules
from chalicelib.core import clock, nameservers, stepup
from chalicelib.core.actor import Actor
from chalicelib.core.config import settings
from chalicelib.core.errors import Conflict, FieldError, Invalid, NotFound
from chalicelib.core.table import lost_condition, write
from chalicelib.identity.rows import UniqueRow
from chalicelib.teams.rows import team_of

if TYPE_CHECKING:
    from dns.resolver import Resolver


def claim_domain(actor: Actor, team: str, text: str) -> rows.DomainRow:
    """Begin to prove a domain; the row says which record is wanted. Asked again it is the same.

    The first time it asks for a fresh proof of identity. Raises Invalid `domain_invalid` or
    `domain_public`, Conflict `domain_taken` or `too_many_domains`.
    """
    domain = _checked(text)
    known = rows.domain_of_team(team, domain)
    if known is not None:
        return known
    stepup.require(actor)
    holder = rows.team_of_domain(domain)
    if holder and holder != team and _lives(holder):
        raise _taken(domain)
    if len(rows.domains_of(team)) >= rules.MOST_DOMAINS:
        raise Conflict(
            "too_many_domains",
            f"A team has at most {rules.MOST_DOMAINS} domains.",
            hint="Remove one that is not needed.",
        )
    row = rows.new_domain(team, domain, rules.new_token())
    try:
        row.save(condition=rows.DomainRow.pk.does_not_exist())
    except PutError as error:
        if not lost_condition(error):
            raise
        return rows.domain_of_team(team, domain) or row
    return row


def list_domains(team: str) -> list[rows.DomainRow]:
    """The domains that a team claims."""
    return rows.domains_of(team)


def verify_domain(team: str, text: str) -> rows.DomainRow:
    """Look for the record, and take note of what is found: a proof that is gone is withdrawn.

    Raises NotFound `domain_not_found`, Conflict `domain_not_proven` or `domain_taken`, and
    Unavailable `dns_unavailable`, which changes nothing.
    """
    row = _known(team, text)
    name = rules.record_name(row.domain)
    if not rules.proves(texts_of(name), row.token):
        _withdraw(row)
        raise Conflict(
            "domain_not_proven",
            f"{name} has no TXT record that reads {rules.record_value(row.token)}.",
            hint="Add the record where the domain's DNS is kept; a new one may take an hour.",
        )
    before = rows.team_of_domain(row.domain)
    if before and before != team and _lives(before):
        raise _taken(row.domain)
    now = clock.iso()
    kind = rows.DomainRow
    try:
        with write() as transaction:
            transaction.save(
                rows.proven_claim(row.domain, team),
                condition=UniqueRow.owner == before if before else UniqueRow.pk.does_not_exist(),
            )
            transaction.update(
                row,
                actions=[kind.checked_at.set(now), kind.proven_at.set(row.proven_at or now)],
                condition=kind.token == row.token,
            )
    except TransactWriteError as error:
        if lost_condition(error):
            raise _taken(row.domain) from None
        raise
    row.checked_at, row.proven_at = now, row.proven_at or now
    return row


def remove_domain(team: str, text: str) -> rows.DomainRow:
    """Give a domain back: from now on any team may prove it.

    Raises NotFound, and Conflict `sso_enforced` for the last proven one of a team that lets
    people in by single sign-on alone.
    """
    row = _known(team, text)
    if row.proven_at and _is_last_needed(row):
        raise Conflict(
            "sso_enforced",
            "This is the last proven domain, and nobody comes in without single sign-on.",
            hint="Switch enforcement off first, or prove another domain.",
        )
    with write() as transaction:
        transaction.delete(row)
        _release(transaction, row)
    return row


def release_domain(text: str) -> str:
    """Take a proven domain from whichever team has it; the team.

    For whoever runs the installation, when the domain changed hands and its old team does not
    give it back. To have it again, that team has to add another record. Raises NotFound, and
    Conflict `sso_enforced` while its members come in by it alone.
    """
    try:
        domain = rules.normal_domain(text)
    except ValueError:
        raise _unproven(text) from None
    team = rows.team_of_domain(domain)
    if team is None:
        raise _unproven(text)
    row = rows.domain_of_team(team, domain) or rows.new_domain(team, domain, "")
    if _lives(team) and _is_last_needed(row):
        raise Conflict(
            "sso_enforced",
            "This is the team's last proven domain, and nobody comes in without single sign-on.",
            hint="Switch its enforcement off first: `deck admin sso-off TEAM`.",
        )
    with write() as transaction:
        transaction.delete(row)
        _release(transaction, row)
    return team


def texts_of(name: str) -> list[str]:
    """Every TXT record of a name; raises Unavailable when DNS does not answer."""
    return nameservers.texts_of(name, resolver())


def resolver() -> Resolver:
    """Whom DNS is asked by."""
    return nameservers.resolver()


def _checked(text: str) -> str:
    try:
        domain = rules.normal_domain(text)
    except ValueError as error:
        raise _invalid("domain_invalid", str(error)) from None
    if rules.is_public_mail(domain):
        raise _invalid("domain_public", f"Everybody can have an address at {domain}.")
    if _is_public_suffix(domain):
        raise _invalid("domain_public", f"{domain} is a public suffix: others own what is below.")
    ours = (settings().sites_domain, urlsplit(settings().api_url).hostname or "")
    if any(rules.lies_below(domain, own) for own in ours if own):
        raise _invalid("domain_invalid", f"{domain} belongs to this installation.")
    return domain


def _is_public_suffix(domain: str) -> bool:
    from publicsuffixlist import PublicSuffixList

    return bool(PublicSuffixList(accept_unknown=False).is_public(domain))


def _known(team: str, text: str) -> rows.DomainRow:
    try:
        row = rows.domain_of_team(team, rules.normal_domain(text))
    except ValueError:
        row = None
    if row is None:
        raise _unclaimed(f"The team does not claim the domain {text[:80]!r}.")
    return row


def _unclaimed(detail: str) -> NotFound:
    return NotFound(
        "domain_not_found",
        detail,
        hint="GET /v1/teams/{team}/sso/domains lists a team's domains.",
    )


def _unproven(text: str) -> NotFound:
    return _unclaimed(f"No team has proven the domain {text[:80]!r}.")


def _lives(team: str) -> bool:
    """Whether there is still a team: what a deleted one had proven is free."""
    row = team_of(team)
    return row is not None and not row.deleted_at


def _withdraw(row: rows.DomainRow) -> None:
    kind = rows.DomainRow
    try:
        with write() as transaction:
            transaction.update(
                row,
                actions=[kind.checked_at.set(clock.iso()), kind.proven_at.remove()],
                condition=kind.token == row.token,
            )
            _release(transaction, row)
    except TransactWriteError as error:
        if not lost_condition(error):
            raise


def _release(transaction: TransactWrite, row: rows.DomainRow) -> None:
    """Drop the claim, if it is this team's."""
    if rows.team_of_domain(row.domain) == row.team:
        claim = rows.proven_claim(row.domain, row.team)
        transaction.delete(claim, condition=UniqueRow.owner == row.team)


def _is_last_needed(row: rows.DomainRow) -> bool:
    team = team_of(row.team)
    if team is None or not team.sso_enforced:
        return False
    return not any(d.proven_at and d.domain != row.domain for d in rows.domains_of(row.team))


def _invalid(code: str, detail: str) -> Invalid:
    return Invalid(
        code,
        detail,
        hint="Name a domain that your team owns, such as example.com.",
        errors=(FieldError("/domain", detail, code),),
    )


def _taken(domain: str) -> Conflict:
    return Conflict(
        "domain_taken",
        f"Another team has proven that {domain} is theirs.",
        hint="Ask them to remove it, or whoever runs this installation.",
    )
