"""Which providers there are: for whoever runs the installation."""

from __future__ import annotations

from pydantic import Field

from chalicelib.accounts import rows
from chalicelib.accounts.actions import providers
from chalicelib.accounts.routes.blueprint import routes
from chalicelib.accounts.rules.providers import PROVIDERS, redirect_uri
from chalicelib.core import stepup
from chalicelib.core.config import settings
from chalicelib.core.http import Call, Empty, Input, Output, secret_field


class Registration(Input):
    """What the provider gave when CloudDeck was registered there."""

    client_id: str = Field(min_length=1, max_length=500)
    client_secret: str = secret_field(min_length=1, max_length=2000)
    issuer: str = Field("", max_length=500, description="empty: the provider's own")


class ProviderView(Output):
    """A provider that is set up; its secret is never shown."""

    id: str
    name: str
    issuer: str
    client_id: str
    redirect_uri: str = Field(description="what to register at the provider")
    updated_at: str


@routes.get(
    "/admin/providers/{provider}",
    permission="admin.read",
    scope="installation",
    answer=ProviderView,
)
def show_provider(call: Call) -> ProviderView:
    """How a provider is set up."""
    return _view(providers.configured(call.path["provider"]))


@routes.put(
    "/admin/providers/{provider}",
    permission="admin.manage",
    scope="installation",
    body=Registration,
    answer=ProviderView,
    step_up=True,
)
def configure_provider(call: Call) -> ProviderView:
    """Set a provider up, so that people may sign in with it; from a session only.

    Whoever names a provider can be anybody.
    """
    stepup.require_person(call.actor, "name an identity provider")
    body = call.body
    row = providers.configure(
        call.path["provider"], body.client_id, body.client_secret, body.issuer
    )
    return _view(row)


@routes.delete(
    "/admin/providers/{provider}",
    permission="admin.manage",
    scope="installation",
    answer=Empty,
    status=204,
    step_up=True,
)
def remove_provider(call: Call) -> None:
    """Take a provider away: nobody signs in with it any more."""
    providers.remove(call.path["provider"])


def _view(row: rows.ProviderRow) -> ProviderView:
    return ProviderView(
        id=row.id,
        name=PROVIDERS[row.id].name,
        issuer=row.issuer,
        client_id=row.client_id,
        redirect_uri=redirect_uri(settings().api_url),
        updated_at=row.updated_at,
    )
