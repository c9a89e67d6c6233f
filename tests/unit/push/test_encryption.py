"""Messages for browsers, held to the example of RFC 8291 and to a decryption of its own."""

from __future__ import annotations

import os

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.push.actions.encryption import (
    LONGEST,
    decoded,
    encoded,
    encrypt,
    public_bytes,
    public_key,
)
from chalicelib.push.actions.vapid import _ORDER, derive
from tests.fakes.push_service import decrypt

# RFC 8291, section 5 and appendix A
RECEIVER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
RECEIVER_PUBLIC = (
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
)
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6"
    "TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy"
    "4a-fN"
)
MESSAGE = b"When I grow up, I want to be a watermelon"


def key_of(text):
    return ec.derive_private_key(int.from_bytes(decoded(text), "big"), ec.SECP256R1())


def test_the_example_of_the_rfc():
    made = encrypt(
        MESSAGE,
        decoded(RECEIVER_PUBLIC),
        decoded(AUTH),
        salt=decoded(SALT),
        key=key_of(SENDER),
    )
    assert encoded(made) == BODY
    assert decrypt(decoded(BODY), key_of(RECEIVER), decoded(AUTH)) == MESSAGE


@given(st.binary(max_size=LONGEST))
def test_what_is_encrypted_can_be_read_by_the_browser_alone(message):
    browser, auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
    body = encrypt(message, public_bytes(browser.public_key()), auth)
    assert len(body) <= 4096
    assert decrypt(body, browser, auth) == message
    with pytest.raises(InvalidTag):
        decrypt(body, browser, os.urandom(16))


def test_every_message_has_its_own_key_and_salt():
    browser, auth = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
    made = {encrypt(b"same", public_bytes(browser.public_key()), auth) for _ in range(20)}
    assert len({body[:16] for body in made}) == len({body[21:86] for body in made}) == 20


def test_what_is_too_long():
    with pytest.raises(ValueError, match="3993"):
        encrypt(b"x" * (LONGEST + 1), decoded(RECEIVER_PUBLIC), decoded(AUTH))


@pytest.mark.parametrize(
    "point",
    [b"", b"\x04" * 64, b"\x04" * 65, b"\x02" + b"\x01" * 32, b"\x04" + b"\0" * 64],
)
def test_what_is_no_key(point):
    with pytest.raises(ValueError):
        public_key(point)


@pytest.mark.parametrize("text", ["a b", "a+b/", "é", "\n", "AAAAA"])
def test_what_is_no_base64(text):
    with pytest.raises(ValueError):
        decoded(text)


def test_the_installations_key_is_the_same_every_time():
    first, second = derive(b"a" * 32), derive(b"b" * 32)
    assert public_bytes(first.public_key()) == public_bytes(derive(b"a" * 32).public_key())
    assert public_bytes(first.public_key()) != public_bytes(second.public_key())
    assert 0 < first.private_numbers().private_value < _ORDER
