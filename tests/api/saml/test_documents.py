"""SAML answers as documents: programs, entities, comments, sizes, and what is no answer."""

from __future__ import annotations

import pytest
from lxml import etree

import app  # noqa: F401  # registers every route
from tests.fakes.saml_idp import (
    NAMES,
    SAML,
    SAMLP,
    packed,
)
from tests.fakes.sso import post_answer

ASSERTION = f"{{{SAML}}}Assertion"


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]><r>&j;</r>"
)
XXE = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>'


def _with_doctype(team, declared, used):
    text = etree.tostring(team.idp.document(team.attempt.question, team.says)).decode()
    return f"<!DOCTYPE r [{declared}]>" + text.replace(team.says.email, used, 1)


@pytest.mark.parametrize("document", [BOMB, XXE], ids=["billion-laughs", "xxe"])
def test_documents_that_are_programs(team, document):
    assert team.error(packed(document)) == "saml_xml_refused"


def test_an_entity_in_an_answer(team):
    document = _with_doctype(team, '<!ENTITY who "boss@example.com">', "&who;")
    assert team.error(packed(document)) == "saml_xml_refused"


def test_an_external_document_type(team):
    text = etree.tostring(team.idp.document(team.attempt.question, team.says)).decode()
    document = '<!DOCTYPE r SYSTEM "https://evil.test/x.dtd">' + text
    assert team.error(packed(document)) == "saml_xml_refused"


def test_a_comment_in_the_name(team):
    """`boss@corp.com<!-- -->.evil.com` is signed as one name and read by some as another."""

    def comment(document):
        name = document.find(".//saml:NameID", NAMES)
        name.text = f"boss@{team.domain}"
        name.append(etree.Comment("x"))
        name[0].tail = ".evil.com"

    assert team.error(team.answer(before=comment)) == "saml_xml_refused"


def test_a_comment_that_is_put_in_later(team):
    def comment(document):
        name = document.find(".//saml:NameID", NAMES)
        whole = name.text
        name.text = whole[:4]
        name.append(etree.Comment("x"))
        name[0].tail = whole[4:]

    assert team.error(team.answer(after=comment)) == "saml_xml_refused"


def test_a_processing_instruction(team):
    def instruct(document):
        document.find(".//saml:NameID", NAMES).append(etree.PI("php", "x"))

    assert team.error(team.answer(before=instruct)) == "saml_xml_refused"


def test_an_answer_over_the_limit(team):
    def grow(document):
        document.find(".//saml:AuthnContextClassRef", NAMES).text = "x" * 256 * 1024

    assert team.error(team.answer(before=grow)) == "saml_xml_refused"


def test_a_form_far_over_the_limit(team):
    answer = post_answer(team.api, "A" * 400_000, team.attempt.query["RelayState"])
    assert (answer.status, answer.code) == (422, "invalid_request")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("%%%", "saml_invalid"),
        ("", "saml_xml_refused"),
        (packed("no xml"), "saml_xml_refused"),
        (packed("<a/>"), "saml_invalid"),
        (packed(f'<samlp:Response xmlns:samlp="{SAMLP}"/>'), "saml_invalid"),
        (packed("<a>" * 50 + "</a>" * 50), "saml_xml_refused"),
        (packed("<a>" + "<b/>" * 6000 + "</a>"), "saml_xml_refused"),
        (packed('<?xml version="1.0" encoding="utf-16"?><a/>'), "saml_xml_refused"),
        (packed("<a/>".encode("utf-16")), "saml_xml_refused"),
    ],
)
def test_what_is_no_answer_at_all(team, answer, code):
    assert team.error(answer) == code


def test_attributes_that_disagree(team):
    two = {"email": [f"a@{team.domain}", f"b@{team.domain}"]}
    assert team.error(team.answer(says={"attributes": two})) == "saml_invalid"
