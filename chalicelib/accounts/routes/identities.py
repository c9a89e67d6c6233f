"""The identities of one's own account."""

from __future__ import annotations

from chalicelib.accounts.actions import callbacks, entrances, identities, providers
from chalicelib.accounts.routes.blueprint import routes
from chalicelib.accounts.routes.providers import Address, Exchange, Leaving
from chalicelib.accounts.rules.providers import PROVIDERS
from chalicelib.core import stepup
from chalicelib.core.http import SIGNED_IN, Call, Empty, Output
from chalicelib.identity import rows


class IdentityView(Output):
    """An identity elsewhere that signs in here."""

    provider: str
    name: str
    email: str
    linked_at: str


class IdentityList(Output):
    """The identities of an account."""

    items: list[IdentityView]


@routes.get("/me/identities", permission=SIGNED_IN, answer=IdentityList, problems=(403,))
def list_identities(call: Call) -> IdentityList:
    """The identities that sign you in."""
    stepup.require_person(call.actor, "change or see what signs a person in")
    return _listed(call)


@routes.post(
    "/me/identities/{provider}/start",
    permission=SIGNED_IN,
    body=Leaving,
    answer=Address,
    step_up=True,
    audited=False,
    problems=(403,),
)
def start_link(call: Call) -> Address:
    """Begin to link an identity; ends with POST /v1/me/identities/{provider}."""
    stepup.require_person(call.actor, "change or see what signs a person in")
    connection = providers.connection_of(providers.configured(call.path["provider"]).id)
    body = call.body
    return Address(url=callbacks.start(connection, body.return_to, body.challenge, call.actor.user))


@routes.post(
    "/me/identities/{provider}",
    permission=SIGNED_IN,
    body=Exchange,
    answer=IdentityList,
    problems=(403, 409),
)
def link_identity(call: Call) -> IdentityList:
    """Link the identity that came back with a code."""
    stepup.require_person(call.actor, "change or see what signs a person in")
    body = call.body
    entrances.link(call.actor.user, call.path["provider"], body.code, body.verifier)
    return _listed(call)


@routes.delete(
    "/me/identities/{provider}",
    permission=SIGNED_IN,
    answer=Empty,
    status=204,
    step_up=True,
    problems=(403, 409),
)
def unlink_identity(call: Call) -> None:
    """Take an identity away from your account, unless it is the only way into it."""
    stepup.require_person(call.actor, "change or see what signs a person in")
    identities.unlink(call.actor.user, call.path["provider"])


def _listed(call: Call) -> IdentityList:
    found = identities.identities_of(call.actor.user)
    return IdentityList(items=[_view(row) for row in found])


def _view(row: rows.IdentityRow) -> IdentityView:
    known = PROVIDERS.get(row.provider)
    return IdentityView(
        provider=row.provider,
        name=known.name if known else row.provider,
        email=row.email,
        linked_at=row.linked_at,
    )
