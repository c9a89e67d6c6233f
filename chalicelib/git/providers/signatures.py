"""Webhooks are signed: each host in its own way, all of them with HMAC-SHA256 over raw bytes.

Secrets are compared in constant time, and every one of them, so that how long a refusal takes
tells nothing about which came close.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Iterable, Mapping
from hashlib import sha256

from chalicelib.core import clock
from chalicelib.git.providers import Forged

TOLERANCE_SECONDS = 300
"""How far the time in a signature may be from ours."""

_OURS = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


def hexadecimal(secret: str, body: bytes) -> str:
    """HMAC-SHA256 of a body, in hex."""
    return hmac.new(secret.encode(), body, sha256).hexdigest()


def check_hex(given: str, body: bytes, secrets: Iterable[str], prefix: str = "") -> None:
    """Check `<prefix><hex>` (GitHub, Bitbucket: `sha256=`; Gitea: none); raises Forged."""
    present(given)
    same(given, (prefix + hexadecimal(s, body) for s in secrets if s))


def check_token(given: str, secrets: Iterable[str]) -> None:
    """Check a secret that was sent as it is (GitLab); raises Forged."""
    present(given)
    same(given, (s for s in secrets if s))


def check_standard(headers: Mapping[str, str], body: bytes, secrets: Iterable[str]) -> None:
    """Check the format of Standard Webhooks (GitLab's signing token); raises Forged.

    `webhook-signature` holds `v1,<base64>`, several with spaces between; signed is
    `<id>.<timestamp>.<body>`, with the bytes that a secret `whsec_<base64>` stands for.
    """
    given = headers.get("webhook-signature", "")
    present(given)
    stamp = headers.get("webhook-timestamp", "")
    text = f"{headers.get('webhook-id', '')}.{stamp}.".encode() + body
    wanted = [
        "v1," + base64.b64encode(hmac.new(_key(s), text, sha256).digest()).decode()
        for s in secrets
        if s
    ]
    same_any(given.split(" ")[:10], wanted)
    _fresh(stamp)


def check_ours(given: str, body: bytes, secrets: Iterable[str]) -> None:
    """Check `t=<seconds since 1970>,v1=<hex>` over `<t>.<body>`; raises Forged."""
    present(given)
    parts = _OURS.fullmatch(given)
    if parts is None:
        raise Forged("signature_invalid", "The signature is not t=<seconds>,v1=<64 hex digits>.")
    signed = f"{parts[1]}.".encode() + body
    same(parts[2], (hexadecimal(s, signed) for s in secrets if s))
    _fresh(parts[1])


def present(given: str) -> None:
    """Raise Forged `signature_missing` unless there is something to compare."""
    if not given:
        raise Forged("signature_missing", "The webhook carries no signature.")


def same(given: str, wanted: Iterable[str]) -> None:
    """Raise Forged `signature_invalid` unless `given` is one of `wanted`."""
    same_any([given], wanted)


def same_any(given: list[str], wanted: Iterable[str]) -> None:
    """The same for a list, of which one has to be right."""
    found = False
    for right in wanted:
        for candidate in given:
            found |= hmac.compare_digest(candidate.encode(), right.encode())
    if not found:
        raise Forged("signature_invalid", "The signature does not belong to this body.")


def _fresh(stamp: str) -> None:
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        raise Forged("signature_invalid", "The signature names no time.")
    if abs(clock.epoch() - int(stamp)) > TOLERANCE_SECONDS:
        raise Forged("signature_expired", "The signature is not of these five minutes.")


def _key(secret: str) -> bytes:
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except (binascii.Error, ValueError):
            pass
    return secret.encode()
