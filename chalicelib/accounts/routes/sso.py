"""A team's single sign-on and its domains, and how somebody begins to sign in by it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from chalicelib.accounts.actions import callbacks, saml, sso, sso_provider
from chalicelib.accounts.routes.blueprint import routes
from chalicelib.accounts.routes.providers import Address, Leaving
from chalicelib.accounts.rules.providers import redirect_uri
from chalicelib.core.config import settings
from chalicelib.core.http import PUBLIC, Call, Empty, Input, Output, Raw, secret_field
from chalicelib.teams.actions import Membership, team_named

XML = "application/samlmetadata+xml"
MAX_METADATA = 256 * 1024


class ConfigureSso(Input):
    """A team's identity provider; what is absent stays as it is."""

    kind: Literal["oidc", "saml"] | None = None
    issuer: str | None = Field(None, min_length=1, max_length=500, description="OpenID Connect")
    client_id: str | None = Field(None, min_length=1, max_length=500, description="OpenID Connect")
    client_secret: str | None = secret_field(None, min_length=1, max_length=2000)
    metadata_xml: str | None = Field(None, min_length=1, max_length=MAX_METADATA)
    enforced: bool | None = Field(None, description="nobody comes in another way")
    default_role: Literal["admin", "developer", "billing", "viewer"] | None = None


class SsoView(Output):
    """A team's identity provider; its secret is never shown."""

    kind: Literal["oidc", "saml"]
    issuer: str = Field(description="of OpenID Connect, or the entity id of SAML")
    client_id: str | None
    sso_url: str | None = Field(description="where SAML sends browsers")
    certificates: int = Field(description="how many certificates of SAML count")
    default_role: str = Field(description="of whoever comes in for the first time")
    enforced: bool
    tried_at: str | None = Field(description="when somebody first came in by exactly this")
    updated_at: str
    redirect_uri: str = Field(description="what to register at a provider of OpenID Connect")
    entity_id: str = Field(description="our name towards a provider of SAML")
    acs_url: str = Field(description="where a provider of SAML sends its answers")


class Begin(Leaving):
    """Whose provider it is: by an e-mail address, or by the team's id or slug."""

    email: str | None = Field(None, max_length=254)
    team: str | None = Field(None, min_length=1, max_length=80)

    @model_validator(mode="after")
    def _one(self) -> Begin:
        if (self.email is None) == (self.team is None):
            raise ValueError("Give either email or team.")
        return self


@routes.get("/teams/{team}/sso", permission="sso.read", scope="team", answer=SsoView)
def show_sso(call: Call) -> SsoView:
    """How a team's single sign-on is set up."""
    return sso_view(sso.show_sso(_team(call)))


@routes.put(
    "/teams/{team}/sso",
    permission="sso.manage",
    scope="team",
    body=ConfigureSso,
    answer=SsoView,
    problems=(409,),
    step_up=True,
)
def configure_sso(call: Call) -> SsoView:
    """Set a team's single sign-on up, change it, or make it the only way in."""
    before, after = sso.configure_sso(
        call.actor, _team(call), sso_provider.Wanted(**call.body.model_dump())
    )
    call.trail.before, call.trail.after = noted(before), noted(after)
    return sso_view(after)


@routes.delete(
    "/teams/{team}/sso",
    permission="sso.manage",
    scope="team",
    answer=Empty,
    status=204,
    step_up=True,
)
def remove_sso(call: Call) -> None:
    """Take a team's single sign-on away."""
    call.trail.before = noted(sso.remove_sso(call.actor, _team(call)))


@routes.get(
    "/teams/{team}/sso/metadata",
    permission="sso.read",
    scope="team",
    answer=Empty,
    produces=(XML,),
)
def show_sso_metadata(call: Call) -> Raw:
    """What a team's provider of SAML wants to know of us, as XML."""
    return Raw(XML, saml.metadata(_team(call)))


@routes.post("/auth/sso/start", permission=PUBLIC, body=Begin, answer=Address, limit="sign_in",
             audited=False, problems=(404, 409))  # fmt: skip
def start_sso(call: Call) -> Address:
    """Begin to sign in by a team's own identity provider."""
    body = call.body
    row = sso.team_to_enter(body.email, team_named(body.team) if body.team else None)
    if row.kind == "saml":
        return Address(url=saml.begin(row, body.return_to, body.challenge))
    return Address(
        url=callbacks.start(sso_provider.connection(row), body.return_to, body.challenge)
    )


def _team(call: Call) -> str:
    member: Membership = call.scope
    return member.team


def sso_view(found: sso.Sso) -> SsoView:
    """A provider as those see it who may."""
    row = found.row
    return SsoView(
        kind=row.kind,  # type: ignore[arg-type]  # a text with one of two values
        issuer=row.issuer,
        client_id=row.client_id or None,
        sso_url=row.sso_url or None,
        certificates=len(row.certificates),
        default_role=row.default_role,
        enforced=found.enforced,
        tried_at=row.tried_at,
        updated_at=row.updated_at,
        redirect_uri=redirect_uri(settings().api_url, row.team),
        entity_id=saml.entity_of(row.team),
        acs_url=saml.acs(),
    )


def noted(found: sso.Sso | None) -> dict[str, Any]:
    """What the audit log keeps of a provider."""
    if found is None:
        return {}
    row = found.row
    return {
        "kind": row.kind,
        "issuer": row.issuer,
        "client_id": row.client_id,
        "default_role": row.default_role,
        "enforced": found.enforced,
        "version": int(row.version),
    }
