"""An identity provider that speaks SAML 2.0: a question comes by redirect, the answer goes by form.

It signs with a key of its own, as real ones do; tests tell it whom to name and what to get wrong.
"""

from __future__ import annotations

import base64
import html
import secrets
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from lxml import etree

SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
DS = "http://www.w3.org/2000/09/xmldsig#"
NAMES = {"samlp": SAMLP, "saml": SAML, "ds": DS}
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"

Element = Any


@dataclass(frozen=True)
class Pair:
    """A key and its certificate, in PEM."""

    key: bytes
    certificate: bytes

    @property
    def der(self) -> str:
        """The certificate as metadata has it."""
        return "".join(self.certificate.decode().splitlines()[1:-1])


def new_pair(bits: int = 2048, *, curve: bool = False) -> Pair:
    """A new key (RSA, or on P-256) with a certificate that it signed itself."""
    key: Any = (
        ec.generate_private_key(ec.SECP256R1()) if curve else rsa.generate_private_key(65537, bits)
    )
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    return Pair(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        certificate.public_bytes(serialization.Encoding.PEM),
    )


@dataclass(frozen=True)
class Question:
    """What an AuthnRequest asks."""

    id: str
    issuer: str
    acs: str
    destination: str


def read_question(packed: str) -> Question:
    """The question in a redirect's `SAMLRequest`."""
    root = etree.fromstring(zlib.decompress(base64.b64decode(packed), -15))
    assert root.tag == f"{{{SAMLP}}}AuthnRequest"
    assert root.get("Version") == "2.0"
    return Question(
        root.get("ID"),
        root.findtext(f"{{{SAML}}}Issuer"),
        root.get("AssertionConsumerServiceURL"),
        root.get("Destination"),
    )


@dataclass(frozen=True)
class Says:
    """What an answer says; seconds are counted from now."""

    email: str
    subject: str = ""
    attributes: dict[str, list[str]] = field(default_factory=dict)
    issuer: str | None = None
    audience: str | None = None
    recipient: str | None = None
    in_response_to: str | None = None
    not_before: int = -5
    not_on_or_after: int = 300
    confirmed_until: int = 300
    context: str = PASSWORD
    status: str = SUCCESS
    assertion_id: str = ""
    sign_assertion: bool = True
    sign_response: bool = False
    signature: Any = xmlsec.Transform.RSA_SHA256
    digest: Any = xmlsec.Transform.SHA256


class SamlIdp:
    """An identity provider; `start` serves it, without that it only makes answers."""

    def __init__(self) -> None:
        self.pair = new_pair()
        self.entity = f"https://idp.test/{secrets.token_hex(4)}"
        self.sso_url = "https://idp.test/sso"
        self.says = Says("")
        self.asked: list[Question] = []

    def metadata(self, *pairs: Pair) -> str:
        """What this provider says of itself."""
        keys = "".join(
            f'<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>'
            f"{pair.der}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
            for pair in pairs or (self.pair,)
        )
        return (
            f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'
            f' xmlns:ds="{DS}" entityID="{self.entity}">'
            f'<md:IDPSSODescriptor protocolSupportEnumeration="{SAMLP}">{keys}'
            '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"'
            f' Location="{self.sso_url}/post"/>'
            '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"'
            f' Location="{self.sso_url}"/></md:IDPSSODescriptor></md:EntityDescriptor>'
        )

    def document(self, question: Question, says: Says | None = None) -> Element:
        """An answer that nobody has signed."""
        says = says or self.says
        issuer = says.issuer or self.entity
        asked = question.id if says.in_response_to is None else says.in_response_to
        recipient = question.acs if says.recipient is None else says.recipient
        audience = question.issuer if says.audience is None else says.audience
        attributes = "".join(
            f'<saml:Attribute Name="{name}">'
            + "".join(f"<saml:AttributeValue>{v}</saml:AttributeValue>" for v in values)
            + "</saml:Attribute>"
            for name, values in says.attributes.items()
        )
        now = _instant(0)
        text = (
            f'<samlp:Response xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" ID="{_new_id()}"'
            f' Version="2.0" IssueInstant="{now}" Destination="{question.acs}"'
            f' InResponseTo="{asked}"><saml:Issuer>{issuer}</saml:Issuer>'
            f'<samlp:Status><samlp:StatusCode Value="{says.status}"/></samlp:Status>'
            f'<saml:Assertion ID="{says.assertion_id or _new_id()}" Version="2.0"'
            f' IssueInstant="{now}"><saml:Issuer>{issuer}</saml:Issuer>'
            f'<saml:Subject><saml:NameID Format="{EMAIL}">{says.subject or says.email}'
            "</saml:NameID>"
            f'<saml:SubjectConfirmation Method="{BEARER}"><saml:SubjectConfirmationData'
            f' InResponseTo="{asked}" Recipient="{recipient}"'
            f' NotOnOrAfter="{_instant(says.confirmed_until)}"/></saml:SubjectConfirmation>'
            f'</saml:Subject><saml:Conditions NotBefore="{_instant(says.not_before)}"'
            f' NotOnOrAfter="{_instant(says.not_on_or_after)}"><saml:AudienceRestriction>'
            f"<saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
            f'<saml:AuthnStatement AuthnInstant="{now}"><saml:AuthnContext>'
            f"<saml:AuthnContextClassRef>{says.context}</saml:AuthnContextClassRef>"
            "</saml:AuthnContext></saml:AuthnStatement>"
            + (
                f"<saml:AttributeStatement>{attributes}</saml:AttributeStatement>"
                if attributes
                else ""
            )
            + "</saml:Assertion></samlp:Response>"
        )
        return etree.fromstring(text)

    def answer(
        self,
        question: Question,
        says: Says | None = None,
        *,
        pair: Pair | None = None,
        before: Callable[[Element], None] | None = None,
        after: Callable[[Element], Any] | None = None,
    ) -> str:
        """The form field `SAMLResponse`. `before` changes what is signed then, `after` what was."""
        says = says or self.says
        document = self.document(question, says)
        if before is not None:
            before(document)
        pair = pair or self.pair
        if says.sign_assertion:
            sign(document.find("saml:Assertion", NAMES), pair, says)
        if says.sign_response:
            sign(document, pair, says)
        document = etree.fromstring(etree.tostring(document))  # as whoever receives it has it
        changed = after(document) if after is not None else None
        return packed(document if changed is None else changed)

    def start(self) -> None:
        """Serve `/sso` on a port of this machine."""
        idp = self

        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = parse_qs(urlsplit(self.path).query)
                question = read_question(asked["SAMLRequest"][0])
                idp.asked.append(question)
                fields = {
                    "SAMLResponse": idp.answer(question),
                    "RelayState": asked["RelayState"][0],
                }
                inputs = "".join(
                    f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
                    for name, value in fields.items()
                )
                page = f'<form method="post" action="{html.escape(question.acs)}">{inputs}</form>'
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(page.encode())

            def log_message(self, *_: Any) -> None:
                """Stay quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self.sso_url = f"http://127.0.0.1:{self._server.server_port}/sso"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()

    def will_say(self, **what: Any) -> None:
        """What the page answers from now on."""
        self.says = replace(Says(""), **what)


def sign(element: Element, pair: Pair, says: Says) -> None:
    """Put a signature behind the issuer of an element, over the element."""
    node = xmlsec.template.create(element, xmlsec.Transform.EXCL_C14N, says.signature, ns="ds")
    element.insert(1, node)
    reference = xmlsec.template.add_reference(node, says.digest, uri=f"#{element.get('ID')}")
    xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
    xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
    xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(node))
    xmlsec.tree.add_ids(element, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(pair.key, xmlsec.KeyFormat.PEM)
    context.key.load_cert_from_memory(pair.certificate, xmlsec.KeyFormat.CERT_PEM)
    context.sign(node)


def packed(document: Element | bytes | str) -> str:
    """A document as a form carries it."""
    if not isinstance(document, bytes | str):
        document = etree.tostring(document)
    if isinstance(document, str):
        document = document.encode()
    return base64.b64encode(document).decode()


def _instant(seconds: int) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _new_id() -> str:
    return f"_{secrets.token_hex(16)}"
