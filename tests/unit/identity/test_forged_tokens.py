"""Sixty and more forged access tokens: every one is refused, and none of them costs a read."""

from __future__ import annotations

import base64
import hmac
import json
from hashlib import sha256

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chalicelib.core import clock, ids
from chalicelib.core.config import settings
from chalicelib.core.errors import Unauthenticated
from chalicelib.identity.actions import authenticate, tokens
from tests.fakes.counting import database_calls

USER, SESSION = ids.new("usr"), ids.new("ses")


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims(**other):
    now = clock.epoch()
    found = {
        "iss": settings().api_url,
        "aud": "clouddeck-api",
        "sub": USER,
        "sid": SESSION,
        "jti": "j",
        "iat": now,
        "exp": now + 60,
        **other,
    }
    return {name: value for name, value in found.items() if value is not None}


def header(**other):
    found = {"alg": "ES256", "typ": "at+jwt", "kid": "k1", **other}
    return {name: value for name, value in found.items() if value is not None}


def signed(key, head, body) -> str:
    """A token with exactly these texts, signed with ES256."""
    text = f"{b64(head)}.{b64(body)}"
    r, s = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(SHA256())))
    return f"{text}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def dump(content) -> bytes:
    return json.dumps(content).encode()


def forged(services) -> dict[str, str]:
    _, key = services.keys.signing_key()
    other = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    good = signed(key, dump(header()), dump(claims()))
    h, p, s = good.split(".")
    found: dict[str, str] = {}
    for name in ("none", "None", "NONE", "nOnE", ""):
        text = f"{b64(dump(header(alg=name)))}.{p}"
        found[f"alg {name!r} unsigned"] = text + "."
        found[f"alg {name!r} with signature"] = f"{text}.{s}"
    for algorithm in ("HS256", "HS384", "HS512"):
        for kind, secret in (("pem", pem), ("der", der), ("empty", b"")):
            text = f"{b64(dump(header(alg=algorithm)))}.{p}"
            mac = hmac.new(secret, text.encode(), sha256).digest()
            found[f"{algorithm} with public key as {kind}"] = f"{text}.{b64(mac)}"
    for algorithm in ("RS256", "ES384", "ES512", "ES256K", "EdDSA", "PS256"):
        found[f"alg {algorithm}"] = signed(key, dump(header(alg=algorithm)), dump(claims()))
    kids = {
        "path": "../../dev/null",
        "absolute": "/etc/hostname",
        "sql": "k1' UNION SELECT 'x",
        "command": "k1|whoami",
        "empty": "",
        "null": None,
        "list": ["k1"],
        "number": 1,
        "object": {"k1": 1},
        "unknown": "k9",
        "upper": "K1",
        "long": "k" * 3000,
    }
    for name, kid in kids.items():
        found[f"kid {name}"] = signed(other, dump(header(kid=kid)), dump(claims()))
    extra = {
        "jku": "https://evil.example/keys",
        "x5u": "https://evil.example/cert",
        "jwk": json.loads(jwt.algorithms.ECAlgorithm.to_jwk(other.public_key())),
        "x5c": [b64(der)],
        "crit": ["exp"],
        "b64": False,
        "zip": "DEF",
        "cty": "JWT",
        "enc": "A256GCM",
    }
    for name, value in extra.items():
        found[f"header {name}, own key"] = signed(
            other, dump(header(**{name: value})), dump(claims())
        )
        found[f"header {name}, right key"] = signed(
            key, dump(header(**{name: value})), dump(claims())
        )
    for name, typ in (("JWT", "JWT"), ("refresh", "rt+jwt"), ("none", None), ("case", "AT+JWT")):
        found[f"typ {name}"] = signed(key, dump(header(typ=typ)), dump(claims()))
    now = clock.epoch()
    wrong = {
        "other issuer": {"iss": "https://evil.example"},
        "no issuer": {"iss": None},
        "issuer list": {"iss": [settings().api_url]},
        "other audience": {"aud": "another-api"},
        "no audience": {"aud": None},
        "audience list": {"aud": ["clouddeck-api", "another-api"]},
        "no expiry": {"exp": None},
        "expired": {"exp": now - 1},
        "expiry text": {"exp": "never"},
        "expiry huge": {"exp": -(2**62)},
        "not yet": {"nbf": now + 3600},
        "issued later": {"iat": now + 3600},
        "no subject": {"sub": None},
        "subject number": {"sub": 5},
        "subject of another kind": {"sub": "prj_" + "0" * 26},
        "subject with key separator": {"sub": "usr_#" + "0" * 25},
        "no session": {"sid": None},
        "session list": {"sid": [SESSION]},
        "session injection": {"sid": "ses_x#META"},
        "no token id": {"jti": None},
    }
    for name, change in wrong.items():
        found[name] = signed(key, dump(header()), dump(claims(**change)))
    twice = dump(claims())[:-1] + b', "sub": "usr_00000000000000000000000000"}'
    found["duplicate claim"] = signed(key, dump(header()), twice)
    found["duplicate header"] = signed(key, dump(header())[:-1] + b', "alg": "ES256"}', twice)
    found["payload is a list"] = signed(key, dump(header()), b"[]")
    found["payload is not JSON"] = signed(key, dump(header()), b"hello")
    found["payload is a token"] = signed(key, dump(header(cty="JWT")), good.encode())
    found["other key"] = signed(other, dump(header()), dump(claims()))
    found["signature of zeros"] = f"{h}.{p}.{b64(bytes(64))}"
    found["DER signature"] = f"{h}.{p}.{b64(key.sign(f'{h}.{p}'.encode(), ec.ECDSA(SHA256())))}"
    found["no signature"] = f"{h}.{p}."
    found["two parts"] = f"{h}.{p}"
    found["five parts"] = f"{good}.{h}.{p}"
    found["changed payload"] = f"{h}.{b64(dump(claims(sub=ids.new('usr'))))}.{s}"
    found["white space"] = f" {good}"
    found["line break"] = f"{good}\n"
    found["padding"] = f"{h}=.{p}.{s}"
    found["other alphabet"] = good.replace("-", "+").replace("_", "/") + "+"
    found["unicode"] = good[:-1] + "ä"
    return found


def test_the_same_made_well_is_read(services):
    _, key = services.keys.signing_key()
    found = tokens.read(signed(key, dump(header()), dump(claims())))
    assert (found.user, found.session) == (USER, SESSION)


def test_all_are_refused_without_a_read(services):
    cases = forged(services)
    assert len(cases) >= 60
    with database_calls() as calls:
        for name, token in cases.items():
            with pytest.raises(Unauthenticated) as refused:
                authenticate(token)
            assert refused.value.code.startswith("token_"), name
    assert calls == []


def test_tokens_of_the_key_before_stay_good(services):
    old = tokens.issue(USER, SESSION)
    services.keys.rotate()
    new = tokens.issue(USER, SESSION)
    assert tokens.read(old) == tokens.read(new)
    assert jwt.get_unverified_header(old)["kid"] != jwt.get_unverified_header(new)["kid"]
