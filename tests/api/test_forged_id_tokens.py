"""ID tokens that a provider never signed like this: each is refused, whatever it says."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from adapters.local.idp.server import Idp
from chalicelib.accounts.actions import discovery
from chalicelib.accounts.actions.providers import configure
from chalicelib.core import config, outbound
from tests.fakes.wanderer import Wanderer

ADA = "ada@example.com"
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def idp(api, monkeypatch):
    """A provider whose ID tokens a test can put in place: `idp.forge`."""
    private = replace(config.settings(), private_outbound=True)
    monkeypatch.setattr(outbound, "settings", lambda: private)
    back = f"{config.settings().api_url}/v1/auth/callback"
    with Forger(redirects=(back,)) as running:
        configure("oidc", "clouddeck", running.clients["clouddeck"], running.url)
        configure(
            "microsoft", "clouddeck", running.clients["clouddeck"], f"{running.url}/common/v2.0"
        )
        from chalicelib.accounts.actions.settings import change_settings

        change_settings("open", None)
        yield running


class Forger(Idp):
    """Signs what a test wants."""

    forge = None

    def id_token(self, claims):
        return self.forge(self, claims) if self.forge else super().id_token(claims)


def arrive(api, provider="oidc"):
    return Wanderer.new(api).travel(f"/v1/auth/providers/{provider}/start", ADA)


def signed(idp, claims, key=None, algorithm="RS256", **header):
    headers = {"kid": "rs256-1", **header}
    return jwt.encode(claims, key or idp.keys.rsa, algorithm=algorithm, headers=headers)


def raw(header, claims, signature=b""):
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(p).rstrip(b"=").decode() for p in parts)


def public_pem(idp):
    return idp.keys.rsa.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def with_hmac_of_public_key(idp, claims):
    """The attack that treats a public key as a shared secret."""
    import hmac
    from hashlib import sha256

    body = raw({"alg": "HS256", "typ": "JWT", "kid": "rs256-1"}, claims).rstrip(".")
    mac = hmac.new(public_pem(idp), body.encode(), sha256).digest()
    return f"{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def with_own_jwk(idp, claims):
    numbers = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(STRANGER.public_key()))
    return signed(idp, claims, STRANGER, jwk=numbers)


def but(**changes):
    def forge(idp, claims):
        changed = {**claims, **changes}
        return signed(idp, {k: v for k, v in changed.items() if v is not None})

    return forge


FORGERIES = {
    "alg none": lambda i, c: raw({"alg": "none", "typ": "JWT"}, c),
    "alg None with kid": lambda i, c: raw({"alg": "None", "kid": "rs256-1"}, c),
    "no alg": lambda i, c: raw({"kid": "rs256-1"}, c),
    "HS256 with the public key": with_hmac_of_public_key,
    "HS256 with the client secret": lambda i, c: signed(
        i, c, i.clients["clouddeck"].ljust(64), "HS256"
    ),
    "PS256": lambda i, c: signed(i, c, algorithm="PS256"),
    "RS512": lambda i, c: signed(i, c, algorithm="RS512"),
    "a stranger's key": lambda i, c: signed(i, c, STRANGER),
    "a stranger's key in the header": with_own_jwk,
    "a key from an address": lambda i, c: signed(i, c, STRANGER, jku="https://evil.example/jwks"),
    "a key that nobody has": lambda i, c: signed(i, c, kid="unknown"),
    "a curve where RSA is named": lambda i, c: signed(
        i, c, ec.generate_private_key(ec.SECP256R1()), "ES256", kid="rs256-1"
    ),
    "RSA under the name of the curve": lambda i, c: signed(i, c, kid="es256-1"),
    "crit": lambda i, c: signed(i, c, crit=["exp"]),
    "an access token": lambda i, c: signed(i, c, typ="at+jwt"),
    "a logout token": lambda i, c: signed(i, c, typ="logout+jwt"),
    "another issuer": but(iss="https://evil.example"),
    "an issuer with a slash more": lambda i, c: signed(i, {**c, "iss": c["iss"] + "/"}),
    "another audience": but(aud="somebody-else"),
    "no audience": but(aud=None),
    "an empty audience": but(aud=[]),
    "two audiences and no party": but(aud=["clouddeck", "somebody-else"]),
    "two audiences and another party": but(aud=["clouddeck", "somebody-else"], azp="somebody-else"),
    "another party": but(azp="somebody-else"),
    "an empty party": but(azp=""),
    "a party that is no text": but(azp=["clouddeck"]),
    "expired": but(exp=int(time.time()) - 3600),
    "no expiry": but(exp=None),
    "not yet": but(nbf=int(time.time()) + 3600),
    "from the future": but(iat=int(time.time()) + 3600),
    "no time": but(iat=None),
    "another nonce": but(nonce="x" * 43),
    "no nonce": but(nonce=None),
    "a nonce that is no text": but(nonce=5),
    "no subject": but(sub=None),
    "no token": lambda i, c: None,
    "no text": lambda i, c: 5,
    "an empty text": lambda i, c: "",
    "no JWT": lambda i, c: "a.b.c",
    "five parts": lambda i, c: "a.b.c.d.e",
    "an enormous one": lambda i, c: signed(i, {**c, "x": "x" * 40_000}),
    "deeply nested": lambda i, c: raw({"alg": "RS256", "kid": "rs256-1"}, {}).replace(
        ".", "." + base64.urlsafe_b64encode(b"[" * 20_000).decode().rstrip("="), 1
    ),
    "a broken signature": lambda i, c: signed(i, c)[:-8] + "AAAAAAAA",
    "claims exchanged under a signature": lambda i, c: ".".join(
        (
            signed(i, c).split(".")[0],
            raw({}, {**c, "sub": "other"}).split(".")[1],
            signed(i, c).split(".")[2],
        )
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries(api, idp, name):
    idp.forge = FORGERIES[name]
    assert arrive(api) == {"error": "id_token_invalid"}


def test_what_is_only_unusual_is_good(api, idp):
    for forge in (
        but(aud=["clouddeck"]),
        but(aud=["clouddeck", "somebody-else"], azp="clouddeck"),
        but(azp="clouddeck"),
        but(iat=int(time.time()) + 30),
        but(exp=int(time.time()) - 30),
        but(email=None),
        lambda i, c: signed(i, c, typ="jwt"),
    ):
        idp.forge = forge
        assert "code" in arrive(api)


def test_a_replayed_id_token_of_another_sign_in(api, idp):
    kept = []

    def keep(_idp, claims):
        kept.append(signed(idp, claims))
        return kept[0]

    idp.forge = keep
    assert "code" in arrive(api)
    assert arrive(api) == {"error": "id_token_invalid"}
    assert len(kept) == 2


TENANT_FORGERIES = {
    "another tenant than the issuer's": but(tid="9188040d-6c67-4c5b-b112-36a304b66dad"),
    "a tenant that leads elsewhere": but(tid="../.."),
    "no tenant": but(tid=None),
    "the template itself": lambda i, c: signed(i, {**c, "iss": f"{i.url}/{{tenantid}}/v2.0"}),
}


@pytest.mark.parametrize("name", TENANT_FORGERIES)
def test_forgeries_with_tenants(api, idp, name):
    idp.forge = TENANT_FORGERIES[name]
    assert arrive(api, "microsoft") == {"error": "id_token_invalid"}


def test_microsofts_people_have_a_tenant_and_an_id(api, idp):
    idp.forge = but(oid=None)
    assert arrive(api, "microsoft") == {"error": "provider_invalid"}


def test_an_unknown_key_is_asked_for_once_more_and_no_oftener(api, idp, monkeypatch):
    asked = []
    real = discovery.fetch

    def fetch(connection, url, headers=None):
        asked.append(url.rpartition("/")[2])
        return real(connection, url, headers)

    monkeypatch.setattr(discovery, "fetch", fetch)
    assert "code" in arrive(api)
    idp.forge = FORGERIES["a key that nobody has"]
    assert "error" in arrive(api)
    assert asked.count("jwks") == 2
    idp.forge = None
    assert "code" in arrive(api)
    assert asked.count("jwks") == 2
    assert asked.count("openid-configuration") == 1


def test_a_key_may_be_unnamed_when_there_is_one_of_its_kind(api, idp):
    idp.forge = lambda i, c: jwt.encode(c, i.keys.rsa, algorithm="RS256")
    assert "code" in arrive(api)


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "file:///etc/passwd"},
        {"token_endpoint": "https://user:secret@example.com/"},
        {"jwks_uri": 5},
        {"userinfo_endpoint": "gopher://x"},
    ],
)
def test_discovery_that_cannot_be_believed(api, idp, monkeypatch, document):
    from adapters.local.idp import server
    from adapters.local.idp.exchange import Reply

    path = ("GET", "/.well-known/openid-configuration")
    real = server._ROUTES[path]

    def lie(provider, request):
        told = real(provider, request).body
        return Reply(200, {**told, **document} if document else document)

    monkeypatch.setitem(server._ROUTES, path, lie)
    answer = Wanderer.new(api).start("/v1/auth/providers/oidc/start")
    assert (answer.status, answer.code) == (400, "provider_invalid")


def test_userinfo_of_somebody_else(api, idp, monkeypatch):
    from adapters.local.idp import server
    from adapters.local.idp.exchange import Reply

    idp.tells_email = False
    told = {"sub": "another", "email": "victim@example.com", "email_verified": True}
    monkeypatch.setitem(server._ROUTES, ("GET", "/userinfo"), lambda *_: Reply(200, told))
    assert arrive(api) == {"error": "provider_invalid"}
