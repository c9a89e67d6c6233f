"""What we say to an identity provider: the question, and who we are."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from chalicelib.accounts.rules.saml.names import (
    ASSERTION,
    EMAIL_FORMAT,
    METADATA,
    POST,
    PROTOCOL,
    instant,
)


def authn_request(identifier: str, to: str, acs: str, issuer: str, now: int) -> str:
    """The question that a browser carries to an identity provider."""
    return (
        f'<samlp:AuthnRequest xmlns:samlp="{PROTOCOL}" xmlns:saml="{ASSERTION}"'
        f' ID={quoteattr(identifier)} Version="2.0" IssueInstant="{instant(now)}"'
        f" Destination={quoteattr(to)} AssertionConsumerServiceURL={quoteattr(acs)}"
        f' ProtocolBinding="{POST}"><saml:Issuer>{escape(issuer)}</saml:Issuer>'
        f'<samlp:NameIDPolicy Format="{EMAIL_FORMAT}" AllowCreate="true"/></samlp:AuthnRequest>'
    )


def service_metadata(entity: str, acs: str) -> str:
    """What an identity provider wants to know of us, as XML."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<md:EntityDescriptor xmlns:md="{METADATA}" entityID={quoteattr(entity)}>'
        '<md:SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="true"'
        f' protocolSupportEnumeration="{PROTOCOL}">'
        f"<md:NameIDFormat>{EMAIL_FORMAT}</md:NameIDFormat>"
        f'<md:AssertionConsumerService Binding="{POST}" Location={quoteattr(acs)}'
        ' index="0" isDefault="true"/></md:SPSSODescriptor></md:EntityDescriptor>\n'
    )
