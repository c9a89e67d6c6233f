"""Certificates of people's own: checked, kept by the edge alone, spoken of before they end."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from chalicelib.core import clock
from chalicelib.domains.actions import looking
from chalicelib.edge.rules.domains import Certificate
from tests.fakes import pems
from tests.fakes.domains import HOST, add, check, row_of, served


def bring(owner, project, certificate, key, chain=""):
    body = {"certificate": certificate, "private_key": key, "chain": chain}
    return owner.client.put(f"/v1/projects/{project}/domains/{HOST}/certificate", body)


@pytest.fixture
def path(owner, project, names):
    served(owner, project, names)
    return f"/v1/projects/{project}/domains/{HOST}/certificate"


def test_one_is_brought_and_given_back(owner, project, path, services):
    certificate, key, chain = pems.pair(HOST)
    answer = bring(owner, project, certificate, key, chain)
    assert answer.status == 200, answer.text
    assert key.splitlines()[1] not in answer.text
    brought = services.domains.installed[HOST]
    assert (brought.leaf.decode(), brought.chain.decode()) == (certificate, chain)
    assert "PRIVATE KEY" not in repr(brought)
    check(owner, project)
    assert services.domains.placed[HOST][1].reference == f"own:{HOST}"
    assert owner.client.get(path).json()["source"] == "own"
    assert owner.client.delete(path).status == 204
    check(owner, project)
    assert services.domains.placed[HOST][1].reference == ""
    assert services.domains.discarded == [f"own:{HOST}"]
    assert owner.client.get(path).json()["source"] == "managed"


def test_the_chain_may_stand_in_the_same_file(owner, project, path, services):
    certificate, key, chain = pems.pair(HOST, "*.shop-one.com", key=pems.rsa_key())
    assert bring(owner, project, certificate + chain, key).status == 200
    assert services.domains.installed[HOST].chain.decode() == chain


def _unknown_key() -> str:
    """A certificate whose key is of a kind that does not exist: an algorithm's name is changed."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    text, _, _ = pems.pair(HOST, key=ed25519.Ed25519PrivateKey.generate())
    plain = x509.load_pem_x509_certificate(text.encode()).public_bytes(Encoding.DER)
    strange = base64.encodebytes(plain.replace(b"\x06\x03\x2b\x65\x70", b"\x06\x03\x2b\x65\x63"))
    return f"-----BEGIN CERTIFICATE-----\n{strange.decode()}-----END CERTIFICATE-----\n"


def wrong() -> dict[str, tuple[tuple[str, str, str], str]]:
    good, key, chain = pems.pair(HOST)
    _, other, _ = pems.pair(HOST)
    hidden = pems.private(ec.generate_private_key(ec.SECP256R1()), b"secret")
    strange = pems.private(ed25519.Ed25519PrivateKey.generate())
    return {
        "another key": ((good, other, chain), "does not belong"),
        "another host": (pems.pair("www.else.com"), "not for"),
        "a wildcard of another level": (pems.pair("*.www.shop-one.com"), "not for"),
        "no names": (pems.pair(), "is for nothing"),
        "ended": (pems.pair(HOST, days=-2), "ends on"),
        "ends tomorrow": (pems.pair(HOST, days=1), "ends on"),
        "begins tomorrow": (pems.pair(HOST, begins=2), "begins on"),
        "an authority": (pems.pair(HOST, ca=True), "authority"),
        "a short key": (pems.pair(HOST, key=pems.rsa_key(1024)), "bits"),
        "a strange curve": (
            pems.pair(HOST, key=ec.generate_private_key(ec.SECP521R1())),
            "P-256",
        ),
        "a passphrase": ((good, hidden, chain), "passphrase"),
        "a strange key": ((good, strange, chain), "does not belong"),
        "no certificate": (("hello", key, ""), "read as PEM"),
        "broken": (
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", key, ""),
            "PEM",
        ),
        "a key that nobody knows": ((_unknown_key(), key, chain), "cannot be read"),
        "no key": ((good, "hello", ""), "key cannot be read"),
        "the key in the certificate": ((good + key, key, ""), "private key"),
        "a chain of others": ((good, key, pems.pair(HOST)[0]), "out of order"),
        "a chain without end": ((good, key, chain * 6), "at most"),
    }


@pytest.mark.parametrize("kind", list(wrong()))
def test_what_does_not_fit_together(owner, project, path, services, kind):
    parts, says = wrong()[kind]
    answer = bring(owner, project, *parts)
    assert (answer.status, answer.code) == (422, "certificate_invalid"), answer.text
    assert says in answer.json()["detail"]
    assert not [line for line in parts[1].splitlines()[1:-1] if line in answer.text]
    assert services.domains.installed == {}


def test_none_before_the_proof(owner, project, names):
    add(owner, project)
    refused = bring(owner, project, *pems.pair(HOST))
    assert (refused.status, refused.code) == (409, "domain_not_proven")


def days(services, host, left):
    end = datetime.now(UTC) + timedelta(days=left, hours=1)
    services.domains.certificates[host] = Certificate("ISSUED", expires=end, names=(host,))


def test_the_team_hears_of_an_end_four_times(owner, project, path, services):
    bring(owner, project, *pems.pair(HOST))
    for left in (60, 45, 44, 30, 29, 14, 8, 7, 3, 0):
        days(services, HOST, left)
        looking.step(row_of(project))
        looking.step(row_of(project))
    told = [e["days_left"] for e in services.bus.of("domain.expiring")]
    assert told == [45, 30, 14, 7]
    assert [m.kind for m in services.mail.sent] == ["domain_expiring"] * 4
    assert "deck domains certificate" in services.mail.sent[0].text
    bring(owner, project, *pems.pair(HOST))
    days(services, HOST, 44)
    looking.step(row_of(project))
    assert len(services.mail.sent) == 5, "the next one has an end of its own"


def test_one_that_renews_itself_is_worth_a_word_when_that_is_overdue(
    owner,
    project,
    path,
    services,
):
    for left in (45, 31, 30, 14, 7):
        days(services, HOST, left)
        looking.step(row_of(project))
    assert [e["days_left"] for e in services.bus.of("domain.expiring")] == [30, 14, 7]
    days(services, HOST, 90)
    looking.step(row_of(project))
    days(services, HOST, 30)
    looking.step(row_of(project))
    assert len(services.bus.of("domain.expiring")) == 4


def test_a_key_is_nowhere(owner, project, path, services, database):
    certificate, key, chain = pems.pair(HOST)
    bring(owner, project, certificate, key, chain)
    secret = key.splitlines()[1]
    for table in ("core", "events", "usage"):
        assert secret not in repr(database.scan(TableName=f"test-{table}"))
    assert clock.ms(owner.client.get(path).json()["expires_at"]) > clock.now_ms()
