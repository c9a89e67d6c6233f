"""Which signatures of an answer may count at all; whether they hold is checked by a library."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from chalicelib.accounts.rules.saml.names import ASSERTION, PROTOCOL, SIGNATURE, SUCCESS, refuse
from chalicelib.accounts.rules.xml import name_of

_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_TRANSFORMS = {f"{SIGNATURE}enveloped-signature", _EXCLUSIVE}
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SIGNATURE_METHODS = frozenset(
    f"{_MORE}{kind}-sha{bits}" for kind in ("rsa", "ecdsa") for bits in (256, 384, 512)
)
DIGEST_METHODS = frozenset(
    {
        "http://www.w3.org/2001/04/xmlenc#sha256",
        f"{_MORE}sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    }
)


def check_signed(root: Element) -> Element:
    """The one assertion of an answer, if its own signature covers it, and it alone.

    With this every way to wrap a signed assertion in one of one's own is closed: whoever reads
    "the assertion" can only read the signed one. Raises Refused.
    """
    if root.tag != f"{{{PROTOCOL}}}Response":
        refuse("saml_invalid", "The document is no SAML response.")
    _check_status(root)
    everywhere = [e for e in root.iter() if name_of(e) in {"Assertion", "EncryptedAssertion"}]
    if any(name_of(e) == "EncryptedAssertion" for e in everywhere):
        refuse("saml_encrypted", "The assertion is encrypted, and we have given nobody a key.")
    if len(everywhere) != 1 or root.findall(f"{{{ASSERTION}}}Assertion") != everywhere:
        refuse("saml_wrapped", "The response has not exactly one assertion, in its place.")
    _check_ids(root)
    assertion = everywhere[0]
    signatures = [e for e in root.iter() if name_of(e) == "Signature"]
    own = assertion.findall(f"{{{SIGNATURE}}}Signature")
    if not own:
        refuse("saml_unsigned", "The assertion is not signed.")
    if len(own) > 1 or any(
        s not in own and s not in root.findall(f"{{{SIGNATURE}}}Signature") for s in signatures
    ):
        refuse("saml_wrapped", "A signature stands where none belongs.")
    if len(signatures) > 2:  # the assertion's and the response's
        refuse("saml_wrapped", "There are more signatures than things to sign.")
    for signature in signatures:
        _check_signature(signature, assertion if signature in own else root)
    return assertion


def _check_status(root: Element) -> None:
    code = root.find(f"{{{PROTOCOL}}}Status/{{{PROTOCOL}}}StatusCode")
    if code is None:
        refuse("saml_invalid", "The response has no status.")
    if code.get("Value") != SUCCESS:
        inner = code.find(f"{{{PROTOCOL}}}StatusCode")
        said = str((inner if inner is not None else code).get("Value", "")).rpartition(":")[2]
        said = re.sub(r"[^A-Za-z0-9]", "", said)[:60]
        refuse("saml_denied", f"The identity provider lets nobody in: {said or 'no reason given'}.")


def _check_ids(root: Element) -> None:
    seen: set[str] = set()
    for element in root.iter():
        for key, value in element.attrib.items():
            if key.rpartition("}")[2].lower() in {"id", "assertionid"}:
                if value in seen:
                    refuse("saml_wrapped", "Two elements have the same ID.")
                seen.add(value)


def _check_signature(signature: Element, signed: Element) -> None:
    if any(name_of(e) == "Object" for e in signature.iter()):
        refuse("saml_wrapped", "A signature carries an object.")
    infos = signature.findall(f"{{{SIGNATURE}}}SignedInfo")
    references = [e for e in signature.iter() if name_of(e) == "Reference"]
    if len(infos) != 1 or references != infos[0].findall(f"{{{SIGNATURE}}}Reference"):
        refuse("saml_wrapped", "A signature has a reference out of its place.")
    if len(references) != 1 or references[0].get("URI") != f"#{signed.get('ID')}":
        refuse("saml_wrapped", "A signature is about something else than what it stands in.")
    info, reference = infos[0], references[0]
    if _algorithm(info, "CanonicalizationMethod") != _EXCLUSIVE:
        refuse("saml_wrapped", "A signature is canonicalised in a way that is not accepted.")
    transforms = reference.findall(f"{{{SIGNATURE}}}Transforms/{{{SIGNATURE}}}Transform")
    if len(transforms) > 2 or any(t.get("Algorithm") not in _TRANSFORMS for t in transforms):
        refuse("saml_wrapped", "A signature transforms what it signs.")
    if (
        _algorithm(info, "SignatureMethod") not in SIGNATURE_METHODS
        or _algorithm(reference, "DigestMethod") not in DIGEST_METHODS
    ):
        refuse("saml_weak_algorithm", "A signature is made with SHA-1 or something older.")


def _algorithm(element: Element, name: str) -> str:
    found = element.findall(f"{{{SIGNATURE}}}{name}")
    return str(found[0].get("Algorithm", "")) if len(found) == 1 else ""
