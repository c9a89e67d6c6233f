"""Signatures of SAML answers: missing, weak, moved, of somebody else; times and audiences."""

from __future__ import annotations

import copy
import secrets

import pytest
import xmlsec
from lxml import etree

import app  # noqa: F401  # registers every route
from tests.fakes.people import person
from tests.fakes.saml_idp import (
    NAMES,
    SAML,
    SAMLP,
    new_pair,
)
from tests.fakes.saml_team import Team

ASSERTION = f"{{{SAML}}}Assertion"


def test_unsigned(team):
    assert team.error(team.answer(says={"sign_assertion": False})) == "saml_unsigned"


def test_signed_as_a_whole_only(team):
    forged = team.answer(says={"sign_assertion": False, "sign_response": True})
    assert team.error(forged) == "saml_unsigned"


def test_wrong_certificate(team):
    assert team.error(team.answer(pair=new_pair())) == "saml_signature_invalid"


@pytest.mark.parametrize(
    "weak",
    [
        {"signature": xmlsec.Transform.RSA_SHA1},
        {"digest": xmlsec.Transform.SHA1},
    ],
    ids=["signature", "digest"],
)
def test_sha1(team, weak):
    try:
        forged = team.answer(says=weak)
    except xmlsec.Error:
        # the library that signs here refuses already: write what an older one would have written
        forged = team.answer(after=lambda document: _rename_algorithm(document, weak))
    assert team.error(forged) == "saml_weak_algorithm"


def _rename_algorithm(document, weak):
    name = "SignatureMethod" if "signature" in weak else "DigestMethod"
    kind = "rsa-sha1" if "signature" in weak else "sha1"
    document.find(f".//{{*}}{name}").set("Algorithm", f"http://www.w3.org/2000/09/xmldsig#{kind}")


def test_hmac_with_the_public_certificate_as_key(team):
    def confuse(document):
        method = document.find(".//{*}SignatureMethod")
        method.set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")

    assert team.error(team.answer(after=confuse)) == "saml_weak_algorithm"


def test_a_changed_address(team):
    def change(document):
        document.find(".//saml:NameID", NAMES).text = f"boss@{team.domain}"

    assert team.error(team.answer(after=change)) == "saml_signature_invalid"


def test_another_key_beside_the_signature(team):
    """The certificate inside an answer decides nothing."""
    other = new_pair()
    forged = team.answer(pair=other)
    assert other.der[:40].encode() in __import__("base64").b64decode(forged).replace(b"\n", b"")
    assert team.error(forged) == "saml_signature_invalid"


# --- wrapping: a signed assertion inside an answer about somebody else ---


def _evil(assertion):
    evil = copy.deepcopy(assertion)
    evil.set("ID", "_" + secrets.token_hex(16))
    evil.remove(evil.find("ds:Signature", NAMES))
    evil.find(".//saml:NameID", NAMES).text = "boss@example.com"
    return evil


def _beside_before(document):
    signed = document.find(ASSERTION)
    signed.addprevious(_evil(signed))


def _beside_after(document):
    signed = document.find(ASSERTION)
    signed.addnext(_evil(signed))


def _signed_inside_evil(document):
    signed = document.find(ASSERTION)
    evil = _evil(signed)
    document.replace(signed, evil)
    evil.append(signed)


def _signed_in_object(document):
    signed = document.find(ASSERTION)
    evil = _evil(signed)
    document.replace(signed, evil)
    signature = signed.find("ds:Signature", NAMES)
    evil.insert(1, signature)
    holder = etree.SubElement(signature, f"{{{NAMES['ds']}}}Object")
    holder.append(signed)


def _signed_in_extensions(document):
    signed = document.find(ASSERTION)
    evil = _evil(signed)
    document.replace(signed, evil)
    holder = etree.Element(f"{{{SAMLP}}}Extensions")
    holder.append(signed)
    document.insert(1, holder)


def _same_id(document):
    signed = document.find(ASSERTION)
    evil = _evil(signed)
    evil.set("ID", signed.get("ID"))
    document.replace(signed, evil)
    signature = signed.find("ds:Signature", NAMES)
    evil.insert(1, copy.deepcopy(signature))
    holder = etree.Element(f"{{{SAMLP}}}Extensions")
    holder.append(signed)
    document.insert(1, holder)


def _signature_of_another(document):
    signed = document.find(ASSERTION)
    evil = _evil(signed)
    evil.insert(1, copy.deepcopy(signed.find("ds:Signature", NAMES)))
    document.replace(signed, evil)


def _response_in_response(document):
    inner = copy.deepcopy(document)
    inner.set("ID", "_" + secrets.token_hex(16))
    signed = document.find(ASSERTION)
    document.replace(signed, _evil(signed))
    document.find(ASSERTION).append(inner)


def _two_references(document):
    info = document.find(".//ds:SignedInfo", NAMES)
    info.append(copy.deepcopy(info.find("ds:Reference", NAMES)))


def _whole_document(document):
    document.find(".//ds:Reference", NAMES).set("URI", "")


def _xslt(document):
    transform = document.find(".//ds:Transforms", NAMES)[0]
    transform.set("Algorithm", "http://www.w3.org/TR/1999/REC-xslt-19991116")


def _xpath(document):
    transform = document.find(".//ds:Transforms", NAMES)[0]
    transform.set("Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116")


def _other_namespace(document):
    signed = document.find(ASSERTION)
    evil = etree.fromstring(etree.tostring(_evil(signed)).replace(SAML.encode(), b"urn:other"))
    signed.addprevious(evil)


@pytest.mark.parametrize(
    "wrap",
    [
        _beside_before,
        _beside_after,
        _signed_inside_evil,
        _signed_in_object,
        _signed_in_extensions,
        _same_id,
        _signature_of_another,
        _response_in_response,
        _two_references,
        _whole_document,
        _xslt,
        _xpath,
        _other_namespace,
    ],
)
def test_signature_wrapping(team, wrap):
    assert team.error(team.answer(after=wrap)) == "saml_wrapped"


def test_an_encrypted_assertion(team):
    def hide(document):
        signed = document.find(ASSERTION)
        document.replace(signed, etree.Element(f"{{{SAML}}}EncryptedAssertion"))

    assert team.error(team.answer(after=hide)) == "saml_encrypted"


# --- whom, when and what for ---


@pytest.mark.parametrize(
    ("says", "code"),
    [
        ({"audience": "https://somebody.else"}, "saml_audience"),
        ({"recipient": "https://somebody.else/acs"}, "saml_recipient"),
        ({"recipient": ""}, "saml_recipient"),
        ({"in_response_to": "_another"}, "saml_unsolicited"),
        ({"issuer": "https://another.idp"}, "saml_issuer"),
        ({"not_on_or_after": -61}, "saml_expired"),
        ({"confirmed_until": -61}, "saml_expired"),
        ({"not_before": 75}, "saml_early"),
        ({"not_on_or_after": 2 * 86400}, "saml_invalid"),
        ({"status": "urn:oasis:names:tc:SAML:2.0:status:Requester"}, "saml_denied"),
    ],
)
def test_an_answer_that_is_not_ours(team, says, code):
    assert team.error(team.answer(says=says)) == code


@pytest.mark.parametrize("says", [{"not_before": 55}, {"not_on_or_after": -50}])
def test_clocks_may_be_a_minute_apart(team, says):
    assert "code" in team.send(team.answer(says=says))


def test_another_teams_audience(team, names):
    """What one team's provider asserts is good for that team, though all send to one address."""
    other = Team(team.api, person(team.api), team.idp, names)
    stolen = other.answer(says={"in_response_to": team.attempt.question.id})
    assert team.error(stolen) == "saml_audience"


@pytest.mark.parametrize(
    ("path", "attribute"),
    [
        (".//saml:SubjectConfirmationData", "InResponseTo"),
        (".//saml:SubjectConfirmationData", "Recipient"),
        (".//saml:SubjectConfirmationData", "NotOnOrAfter"),
        (".//saml:Conditions", "NotOnOrAfter"),
    ],
)
def test_what_is_left_out_counts_as_wrong(team, path, attribute):
    def leave_out(document):
        del document.find(path, NAMES).attrib[attribute]

    codes = {"InResponseTo": "saml_unsolicited", "Recipient": "saml_recipient"}
    assert team.error(team.answer(before=leave_out)) == codes.get(attribute, "saml_invalid")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("AudienceRestriction", "saml_audience"),
        ("Conditions", "saml_invalid"),
        ("Subject", "saml_invalid"),
        ("AuthnStatement", "saml_invalid"),
        ("SubjectConfirmation", "saml_invalid"),
        ("NameID", "saml_invalid"),
    ],
)
def test_an_element_that_is_left_out(team, name, code):
    def leave_out(document):
        found = document.find(f".//{{*}}{name}")
        found.getparent().remove(found)

    assert team.error(team.answer(before=leave_out)) == code
