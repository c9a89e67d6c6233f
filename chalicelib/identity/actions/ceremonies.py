"""The ceremonies of passkeys (W3C WebAuthn level 3), as the library of that name checks them.

What a browser sends is hostile and goes through parsers of base64, JSON, CBOR, COSE and ASN.1, so
every way of failing in there is one refusal.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from chalicelib.core.config import settings
from chalicelib.core.console import console_url
from chalicelib.core.errors import Conflict
from chalicelib.core.observe import logger
from chalicelib.identity import rows
from chalicelib.identity.rules import RelyingParty, relying_party


class Refused(Exception):  # noqa: N818  # the outcome of a ceremony, not a fault
    """The credential does not prove what it should."""


@dataclass(frozen=True)
class Registered:
    """A new passkey."""

    credential: str
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    verifies: bool


def here() -> RelyingParty | None:
    """The relying party of this installation; None where browsers know no passkeys."""
    return relying_party(console_url(), settings().api_url)


def party() -> RelyingParty:
    """As `here`; raises Conflict `passkeys_unavailable`."""
    found = here()
    if found is None:
        raise Conflict(
            "passkeys_unavailable",
            "Browsers offer passkeys only to pages with TLS and a host name, or on localhost.",
            hint="Reach the installation by an https address with a name, or use a TOTP app.",
        )
    return found


def creation_options(
    user: rows.UserRow, nonce: bytes, known: list[rows.FactorRow]
) -> dict[str, Any]:
    """What `navigator.credentials.create` needs; a passkey that is known is not made again."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    made = generate_registration_options(
        rp_id=party().id,
        rp_name="CloudDeck",
        user_id=user.id.encode(),
        user_name=user.email,
        user_display_name=user.name,
        challenge=nonce,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=_descriptors(known),
    )
    return dict(json.loads(options_to_json(made)))


def request_options(nonce: bytes, factors: list[rows.FactorRow]) -> dict[str, Any] | None:
    """What `navigator.credentials.get` needs for one of these; None when none is a passkey."""
    known = _descriptors(factors)
    return _request(nonce, known, verify=False) if known and here() else None


def discovery_options(nonce: bytes) -> dict[str, Any]:
    """The same for whichever passkey the browser has; it has to verify its user."""
    party()
    return _request(nonce, [], verify=True)


def register(credential: dict[str, Any], nonce: bytes) -> Registered:
    """Check a new passkey; raises Refused."""
    from webauthn import verify_registration_response
    from webauthn.helpers import bytes_to_base64url

    here_ = party()
    try:
        _no_frame(credential)
        found = verify_registration_response(
            credential=credential,
            expected_challenge=nonce,
            expected_rp_id=here_.id,
            expected_origin=list(here_.origins),
        )
        if len(found.credential_id) > 1023:
            raise ValueError("the credential id is longer than WebAuthn allows")
        given = credential["response"].get("transports") or []
        return Registered(
            bytes_to_base64url(found.credential_id),
            found.credential_public_key,
            found.sign_count,
            tuple(str(name)[:20] for name in list(given)[:8]),
            bool(found.user_verified),
        )
    except Exception as error:
        raise _refused(error) from None


def check(credential: dict[str, Any], nonce: bytes, factor: rows.FactorRow, *, verify: bool) -> int:
    """Check a passkey's signature and give its new counter; raises Refused."""
    from webauthn import verify_authentication_response

    here_ = party()
    try:
        _no_frame(credential)
        found = verify_authentication_response(
            credential=credential,
            expected_challenge=nonce,
            expected_rp_id=here_.id,
            expected_origin=list(here_.origins),
            credential_public_key=bytes(factor.public_key or b""),
            credential_current_sign_count=int(factor.sign_count),
            require_user_verification=verify,
        )
        return int(found.new_sign_count)
    except Exception as error:
        raise _refused(error) from None


def credential_id(credential: dict[str, Any]) -> str:
    """The id that a credential says it has; "" when it says none."""
    found = credential.get("id")
    return found if isinstance(found, str) and len(found) <= 1400 else ""


def user_handle(credential: dict[str, Any]) -> str:
    """The person whom a discovered passkey names; "" when it names none."""
    from webauthn.helpers import base64url_to_bytes

    try:
        return base64url_to_bytes(credential["response"]["userHandle"]).decode()
    except (KeyError, TypeError, ValueError, AttributeError):
        return ""


def _request(nonce: bytes, known: list[Any], *, verify: bool) -> dict[str, Any]:
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement as Verification

    made = generate_authentication_options(
        rp_id=party().id,
        challenge=nonce,
        allow_credentials=known or None,
        user_verification=Verification.REQUIRED if verify else Verification.PREFERRED,
    )
    return dict(json.loads(options_to_json(made)))


def _descriptors(factors: list[rows.FactorRow]) -> list[Any]:
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import AuthenticatorTransport, PublicKeyCredentialDescriptor

    ways = {way.value: way for way in AuthenticatorTransport}
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(factor.credential),
            transports=[ways[str(t)] for t in factor.transports if str(t) in ways] or None,
        )
        for factor in factors
        if factor.kind == "passkey" and factor.credential
    ]


def _no_frame(credential: dict[str, Any]) -> None:
    """Refuse what was made inside a frame of another site's page; the library does not look."""
    from webauthn.helpers import base64url_to_bytes

    said = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
    if said.get("crossOrigin"):
        raise ValueError("made within a page of another origin")


def _refused(error: Exception) -> Refused:
    logger().info("passkey refused", extra={"why": f"{type(error).__name__}: {error}"[:300]})
    return Refused(str(error))
