"""Second factors: authenticator apps, passkeys, recovery codes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from chalicelib.core import clock
from chalicelib.core.http import SIGNED_IN, Call, Empty, Input, Output, secret_field
from chalicelib.identity.actions import factors, passkeys, recovery, totp
from chalicelib.identity.routes.blueprint import routes
from chalicelib.identity.routes.views import Credential
from chalicelib.identity.rows import FactorRow
from chalicelib.identity.rules import check_factor_name

Name = Annotated[str, Field(max_length=80), AfterValidator(check_factor_name)]


class FactorView(Output):
    """An authenticator app or a passkey."""

    id: str
    kind: Literal["totp", "passkey"]
    name: str
    created_at: str
    used_at: str | None


class FactorsView(Output):
    """The factors of the caller."""

    items: list[FactorView]
    recovery_codes: int = Field(description="how many are left")


class NewAppView(Output):
    """The secret of an authenticator app, shown this once."""

    id: str
    secret: str = Field(description="base32")
    uri: str = Field(description="otpauth address, for a QR code")


class ConfirmApp(Input):
    """The code that the app shows now."""

    code: str = secret_field(max_length=20)
    name: Name = "Authenticator app"


class CodesView(Output):
    """Recovery codes, shown this once; empty when there are some already."""

    recovery_codes: list[str]


class CreationOptions(Output):
    """What a browser needs to make a passkey."""

    options: dict[str, Any] = Field(description="for `navigator.credentials.create`")


class NewPasskey(Input):
    """A passkey that a browser has made."""

    name: Name
    credential: Credential = secret_field()


class NewPasskeyView(FactorView):
    """A passkey, and with the first factor of all the recovery codes, shown this once."""

    recovery_codes: list[str]


@routes.get("/me/factors", permission=SIGNED_IN, answer=FactorsView, problems=(403,))
def list_factors(call: Call) -> FactorsView:
    """The second factors of the caller."""
    found, left = factors.list_factors(call.actor)
    return FactorsView(items=[_view(factor) for factor in found], recovery_codes=left)


@routes.post(
    "/me/factors/totp",
    permission=SIGNED_IN,
    answer=NewAppView,
    step_up=True,
    problems=(403, 409),
    audited=False,
)
def propose_totp(call: Call) -> NewAppView:
    """A secret for an authenticator app; it counts once a code of it was confirmed."""
    made = totp.propose(call.actor)
    return NewAppView(id=made.id, secret=made.secret, uri=made.uri)


@routes.post(
    "/me/factors/totp/confirm",
    permission=SIGNED_IN,
    body=ConfirmApp,
    answer=CodesView,
    step_up=True,
    problems=(403, 409),
)
def confirm_totp(call: Call) -> CodesView:
    """Add the proposed authenticator app; with the first factor come recovery codes."""
    call.trail.after = {"name": call.body.name}
    return CodesView(recovery_codes=totp.confirm(call.actor, call.body.code, call.body.name))


@routes.post(
    "/me/factors/passkeys/options",
    permission=SIGNED_IN,
    answer=CreationOptions,
    step_up=True,
    problems=(403, 409),
    audited=False,
)
def propose_passkey(call: Call) -> CreationOptions:
    """What a browser needs to make a passkey within five minutes."""
    return CreationOptions(options=passkeys.propose(call.actor))


@routes.post(
    "/me/factors/passkeys",
    permission=SIGNED_IN,
    body=NewPasskey,
    answer=NewPasskeyView,
    status=201,
    step_up=True,
    problems=(401, 403, 409),
)
def add_passkey(call: Call) -> NewPasskeyView:
    """Add a passkey; with the first factor come recovery codes."""
    factor, codes = passkeys.register(call.actor, call.body.name, call.body.credential)
    return NewPasskeyView(**_view(factor).model_dump(), recovery_codes=codes)


@routes.delete(
    "/me/factors/{factor}",
    permission=SIGNED_IN,
    answer=Empty,
    status=204,
    step_up=True,
    problems=(403, 404, 409),
)
def remove_factor(call: Call) -> None:
    """Remove a factor; with the last one all other sessions end."""
    gone = factors.remove(call.actor, call.path["factor"])
    call.trail.before = {"kind": gone.kind, "name": gone.name}


@routes.post(
    "/me/factors/recovery-codes",
    permission=SIGNED_IN,
    answer=CodesView,
    step_up=True,
    problems=(403, 409),
)
def renew_recovery_codes(call: Call) -> CodesView:
    """Ten new recovery codes; those before are over."""
    return CodesView(recovery_codes=recovery.renew(factors.person(call.actor)))


def _view(row: FactorRow) -> FactorView:
    used = row.used_at
    return FactorView(
        id=row.id,
        kind=row.kind,  # type: ignore[arg-type]  # one of these words
        name=row.name,
        created_at=row.created_at,
        used_at=None if used is None else clock.iso(int(used) * 1000),
    )
