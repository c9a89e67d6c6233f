"""A signed answer that somebody changed, anyhow, names the same person or nobody."""

from __future__ import annotations

import base64
import time

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from chalicelib.accounts.actions import saml
from chalicelib.accounts.rows.sso import new_sso
from chalicelib.accounts.rules import saml as rules
from chalicelib.accounts.rules import xml
from tests.fakes.saml_idp import Question, SamlIdp, Says

EXPECTED = rules.Expected(
    "_question", "", "https://api.test/metadata", "https://api.test/v1/auth/saml/acs"
)
QUESTION = Question(EXPECTED.request, EXPECTED.audience, EXPECTED.recipient, "https://idp.test")
PIECES = (b"<!-- -->", b"<a/>", b"evil", b"&#101;", b" ", b"]]>", b"\x00", b'"', b"<![CDATA[x]]>")


class Made:
    """An answer, and what it is judged by."""

    def __init__(self) -> None:
        idp = SamlIdp()
        self.document = base64.b64decode(idp.answer(QUESTION, Says("eve@corp.com")))
        self.sso = new_sso("team_1", "saml", idp.entity, "viewer")
        self.sso.sso_url, self.sso.certificates = idp.sso_url, [idp.pair.der]
        self.expected = rules.Expected(
            EXPECTED.request, idp.entity, EXPECTED.audience, EXPECTED.recipient
        )
        self.now = int(time.time())

    def judge(self, document: bytes) -> rules.Asserted:
        """What `actions.saml` makes of an answer, without the database."""
        rules.check_assertion(rules.check_signed(xml.parse(document)), self.expected, self.now)
        verified = saml._verified(document, self.sso, self.expected)
        return rules.check_assertion(verified, self.expected, self.now)


@pytest.fixture(scope="module")
def made() -> Made:
    return Made()


def same_or_nobody(made: Made, document: bytes) -> None:
    try:
        found = made.judge(document)
    except (rules.Refused, xml.Refused):
        return
    assert found == made.judge(made.document)


def test_the_answer_itself_is_believed(made):
    assert made.judge(made.document).email == "eve@corp.com"


@tried(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 5000), byte=st.integers(0, 255))
def test_a_changed_byte(made, place, byte):
    document = bytearray(made.document)
    document[place % len(document)] = byte
    same_or_nobody(made, bytes(document))


@tried(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 5000), piece=st.sampled_from(PIECES))
@example(place=0, piece=b"\xef\xbb\xbf")
def test_a_piece_put_in(made, place, piece):
    at = place % len(made.document)
    same_or_nobody(made, made.document[:at] + piece + made.document[at:])


@tried(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(a=st.integers(0, 5000), b=st.integers(0, 5000), to=st.integers(0, 5000))
def test_a_part_moved_or_repeated(made, a, b, to):
    size = len(made.document)
    first, last = sorted((a % size, b % size))
    part, at = made.document[first:last], to % size
    same_or_nobody(made, made.document[:at] + part + made.document[at:])
    same_or_nobody(made, made.document[:first] + made.document[last:])
