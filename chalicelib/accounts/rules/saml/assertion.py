"""What a signed assertion has to say before anybody comes in by it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from chalicelib.accounts.rules.saml.names import ASSERTION, BEARER, refuse
from chalicelib.accounts.rules.xml import name_of

SKEW_SECONDS = 60
"""How far the clocks of an identity provider and of ours may be apart."""

LONGEST_SECONDS = 24 * 3600

STRONG_CONTEXTS = frozenset(
    {
        "http://schemas.microsoft.com/claims/multipleauthn",
        "https://refeds.org/profile/mfa",
        "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract",
        "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI",
        "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken",
    }
)
"""What an identity provider says when it asked for more than a password."""

_EMAIL_NAMES = (
    "email",
    "mail",
    "emailaddress",
    "urn:oid:0.9.2342.19200300.100.1.3",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
)
_NAME_NAMES = (
    "displayname",
    "name",
    "urn:oid:2.16.840.1.113730.3.1.241",
    "http://schemas.microsoft.com/identity/claims/displayname",
)
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?Z\Z")


@dataclass(frozen=True)
class Asserted:
    """Whom a signed assertion names, and until when it could be shown again."""

    id: str
    subject: str
    email: str
    name: str
    strong: bool
    until: int


@dataclass(frozen=True)
class Expected:
    """What an assertion has to be about: our question, and we ourselves."""

    request: str
    issuer: str
    audience: str
    recipient: str


def check_assertion(assertion: Element, expected: Expected, now: int) -> Asserted:
    """Whom a signed assertion lets in, if it is for us, about our question, and of this time.

    Raises Refused.
    """
    if _text(assertion, "Issuer") != expected.issuer:
        refuse("saml_issuer", "The assertion is another identity provider's.")
    subject = _one(assertion, "Subject")
    until = _check_confirmation(subject, expected, now)
    conditions = _one(assertion, "Conditions")
    until = max(until, _check_times(conditions, now))
    audiences = [
        [(a.text or "").strip() for a in r.findall(f"{{{ASSERTION}}}Audience")]
        for r in conditions.findall(f"{{{ASSERTION}}}AudienceRestriction")
    ]
    if not audiences or any(expected.audience not in named for named in audiences):
        refuse("saml_audience", "The assertion is meant for somebody else.")
    name_id = _one(subject, "NameID")
    who = _plain(name_id)
    identifier = assertion.get("ID", "")
    if not who or len(who) > 1024 or not identifier:
        refuse("saml_invalid", "The assertion names nobody.")
    attributes = _attributes(assertion)
    email = _first(attributes, _EMAIL_NAMES) or (who if "@" in who else "")
    context = _text(_one(assertion, "AuthnStatement"), "AuthnContext", "AuthnContextClassRef")
    return Asserted(
        id=identifier,
        subject=who,
        email=email,
        name=_first(attributes, _NAME_NAMES),
        strong=context in STRONG_CONTEXTS,
        until=until + SKEW_SECONDS,
    )


def _check_confirmation(subject: Element, expected: Expected, now: int) -> int:
    """Until when the subject can be confirmed by showing the assertion."""
    bearers = [
        c
        for c in subject.findall(f"{{{ASSERTION}}}SubjectConfirmation")
        if c.get("Method") == BEARER
    ]
    if len(bearers) != 1:
        refuse("saml_invalid", "The assertion does not say how its subject is confirmed.")
    data = _one(bearers[0], "SubjectConfirmationData")
    if data.get("InResponseTo") != expected.request:
        refuse("saml_unsolicited", "The assertion answers no question of ours.")
    if data.get("Recipient") != expected.recipient:
        refuse("saml_recipient", "The assertion was sent to another address.")
    return _check_times(data, now)


def _check_times(element: Element, now: int) -> int:
    begins, ends = element.get("NotBefore"), element.get("NotOnOrAfter")
    if begins is not None and seconds_of(begins) > now + SKEW_SECONDS:
        refuse("saml_early", "The assertion is not valid yet; compare the clocks.")
    if ends is None:
        refuse("saml_invalid", "The assertion does not say when it ends.")
    until = seconds_of(ends)
    if until + SKEW_SECONDS <= now:
        refuse("saml_expired", "The assertion is no longer valid.")
    if until > now + LONGEST_SECONDS:
        refuse("saml_invalid", "The assertion is valid for more than a day.")
    return until


def _attributes(assertion: Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for attribute in assertion.iter(f"{{{ASSERTION}}}Attribute"):
        name = attribute.get("Name", "").strip().lower()
        values = [_plain(v) for v in attribute.findall(f"{{{ASSERTION}}}AttributeValue")]
        found.setdefault(name, []).extend(values)
    return found


def _first(attributes: dict[str, list[str]], names: tuple[str, ...]) -> str:
    for name in names:
        values = [value for value in attributes.get(name, []) if value]
        if len(set(values)) > 1:
            refuse("saml_invalid", f"The attribute {name!r} has several values.")
        if values:
            return values[0]
    return ""


def seconds_of(text: str) -> int:
    """Seconds since 1970 of an instant of SAML, which is always UTC; raises Refused."""
    found = _INSTANT.match(text.strip())
    try:
        if found:
            return int(datetime.fromisoformat(found[1]).replace(tzinfo=UTC).timestamp())
    except (ValueError, OverflowError):
        pass
    return refuse("saml_invalid", "A time in the assertion cannot be read.")


def _one(element: Element, name: str) -> Element:
    found = element.findall(f"{{{ASSERTION}}}{name}")
    if len(found) != 1:
        refuse("saml_invalid", f"The assertion has not exactly one {name}.")
    return found[0]


def _text(element: Element, *path: str) -> str:
    for name in path:
        element = _one(element, name)
    return _plain(element)


def _plain(element: Element) -> str:
    """The text of an element that holds nothing but text."""
    if len(element):
        refuse("saml_invalid", f"{name_of(element)} holds more than text.")
    return (element.text or "").strip()
