"""SAML 2.0 as its service provider: the question, and who may come in by the answer.

python3-saml checks the schema and the signatures; what it lets pass and we do not is in
`rules/saml`. It is an extra (`requirements-saml.txt`, the layer `saml`), so it is imported where it
is used and its absence is an answer, not a fault.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.etree.ElementTree import Element

from chalicelib.accounts.actions import arrivals
from chalicelib.accounts.rows import AwayRow
from chalicelib.accounts.rows import sso as rows
from chalicelib.accounts.rules import saml as rules
from chalicelib.accounts.rules import xml
from chalicelib.accounts.rules.externals import External
from chalicelib.accounts.rules.providers import SSO
from chalicelib.core import clock, outbound
from chalicelib.core.config import settings
from chalicelib.core.errors import Conflict, FieldError, Forbidden, Invalid
from chalicelib.core.observe import logger
from chalicelib.identity.rules import normal_email

CONNECTION = "saml:"
"""How a connection is called that speaks SAML: this and the team's id."""

_RSA_BITS, _CURVE_BITS = 2048, 256


def require_library() -> None:
    """Raise Conflict `saml_not_installed` when this installation cannot check SAML."""
    try:
        import onelogin.saml2.response  # noqa: F401  # is it there?
        import xmlsec  # noqa: F401  # is it there?
    except Exception as error:  # absent, or two libraries that do not fit each other
        logger().warning("saml cannot be checked", extra={"why": str(error)[:300]})
        raise Conflict(
            "saml_not_installed",
            "This installation was set up without SAML.",
            hint="Install requirements-saml.txt beside the API (on AWS: the layer saml), "
            "or use OpenID Connect.",
        ) from None


def entity_of(team: str) -> str:
    """Our name towards a team's identity provider: one per team, so that what one provider
    asserts is good for one team."""
    return f"{settings().api_url}/v1/teams/{team}/sso/metadata"


def acs() -> str:
    """Where identity providers send their answers."""
    return f"{settings().api_url}/v1/auth/saml/acs"


def metadata(team: str) -> str:
    """What a team's identity provider wants to know of us, as XML."""
    return rules.service_metadata(entity_of(team), acs())


def provider_described(metadata_xml: str) -> rules.Metadata:
    """The identity provider that a metadata document describes.

    Raises Conflict `saml_not_installed` and Invalid `saml_metadata_invalid`.
    """
    require_library()
    try:
        found = rules.read_metadata(xml.parse(metadata_xml.encode(), comments=True))
        outbound.check_url(found.sso_url)
        for certificate in found.certificates:
            _check_certificate(certificate)
    except ValueError as error:  # of the rules, of the address, of the certificate
        raise Invalid(
            "saml_metadata_invalid",
            str(error),
            hint="Download the metadata (XML) of the application at your identity provider again.",
            errors=(FieldError("/metadata_xml", str(error), "saml_metadata_invalid"),),
        ) from None
    return found


def begin(sso: rows.SsoRow, return_to: str, challenge: str) -> str:
    """Where the browser goes with our question (binding HTTP-Redirect)."""
    require_library()
    leaving = arrivals.depart(f"{CONNECTION}{sso.team}", return_to, challenge)
    question = rules.authn_request(
        _request_id(leaving.nonce), sso.sso_url, acs(), entity_of(sso.team), clock.epoch()
    )
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = deflate.compress(question.encode()) + deflate.flush()
    asked = {"SAMLRequest": base64.b64encode(packed).decode(), "RelayState": leaving.state}
    return f"{sso.sso_url}{'&' if '?' in sso.sso_url else '?'}{urlencode(asked)}"


def receive(answer: str, state: str) -> str:
    """Where the browser goes with an identity provider's answer.

    Only an answer to a question of ours counts, and that question once; one that was not asked for
    raises Forbidden `saml_unsolicited`. Everything else that is wrong sends the browser back to
    the client that began, with `error=` and our code.
    """
    require_library()
    if not state:
        raise Forbidden(
            "saml_unsolicited",
            "This sign-in was begun at the identity provider, and anybody could have sent it.",
            hint="Begin here: deck login --sso.",
        )
    away = arrivals.take(state)
    team = away.connection.removeprefix(CONNECTION)
    try:
        if team == away.connection:
            rules.refuse("saml_unsolicited", "What was begun here was no SAML sign-in.")
        external = _identify(answer, away, team)
    except rules.Refused as error:
        logger().warning(
            "saml refused", extra={"team": team, "code": error.code, "why": str(error)}
        )
        return arrivals.turn_away(away, error.code)
    return arrivals.arrive(external, away)


def _identify(answer: str, away: AwayRow, team: str) -> External:
    sso = rows.sso_of(team)
    if sso is None or sso.kind != "saml":
        return rules.refuse("sso_changed", "The team no longer signs in by SAML.")
    document = _decoded(answer)
    try:
        claimed = rules.check_signed(xml.parse(document))
    except xml.Refused as error:
        rules.refuse("saml_xml_refused", str(error))
    expected = rules.Expected(
        request=_request_id(away.nonce),
        issuer=sso.issuer,
        audience=entity_of(team),
        recipient=acs(),
    )
    now = clock.epoch()
    # read twice: the first time so that a refusal has its own reason, the second time what was
    # signed, which is what counts
    rules.check_assertion(claimed, expected, now)
    found = rules.check_assertion(_verified(document, sso, expected), expected, now)
    if not rows.use_assertion(team, found.id, found.until):
        rules.refuse("saml_replayed", "Somebody has come in by this assertion before.")
    return External(
        f"{SSO}{team}",
        f"{sso.issuer}|{found.subject}",
        email=_address(found.email),
        email_verified=True,  # the team's own provider says so, and only of the team's domains
        name=found.name,
        strong=found.strong,
        sso=team,
    )


def _decoded(answer: str) -> bytes:
    try:
        return base64.b64decode("".join(answer.split()), validate=True)
    except (binascii.Error, ValueError):
        return rules.refuse("saml_invalid", "The answer is not base64.")


def _verified(document: bytes, sso: rows.SsoRow, expected: rules.Expected) -> Element:
    """The signed assertion, read from the very bytes that its signature was checked over."""
    from lxml import etree
    from onelogin.saml2.errors import OneLogin_Saml2_ValidationError as Wrong
    from onelogin.saml2.response import OneLogin_Saml2_Response
    from onelogin.saml2.settings import OneLogin_Saml2_Settings

    asked = urlsplit(expected.recipient)
    request: dict[str, Any] = {
        "https": "on" if asked.scheme == "https" else "off",
        "http_host": asked.netloc,
        "script_name": asked.path,
        "get_data": {},
        "post_data": {},
    }
    try:
        response = OneLogin_Saml2_Response(
            OneLogin_Saml2_Settings(_library_settings(sso, expected)),
            base64.b64encode(document).decode(),
        )
        response.is_valid(request, expected.request, raise_exceptions=True)
        (assertion,) = response.document.findall(f"{{{rules.ASSERTION}}}Assertion")
    except Wrong as error:
        forged = error.code == Wrong.INVALID_SIGNATURE
        rules.refuse("saml_signature_invalid" if forged else "saml_invalid", str(error)[:300])
    except (etree.XMLSyntaxError, ValueError) as error:
        rules.refuse("saml_invalid", type(error).__name__)
    signed = etree.tostring(assertion, method="c14n", exclusive=True, with_comments=False)
    return xml.parse(signed)


def _library_settings(sso: rows.SsoRow, expected: rules.Expected) -> dict[str, Any]:
    post = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
    redirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
    return {
        "strict": True,
        "debug": False,
        "sp": {
            "entityId": expected.audience,
            "assertionConsumerService": {"url": expected.recipient, "binding": post},
        },
        "idp": {
            "entityId": sso.issuer,
            "singleSignOnService": {"url": sso.sso_url, "binding": redirect},
            "x509certMulti": {"signing": [str(c) for c in sso.certificates]},
        },
        "security": {
            "wantAssertionsSigned": True,
            "wantAttributeStatement": False,
            "rejectDeprecatedAlgorithm": True,
            "rejectUnsolicitedResponsesWithInResponseTo": True,
            "requestedAuthnContext": False,
            "allowSingleLabelDomains": True,
        },
    }


def _check_certificate(text: str) -> None:
    """Raise ValueError for what is no certificate of a key that holds."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    try:
        key = x509.load_der_x509_certificate(base64.b64decode(text, validate=True)).public_key()
    except Exception:
        raise ValueError("A certificate in the metadata cannot be read.") from None
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _RSA_BITS:
        return
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size >= _CURVE_BITS:
        return
    raise ValueError(
        f"A certificate in the metadata has a key that is neither RSA of {_RSA_BITS} bits "
        f"nor a curve of {_CURVE_BITS}."
    )


def _request_id(nonce: str) -> str:
    """An id of XML begins with no digit."""
    return f"_{nonce}"


def _address(email: str) -> str:
    try:
        return normal_email(email)
    except ValueError:
        return ""
