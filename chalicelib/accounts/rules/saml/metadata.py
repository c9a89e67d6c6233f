"""What an identity provider says of itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from chalicelib.accounts.rules.saml.names import METADATA, PROTOCOL, REDIRECT, SIGNATURE
from chalicelib.accounts.rules.xml import name_of


@dataclass(frozen=True)
class Metadata:
    """What the identity provider says of itself; certificates are base64 of DER."""

    issuer: str
    sso_url: str
    certificates: list[str] = field(default_factory=list)


def read_metadata(root: Element) -> Metadata:
    """What a document says of one identity provider; raises ValueError with what is missing."""
    described = [root] if name_of(root) == "EntityDescriptor" else list(root)
    found = [
        (entity, role)
        for entity in described
        if entity.tag == f"{{{METADATA}}}EntityDescriptor"
        for role in entity.findall(f"{{{METADATA}}}IDPSSODescriptor")
        if PROTOCOL in role.get("protocolSupportEnumeration", "").split()
    ]
    if len(found) != 1:
        raise ValueError(f"The metadata describes {len(found)} identity providers, not one.")
    entity, role = found[0]
    issuer = entity.get("entityID", "")
    if not 1 <= len(issuer) <= 1024:
        raise ValueError("The metadata has no entityID.")
    places = [
        service.get("Location", "")
        for service in role.findall(f"{{{METADATA}}}SingleSignOnService")
        if service.get("Binding") == REDIRECT
    ]
    if not places:
        raise ValueError(
            "The metadata names no SingleSignOnService with the binding HTTP-Redirect."
        )
    return Metadata(issuer, places[0], _certificates(role))


def _certificates(role: Element) -> list[str]:
    found: list[str] = []
    for key in role.findall(f"{{{METADATA}}}KeyDescriptor"):
        if key.get("use", "signing") != "signing":
            continue
        for held in key.iter(f"{{{SIGNATURE}}}X509Certificate"):
            text = "".join((held.text or "").split())
            if text and text not in found:
                found.append(text)
    if not 1 <= len(found) <= 10:
        raise ValueError(f"The metadata has {len(found)} certificates for signing, not 1 to 10.")
    return found
