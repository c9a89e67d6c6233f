"""The Keys port on KMS: neither the wrapping key nor the signing key ever leaves it.

Aliases: `<prefix>-data` (symmetric), `<prefix>-signing` (ECC_NIST_P256, SIGN_VERIFY) and, during
a rotation, `<prefix>-signing-next`, which verifies before it signs, so that no process meets a
token whose key it has not heard of, and `<prefix>-signing-previous`, whose tokens are still good.
"""

from __future__ import annotations

import time
from base64 import urlsafe_b64encode
from functools import cached_property
from hashlib import sha256
from typing import Any, NoReturn

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from chalicelib.clouds.aws.session import client, code_of
from chalicelib.core.config import Settings

_REFRESH_SECONDS = 300  # how soon a warm process notices a rotation
_NOT_OURS = {"InvalidCiphertextException", "IncorrectKeyException"}
_ABSENT = {"NotFoundException"}
_UNTOLD = {"AccessDeniedException"}
"""What KMS may say of an alias without a key to somebody who has a right on certain keys only."""


class KmsKeys:
    """Wrapping with Encrypt and Decrypt, signing with Sign."""

    def __init__(self, settings: Settings) -> None:
        self._prefix = settings.prefix
        self._region = settings.region
        self._public: tuple[float, dict[str, KmsPrivateKey]] = (0.0, {})

    def wrap(self, plain: bytes, context: dict[str, str]) -> bytes:
        """Encrypt up to 4,096 bytes, bound to `context`."""
        answer = self._kms.encrypt(
            KeyId=self._alias("data"), Plaintext=plain, EncryptionContext=context
        )
        return bytes(answer["CiphertextBlob"])

    def unwrap(self, wrapped: bytes, context: dict[str, str]) -> bytes:
        """Decrypt; raises ValueError when the context or a byte differs."""
        try:
            answer = self._kms.decrypt(
                KeyId=self._alias("data"), CiphertextBlob=wrapped, EncryptionContext=context
            )
        except self._kms.exceptions.ClientError as error:
            if code_of(error) in _NOT_OURS:
                raise ValueError("not wrapped by this key, or for another context") from None
            raise
        return bytes(answer["Plaintext"])

    def signing_key(self) -> tuple[str, Any]:
        """(key id, a key whose `sign` calls KMS)."""
        keys = self._keys()
        newest = next(iter(keys))
        return newest, keys[newest]

    def verifying_keys(self) -> dict[str, Any]:
        """Public keys by key id; kept for five minutes."""
        return {name: key.public_key() for name, key in self._keys().items()}

    def _keys(self) -> dict[str, KmsPrivateKey]:
        read_at, keys = self._public
        if not keys or time.monotonic() - read_at > _REFRESH_SECONDS:
            keys = {}
            # the others are there during a rotation only, and then our roles may read them
            others = _ABSENT | _UNTOLD
            for alias in ("signing", "signing-next", "signing-previous"):
                key = self._key(self._alias(alias), _ABSENT if alias == "signing" else others)
                if key is not None:
                    keys.setdefault(key.thumbprint, key)
            if not keys:
                raise RuntimeError(f"KMS has no key {self._alias('signing')}")
            self._public = (time.monotonic(), keys)
        return keys

    def _key(self, alias: str, none: set[str]) -> KmsPrivateKey | None:
        try:
            answer = self._kms.get_public_key(KeyId=alias)
        except self._kms.exceptions.ClientError as error:
            if code_of(error) in none:
                return None
            raise
        return KmsPrivateKey(self._kms, answer["KeyId"], bytes(answer["PublicKey"]))

    def _alias(self, name: str) -> str:
        return f"alias/{self._prefix}-{name}"

    @cached_property
    def _kms(self) -> Any:
        return client("kms", self._region)


class KmsPrivateKey(ec.EllipticCurvePrivateKey):
    """A private key that stays in KMS: whatever signs with a P-256 key can sign with this one."""

    def __init__(self, kms: Any, key_id: str, public_der: bytes) -> None:
        public = load_der_public_key(public_der)
        if not isinstance(public, ec.EllipticCurvePublicKey) or public.curve.name != "secp256r1":
            raise RuntimeError(f"the KMS key {key_id} is not ECC_NIST_P256")
        self._kms = kms
        self._key_id = key_id
        self._public = public
        self.thumbprint = urlsafe_b64encode(sha256(public_der).digest()[:12]).decode()

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        """DER signature over SHA-256 of `data`, which is at most 4,096 bytes."""
        if getattr(signature_algorithm.algorithm, "name", "") != "sha256":
            raise ValueError("this key signs with SHA-256 only")
        answer = self._kms.sign(
            KeyId=self._key_id,
            Message=bytes(data),
            MessageType="RAW",
            SigningAlgorithm="ECDSA_SHA_256",
        )
        return bytes(answer["Signature"])

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The public half."""
        return self._public

    @property
    def curve(self) -> ec.EllipticCurve:
        """P-256."""
        return self._public.curve

    @property
    def key_size(self) -> int:
        """256."""
        return self._public.key_size

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> NoReturn:
        """Not what this key is for."""
        raise NotImplementedError("the key signs only")

    def private_numbers(self) -> NoReturn:
        """Nobody outside KMS has these."""
        raise NotImplementedError("the key does not leave KMS")

    def private_bytes(self, *_: object, **__: object) -> NoReturn:
        """Nobody outside KMS has these."""
        raise NotImplementedError("the key does not leave KMS")

    def __copy__(self) -> KmsPrivateKey:
        return self

    def __deepcopy__(self, memo: dict[Any, Any]) -> KmsPrivateKey:
        return self
