"""Signatures, statements and bills of materials, held to those who read them elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.supply.rules import locks, provenance, sbom
from cli.attestation import NotSigned, open_envelope, read_keys, tree_digest
from cli.p256 import PublicKey
from tests.unit.supply.lock_cases import CASES

KEY = ec.generate_private_key(ec.SECP256R1())
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
MADE = provenance.Made(
    deployment="dpl_1",
    slug="site",
    project="prj_1",
    team="team_1",
    build="bld_1",
    builder="https://deck.example.com/builders/aws",
    version="1",
    source={"provider": "github", "commit": "a" * 40, "tag": ""},
    environment="production",
    trigger="push",
    trust="trusted",
    by="usr_1",
    settings={},
    steps=[{"name": "build", "stage": "build", "run": "npm run build"}],
    started_at="2026-01-01T00:00:00.000Z",
    finished_at=None,
)


def public(key=KEY) -> PublicKey:
    numbers = key.public_key().public_numbers()
    return PublicKey(numbers.x, numbers.y)


def pem(key=KEY) -> str:
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, kind).decode()


def envelope(statement=None, key=KEY, name="k1", **more):
    payload = provenance.dump(statement or provenance.statement(MADE, "ab" * 32))
    signature = key.sign(provenance.to_sign(payload), ec.ECDSA(SHA256()))
    return {**provenance.envelope(payload, name, signature), **more}


# RFC 6979, A.2.5: P-256, SHA-256, "sample" and "test"
UX = 0x60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6
UY = 0x7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299
VECTORS = [
    (
        b"sample",
        0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716,
        0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8,
    ),
    (
        b"test",
        0xF1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367,
        0x019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083,
    ),
]


@pytest.mark.parametrize(("message", "r", "s"), VECTORS)
def test_published_vectors(message, r, s):
    key = PublicKey(UX, UY)
    assert key.verifies(encode_dss_signature(r, s), message)
    assert not key.verifies(encode_dss_signature(r, s), message + b".")
    assert not key.verifies(encode_dss_signature(s, r), message)


@settings(deadline=None, max_examples=30)
@given(st.binary(max_size=200), st.integers(0, 10_000))
def test_a_signature_holds_and_no_changed_one_does(message, place):
    signature = KEY.sign(message, ec.ECDSA(SHA256()))
    assert public().verifies(signature, message)
    changed = bytearray(signature)
    changed[place % len(changed)] ^= 1 << (place % 8)
    assert not public().verifies(bytes(changed), message)


def test_numbers_out_of_range_are_refused():
    r, s = decode_dss_signature(KEY.sign(b"x", ec.ECDSA(SHA256())))
    for wrong in ((0, s), (r, 0), (N, s), (r, N), (r + N, s), (r, s + N), (0, 0)):
        assert not public().verifies(encode_dss_signature(*wrong), b"x")
    for raw in (b"", b"\x30\x00", b"\x30\x06\x02\x01\x80\x02\x01\x01", b"\x30" * 80):
        assert not public().verifies(raw, b"x")


def test_a_point_off_the_curve_is_no_key():
    for x, y in ((0, 0), (1, 1), (UX, UY + 1), (2**256, 5)):
        with pytest.raises(ValueError, match="no point"):
            PublicKey(x, y)


def test_keys_come_in_three_spellings():
    numbers = KEY.public_key().public_numbers()
    jwk = {
        "kty": "EC",
        "crv": "P-256",
        "kid": "k1",
        **{
            name: base64.urlsafe_b64encode(value.to_bytes(32, "big")).rstrip(b"=").decode()
            for name, value in (("x", numbers.x), ("y", numbers.y))
        },
    }
    assert read_keys(json.dumps(jwk)) == {"k1": public()}
    assert read_keys(json.dumps({"keys": [jwk]})) == {"k1": public()}
    assert read_keys(pem()) == {"": public()}
    for text in (
        "",
        "5",
        "[]x",
        '{"kty":"RSA"}',
        "-----BEGIN PUBLIC KEY-----\nAA==\n",
        '{"keys":[5]}',
    ):
        with pytest.raises(ValueError):
            read_keys(text)


def test_a_statement_is_read_back():
    signed = open_envelope(envelope(), {"k1": public()})
    assert (signed.subject, signed.tree) == ("site/dpl_1", "ab" * 32)
    assert signed.source == {"provider": "github", "commit": "a" * 40}
    assert signed.builder == MADE.builder
    assert open_envelope(envelope(), read_keys(pem())).key == "k1"


OTHER = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize(
    ("forged", "code"),
    [
        (lambda: envelope(key=OTHER), "signature_invalid"),
        (lambda: envelope(name="k2"), "key_unknown"),
        (lambda: envelope(signatures=[]), "key_unknown"),
        (lambda: envelope(payloadType="text/plain"), "signature_invalid"),
        (lambda: envelope(payload="!!"), "attestation_invalid"),
        (dict, "attestation_invalid"),
        (lambda: envelope(statement={"a": 1}), "attestation_invalid"),
        (
            lambda: envelope({**provenance.statement(MADE, "x"), "predicateType": "other"}),
            "attestation_invalid",
        ),
        (
            lambda: envelope({**provenance.statement(MADE, "x"), "subject": []}),
            "attestation_invalid",
        ),
    ],
)
def test_what_does_not_hold_is_refused(forged, code):
    with pytest.raises(NotSigned) as why:
        open_envelope(forged(), {"k1": public()})
    assert why.value.code == code
    assert why.value.message


def test_a_key_of_tokens_signs_no_statement_by_way_of_a_token():
    """What is signed here cannot be a token, nor the other way round."""
    assert provenance.to_sign(b"x").startswith(b"DSSEv1 28 application/vnd.in-toto+json 1 x")


@given(st.dictionaries(st.text(min_size=1, max_size=9), st.binary(max_size=5), max_size=9))
def test_both_sides_name_a_tree_alike(files):
    listed = [(path, hashlib.sha256(content).hexdigest()) for path, content in files.items()]
    if any(ord(c) < 32 or c == "\x7f" for path in files for c in path):
        with pytest.raises(NotSigned):
            tree_digest(listed)
        return
    try:
        ours = provenance.tree_digest(listed)
    except UnicodeEncodeError:  # a path that no file list may hold
        return
    assert tree_digest(reversed(listed)) == ours


@pytest.mark.parametrize(
    "forged",
    [
        [(f"a\n{'22' * 32}  b", "11" * 32)],
        [("b", f"{'11' * 32}  a\n{'22' * 32}")],
    ],
)
def test_one_file_never_passes_for_two(forged):
    two = [("a", "11" * 32), ("b", "22" * 32)]
    assert provenance.tree_digest(forged) == provenance.tree_digest(two)  # why paths are checked
    with pytest.raises(NotSigned) as refused:
        tree_digest(forged)
    assert refused.value.code == "files_invalid"


def test_the_digest_of_a_tree_is_what_sha256sum_says():
    listed = [("b.txt", "22" * 32), ("a/b.txt", "11" * 32)]
    text = f"{'11' * 32}  a/b.txt\n{'22' * 32}  b.txt\n"
    assert tree_digest(listed) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("case", CASES)
def test_a_bill_is_what_the_schema_of_cyclonedx_allows(case):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    name, text, packages, _, _ = CASES[case]
    bill = sbom.Bill({name: locks.read(name, text)}, ["something is missing"])
    subject = sbom.Subject("dpl_1", "site", "a" * 40, "2026-01-01T00:00:00.000Z", "0.1.0")
    raw = sbom.dump(sbom.document(subject, bill))
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(raw.decode()) is None
    document = json.loads(raw)
    back = sbom.components_of(document)
    assert {component.purl for component in back} == packages
    assert [(c.ecosystem, c.name, c.version) for c in back] == [
        (c.ecosystem, c.name, c.version) for _, c in sorted(bill.components.items())
    ]
    assert sbom.locks_of(document) == [name]
    assert sbom.gaps_of(document)[0] == "something is missing"
    assert sbom.dump(sbom.document(subject, bill)) == raw


def test_a_bill_without_gaps_is_complete():
    subject = sbom.Subject("dpl_1", "site", "", "2026-01-01T00:00:00.000Z", "0.1.0")
    name, text, *_ = CASES["npm 3"]
    bill = sbom.Bill({name: locks.read(name, text)})
    assert sbom.document(subject, bill)["compositions"][0]["aggregate"] == "complete"
    bill.gaps.append("x")
    assert sbom.document(subject, bill)["compositions"][0]["aggregate"] == "incomplete"
