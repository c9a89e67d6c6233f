"""A team's own identity provider, the domains it proved, and the assertions that were used."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from pynamodb.attributes import (
    BinaryAttribute,
    ListAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.exceptions import PutError

from chalicelib.core import clock
from chalicelib.core.table import CoreRow, below, find, find_mixed, lost_condition
from chalicelib.identity.rows import UniqueRow, owner_of, unique
from chalicelib.teams.rows import TeamRow

_KIND = "sso-domain"


class SsoRow(CoreRow):
    """A team's identity provider: `TEAM#t` / `SSO`; the client's secret is sealed.

    `issuer` is that of OpenID Connect, or the entity id of SAML.
    """

    kind = UnicodeAttribute()
    """`oidc` or `saml`."""
    issuer = UnicodeAttribute()
    client_id = UnicodeAttribute(default="")
    client_secret = BinaryAttribute(null=True, legacy_encoding=False)
    sso_url = UnicodeAttribute(default="")
    certificates = ListAttribute(of=UnicodeAttribute, default=list)
    default_role = UnicodeAttribute()
    tried_at = UnicodeAttribute(null=True)
    """When somebody first came in by exactly this provider."""
    updated_at = UnicodeAttribute()
    version = NumberAttribute(default=1)

    @property
    def team(self) -> str:
        """The team's id."""
        return self.pk.partition("#")[2]


class DomainRow(CoreRow):
    """A domain that a team claims: `TEAM#t` / `SSODOMAIN#domain`.

    Only a proven one counts. The claim `UNIQ#sso-domain#domain` is made with the proof, so that a
    domain that somebody merely names is nobody's.
    """

    token = UnicodeAttribute()
    created_at = UnicodeAttribute()
    checked_at = UnicodeAttribute(null=True)
    proven_at = UnicodeAttribute(null=True)

    @property
    def team(self) -> str:
        """The team's id."""
        return self.pk.partition("#")[2]

    @property
    def domain(self) -> str:
        """The domain in ASCII labels."""
        return self.sk.partition("#")[2]


class AssertionRow(CoreRow):
    """A SAML assertion that somebody came in by: `ASSERTION#team#hash of its id` / `META`."""


def new_sso(team: str, kind: str, issuer: str, default_role: str) -> SsoRow:
    """A team's provider that is not saved yet."""
    return SsoRow(
        f"TEAM#{team}",
        "SSO",
        kind=kind,
        issuer=issuer,
        default_role=default_role,
        updated_at=clock.iso(),
    )


def sso_of(team: str) -> SsoRow | None:
    """A team's provider."""
    return find(SsoRow, f"TEAM#{team}", "SSO")


def team_and_sso(team: str) -> tuple[TeamRow | None, SsoRow | None]:
    """A team and its provider in one read."""
    found: list[Any] = find_mixed(
        [(TeamRow, f"TEAM#{team}", "META"), (SsoRow, f"TEAM#{team}", "SSO")]
    )
    return found[0], found[1]


def new_domain(team: str, domain: str, token: str) -> DomainRow:
    """A claim on a domain that is neither saved nor proven yet."""
    return DomainRow(f"TEAM#{team}", f"SSODOMAIN#{domain}", token=token, created_at=clock.iso())


def domain_of_team(team: str, domain: str) -> DomainRow | None:
    """A team's claim on a domain."""
    return find(DomainRow, f"TEAM#{team}", f"SSODOMAIN#{domain}")


def domains_of(team: str) -> list[DomainRow]:
    """The domains that a team claims, in their order."""
    return list(below(DomainRow, f"TEAM#{team}", "SSODOMAIN#"))


def proven_claim(domain: str, team: str) -> UniqueRow:
    """What says whose a proven domain is; not saved yet."""
    return unique(_KIND, domain, team)


def team_of_domain(domain: str) -> str | None:
    """The id of the team that proved a domain."""
    return owner_of(_KIND, domain)


def use_assertion(team: str, identifier: str, until: int) -> bool:
    """Remember that an assertion was used, until nobody would believe it anyway; False when it
    was used before."""
    name = sha256(identifier.encode()).hexdigest()
    # a day more than needed: DynamoDB counts on nobody's clock but its own
    row = AssertionRow(f"ASSERTION#{team}#{name}", "META", ttl=until + 24 * 3600)
    try:
        row.save(condition=AssertionRow.pk.does_not_exist())
    except PutError as error:
        if lost_condition(error):
            return False
        raise
    return True
