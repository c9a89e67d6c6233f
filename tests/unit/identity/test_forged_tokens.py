"""A hundred and more forged access tokens: each is refused with its code, and none costs a read."""

from __future__ import annotations

import base64
import dataclasses
import hmac
import json

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


MALFORMED, EXPIRED, INVALID = "token_malformed", "token_expired", "token_invalid"
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def code_of(name: str) -> str:
    """The code that a forgery of this name gets: nearly all are simply not ours."""
    if name in {"expired", "expiry negative", "expiry true"}:
        return EXPIRED  # signed by us, and over
    return MALFORMED if name.startswith(UNREADABLE) else INVALID


UNREADABLE = (
    "alg 'none' unsigned", "alg 'None' unsigned", "alg 'NONE' unsigned", "alg 'nOnE' unsigned",
    "alg '' unsigned", "duplicate", "payload is", "no signature", "no header", "no payload",
    "two parts", "one part", "four parts", "five parts", "seven parts", "white space", "tab",
    "line break", "padding", "other alphabet", "unicode", "other spelling", "JSON", "JWE", "JWS",
    "dots", "header is", "header not a number", "claim infinite", "claim not a number",
    "header too deep", "an empty text", "a refresh token", "NUL", "header with NUL",
)  # fmt: skip
"""Beginnings of the names of what is not even a token."""


def forged(services) -> dict[str, str]:
    _, key = services.keys.signing_key()
    other = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    jwk = jwt.algorithms.ECAlgorithm.to_jwk(public).encode()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    good = signed(key, dump(header()), dump(claims()))
    h, p, s = good.split(".")
    found: dict[str, str] = {}
    for name in ("none", "None", "NONE", "nOnE", ""):
        text = f"{b64(dump(header(alg=name)))}.{p}"
        found[f"alg {name!r} unsigned"] = text + "."
        found[f"alg {name!r} with signature"] = f"{text}.{s}"
    for algorithm in ("HS256", "HS384", "HS512"):
        for kind, secret in (("pem", pem), ("der", der), ("jwk", jwk), ("empty", b"")):
            text = f"{b64(dump(header(alg=algorithm)))}.{p}"
            mac = hmac.new(secret, text.encode(), f"sha{algorithm[2:]}").digest()
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
        "address": "https://evil.example/key",
        "template": "${jndi:ldap://evil.example/a}",
        "object name": "__class__",
        "with a dot": "k1.",
        "with a space": "k1 ",
        "true": True,
    }
    for name, kid in kids.items():
        found[f"kid {name}"] = signed(other, dump(header(kid=kid)), dump(claims()))
    extra = {
        "jku": "https://evil.example/keys",
        "x5u": "https://evil.example/cert",
        "jwk": json.loads(jwt.algorithms.ECAlgorithm.to_jwk(other.public_key())),
        "x5c": [b64(der)],
        "x5t": b64(bytes(20)),
        "x5t#S256": b64(bytes(32)),
        "epk": {"kty": "EC"},
        "p2c": 10**9,
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
    for name, typ in (
        ("JWT", "JWT"),
        ("refresh", "rt+jwt"),
        ("none", None),
        ("case", "AT+JWT"),
        ("media", "application/at+jwt"),
        ("list", ["at+jwt"]),
        ("space", "at+jwt "),
    ):
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
        "expiry negative": {"exp": -(2**62)},
        "expiry huge": {"exp": 2**62},
        "expiry beyond a day": {"exp": now + 24 * 3600 + 60},
        "expiry fraction": {"exp": now + 60.5},
        "expiry number as text": {"exp": str(now + 60)},
        "expiry list": {"exp": [now + 60]},
        "expiry true": {"exp": True},
        "made as text": {"iat": str(now)},
        "made never": {"iat": None},
        "made before it all": {"iat": -1},
        "issuer with a slash": {"iss": settings().api_url + "/"},
        "issuer in capitals": {"iss": settings().api_url.upper()},
        "audience in capitals": {"aud": "CLOUDDECK-API"},
        "audience list of one": {"aud": ["clouddeck-api"]},
        "audience empty": {"aud": ""},
        "not yet as text": {"nbf": "tomorrow"},
        "subject is a session": {"sub": SESSION},
        "subject is a team": {"sub": ids.new("team")},
        "subject is a key": {"sub": ids.new("key")},
        "subject with a space": {"sub": USER + " "},
        "subject in capitals": {"sub": USER.upper()},
        "session is a user": {"sid": USER},
        "session empty": {"sid": ""},
        "token id number": {"jti": 7},
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
    found["duplicate header"] = signed(
        key, dump(header())[:-1] + b', "alg": "ES256"}', dump(claims())
    )
    found["duplicate key id"] = signed(key, dump(header())[:-1] + b', "kid": "k1"}', dump(claims()))
    found["payload is a list"] = signed(key, dump(header()), b"[]")
    found["payload is not JSON"] = signed(key, dump(header()), b"hello")
    found["payload is no UTF-8"] = signed(key, dump(header()), b"\xff\xfe{}")
    found["payload is a token"] = signed(key, dump(header(cty="JWT")), good.encode())
    found["payload is deep"] = signed(key, dump(header()), b'{"a":' * 500 + b"1" + b"}" * 500)
    found["header is a list"] = signed(key, b'["ES256"]', dump(claims()))
    found["header is null"] = signed(key, b"null", dump(claims()))
    found["header with NUL"] = signed(key, b'{"alg":"ES256\\u0000"}', dump(claims()))
    found["header empty"] = signed(key, b"{}", dump(claims()))
    for name, number in (("infinite", b"1e999"), ("not a number", b"NaN")):
        body = dump(claims())[:-1] + b', "x": ' + number + b"}"
        found[f"claim {name}"] = signed(key, dump(header()), body)
    found["other key"] = signed(other, dump(header()), dump(claims()))
    n = P256_ORDER
    signatures = {
        "of zeros": bytes(64),
        "with r = 0": bytes(32) + unb64(s)[32:],
        "with s = 0": unb64(s)[:32] + bytes(32),
        "with r = order": n.to_bytes(32, "big") + unb64(s)[32:],
        "with s = order": unb64(s)[:32] + n.to_bytes(32, "big"),
        "of ones": b"\xff" * 64,
        "halves exchanged": unb64(s)[32:] + unb64(s)[:32],
        "cut off": unb64(s)[:63],
        "half": unb64(s)[:32],
        "one byte longer": unb64(s) + b"\0",
        "twice": unb64(s) * 2,
    }
    for name, raw in signatures.items():
        found[f"signature {name}"] = f"{h}.{p}.{b64(raw)}"
    found["DER signature"] = f"{h}.{p}.{b64(key.sign(f'{h}.{p}'.encode(), ec.ECDSA(SHA256())))}"
    found["signature of another token"] = (
        f"{h}.{p}." + signed(key, dump(header()), dump(claims(jti="other"))).rpartition(".")[2]
    )
    found["no signature"] = f"{h}.{p}."
    found["no header"] = f".{p}.{s}"
    found["no payload"] = f"{h}..{s}"
    found["one part"] = h
    found["two parts"] = f"{h}.{p}"
    found["four parts"] = f"{good}.{s}"
    found["five parts"] = f"{good}.{h}.{p}"
    found["seven parts"] = f"{good}.{good}."
    found["dots"] = ".."
    found["an empty text"] = ""
    found["changed payload"] = f"{h}.{b64(dump(claims(sub=ids.new('usr'))))}.{s}"
    found["changed header"] = f"{b64(dump(header())[:-1] + b' }')}.{p}.{s}"
    found["white space in front"] = f" {good}"
    found["white space inside"] = f"{h}. {p}.{s}"
    found["tab at the end"] = f"{good}\t"
    found["line break"] = f"{good}\n"
    found["line break inside"] = f"{h}\n.{p}.{s}"
    found["NUL at the end"] = f"{good}\0"
    found["padding of the header"] = f"{h}=.{p}.{s}"
    found["padding of the signature"] = f"{good}=="
    found["other alphabet"] = good.replace("-", "+").replace("_", "/") + "+"
    found["unicode"] = good[:-1] + "\u00e4"
    found["unicode dot"] = good.replace(".", "\u3002")
    found["other spelling of the signature"] = good[:-1] + respelled(good[-1])
    found["other spelling of the header"] = spelled_otherwise(key)
    found["JSON flattened"] = json.dumps({"protected": h, "payload": p, "signature": s})
    found["JSON general"] = json.dumps(
        {"payload": p, "signatures": [{"protected": h, "signature": s}]}
    )
    found["JWS with detached payload"] = f"{h}..{s}"
    found["JWS with payload as it is"] = f"{h}.{dump(claims()).decode()}.{s}"
    found["JWE shape"] = ".".join([b64(dump({"alg": "dir", "enc": "A256GCM"})), "", h, p, s])
    found["a refresh token"] = f"rt_{SESSION}.{'A' * 22}.{'A' * 43}"
    return found


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def respelled(last: str) -> str:
    """Another last character that stands for the same bytes: its unused bits differ."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return alphabet[alphabet.index(last) ^ 1]


def spelled_otherwise(key) -> str:
    """Signed as it stands, by the right key, with a header in a spelling that nobody makes."""
    head = dump(header())
    while len(head) % 3 == 0:
        head += b" "
    spelled = b64(head)[:-1] + respelled(b64(head)[-1])
    text = f"{spelled}.{b64(dump(claims()))}"
    r, s = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(SHA256())))
    return f"{text}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def test_the_same_made_well_is_read(services):
    _, key = services.keys.signing_key()
    found = tokens.read(signed(key, dump(header()), dump(claims())))
    assert (found.user, found.session) == (USER, SESSION)


def test_all_are_refused_with_their_code_and_without_a_read(services):
    cases = forged(services)
    assert len(cases) >= 60
    wrong: dict[str, str] = {}
    with database_calls() as calls:
        for name, token in cases.items():
            with pytest.raises(Unauthenticated) as refused:
                authenticate(token)
            if refused.value.code != code_of(name):
                wrong[name] = refused.value.code
            assert "invalid_token" in refused.value.headers["WWW-Authenticate"]
            assert not token or token not in refused.value.detail
    assert (wrong, calls) == ({}, [])


def test_all_are_401_at_the_door(services, api):
    for name, token in forged(services).items():
        answer = api.with_token(token).get("/v1/me")
        if name in TRIMMED:
            continue  # a header field has no white space at its ends
        assert answer.status == 401, name
        assert answer.code in {code_of(name), MALFORMED}, name


TRIMMED = {"white space in front", "tab at the end", "line break"}


def test_tokens_of_the_key_before_stay_good(services):
    old = tokens.issue(USER, SESSION)
    services.keys.rotate()
    new = tokens.issue(USER, SESSION)
    assert tokens.read(old) == tokens.read(new)
    assert jwt.get_unverified_header(old)["kid"] != jwt.get_unverified_header(new)["kid"]


def test_a_token_lives_a_day_and_not_a_second_longer(services, monkeypatch):
    _, key = services.keys.signing_key()
    now = clock.epoch()
    day = 24 * 3600
    almost = signed(key, dump(header()), dump(claims(iat=now - day + 1, exp=now + 1)))
    assert tokens.read(almost).user == USER
    over = signed(key, dump(header()), dump(claims(iat=now - day - 1, exp=now - 1)))
    with pytest.raises(Unauthenticated) as refused:
        tokens.read(over)
    assert refused.value.code == EXPIRED


@pytest.mark.parametrize(("wanted", "lives"), [(60, 60), (86_400, 86_400), (10**9, 86_400), (0, 1)])
def test_no_setting_makes_a_token_live_longer(services, monkeypatch, wanted, lives):
    monkeypatch.setattr(
        tokens, "settings", lambda: dataclasses.replace(settings(), access_token_seconds=wanted)
    )
    found = jwt.decode(tokens.issue(USER, SESSION), options={"verify_signature": False})
    assert found["exp"] - found["iat"] == lives
