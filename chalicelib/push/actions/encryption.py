"""Messages that only the browser can read: RFC 8291, which is RFC 8188 with a shared key.

A push service carries them and learns nothing but their length.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LONGEST = 3993
"""Bytes of a message: a record of 4,096 holds its header of 86, a delimiter and a tag of 16."""

_RECORD = 4096


def encrypt(
    message: bytes,
    p256dh: bytes,
    auth: bytes,
    *,
    salt: bytes | None = None,
    key: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """The body of a push message (`aes128gcm`) for a browser's public key and secret.

    `salt` and `key` are new for every message; only tests of the RFC's own example give them.
    Raises ValueError for a message that is too long and a key that is none.
    """
    if len(message) > LONGEST:
        raise ValueError(f"a push message has at most {LONGEST} bytes")
    salt, key = salt or secrets.token_bytes(16), key or ec.generate_private_key(ec.SECP256R1())
    sender, receiver = public_bytes(key.public_key()), public_key(p256dh)
    shared = key.exchange(ec.ECDH(), receiver)
    secret = _derive(shared, auth, b"WebPush: info\x00" + p256dh + sender, 32)
    content_key = _derive(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derive(secret, salt, b"Content-Encoding: nonce\x00", 12)
    sealed = AESGCM(content_key).encrypt(nonce, message + b"\x02", None)
    return salt + _RECORD.to_bytes(4, "big") + bytes([len(sender)]) + sender + sealed


def public_key(point: bytes) -> ec.EllipticCurvePublicKey:
    """A public key from its uncompressed point; raises ValueError when it is not on P-256."""
    if len(point) != 65 or point[0] != 4:
        raise ValueError("a key is an uncompressed point of 65 bytes")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)


def public_bytes(key: ec.EllipticCurvePublicKey) -> bytes:
    """The uncompressed point of a public key."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encoded(data: bytes) -> str:
    """Base64 for addresses, without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The reverse; raises ValueError."""
    if not text.isascii() or not all(c.isalnum() or c in "-_" for c in text.rstrip("=")):
        raise ValueError("not base64 for addresses")
    bare = text.rstrip("=")
    return urlsafe_b64decode(bare + "=" * (-len(bare) % 4))


def _derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)
