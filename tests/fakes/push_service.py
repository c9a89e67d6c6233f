"""A push service and the browser behind it, which decrypts what it gets (RFC 8291)."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chalicelib.push.actions.encryption import decoded, encoded, public_bytes


def decrypt(body: bytes, key: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """The other half of the RFC, written on its own."""
    salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
    sender, sealed = body[21 : 21 + length], body[21 + length :]
    assert len(sealed) <= size
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
    own = public_bytes(key.public_key())

    def hkdf(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
        return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)

    shared = hkdf(key.exchange(ec.ECDH(), theirs), auth, b"WebPush: info\0" + own + sender, 32)
    content_key = hkdf(shared, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = hkdf(shared, salt, b"Content-Encoding: nonce\0", 12)
    plain = AESGCM(content_key).decrypt(nonce, sealed, None).rstrip(b"\0")
    assert plain[-1] == 2, "the last record ends with 2"
    return plain[:-1]


@dataclass
class Browser:
    """A subscription at the service below."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey
    auth: bytes

    def told(self) -> dict[str, Any]:
        """What `PushSubscription.toJSON()` has."""
        keys = {"p256dh": encoded(public_bytes(self.key.public_key())), "auth": encoded(self.auth)}
        return {"endpoint": self.endpoint, "keys": keys}


@dataclass
class PushService:
    """Takes messages; answers `statuses` in turn, then 201."""

    statuses: list[int] = field(default_factory=list)
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    browsers: dict[str, Browser] = field(default_factory=dict)

    def __post_init__(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.got.append((self.path, headers, body))
                status = outer.statuses.pop(0) if outer.statuses else 201
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def browser(self, name: str = "a") -> Browser:
        """A new subscription."""
        made = Browser(
            f"{self.url}/{name}", ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
        )
        self.browsers[f"/{name}"] = made
        return made

    def messages(self, key: str) -> list[dict[str, Any]]:
        """What arrived, decrypted, once the sender's proof was checked with the public `key`."""
        found = []
        for path, headers, body in self.got:
            scheme, _, rest = headers["authorization"].partition(" ")
            proof = dict(part.strip().split("=", 1) for part in rest.split(","))
            assert (scheme, proof["k"]) == ("vapid", key)
            public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(key))
            claims = jwt.decode(proof["t"], public, algorithms=["ES256"], audience=self.url)
            assert claims["sub"].startswith(("mailto:", "https://"))
            browser = self.browsers[path]
            content = json.loads(decrypt(body, browser.key, browser.auth))
            found.append({**content, "to": path, "urgency": headers["urgency"]})
        return found

    def close(self) -> None:
        """Stop."""
        self.server.shutdown()
        self.server.server_close()
