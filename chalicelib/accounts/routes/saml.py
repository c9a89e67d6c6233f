"""Where identity providers of SAML send their answers, by way of a browser."""

from __future__ import annotations

from pydantic import ConfigDict

from chalicelib.accounts.actions import saml
from chalicelib.accounts.routes.blueprint import routes
from chalicelib.accounts.rules.xml import MAX_BYTES
from chalicelib.core.http import PUBLIC, Call, Empty, Input, secret_field

_LONGEST = MAX_BYTES * 4 // 3 + 10_000  # base64, which some break into lines


class SamlAnswer(Input):
    """What an identity provider sends (SAML bindings, section 3.5); some add things."""

    model_config = ConfigDict(extra="ignore", str_max_length=_LONGEST)

    SAMLResponse: str = secret_field(max_length=_LONGEST)
    RelayState: str = secret_field("", max_length=500)


@routes.post(
    "/auth/saml/acs",
    permission=PUBLIC,
    body=SamlAnswer,
    answer=Empty,
    status=302,
    form=True,
    limit="sign_in",
    problems=(403, 409),
)
def receive_saml(call: Call) -> tuple[Empty, dict[str, str]]:
    """Take an identity provider's answer; the browser goes on to where the sign-in began."""
    location = saml.receive(call.body.SAMLResponse, call.body.RelayState)
    return Empty(), {"Location": location, "Referrer-Policy": "no-referrer"}
