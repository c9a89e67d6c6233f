"""How each host signs: what a receiver is told, as the headers and body that arrive."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

PAYLOADS = Path(__file__).parent / "payloads"
SECRET = "whsec_" + base64.b64encode(b"thirty-two bytes of a shared key").decode()
KEY = b"thirty-two bytes of a shared key"  # what a `whsec_` secret stands for


def payloads(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text())
    return found


def _hex(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), body, sha256).hexdigest()


def github(body: bytes, secret: str, at: int) -> dict[str, str]:
    return {"X-Hub-Signature-256": f"sha256={_hex(body, secret)}"}


def bitbucket(body: bytes, secret: str, at: int) -> dict[str, str]:
    return {"X-Hub-Signature": f"sha256={_hex(body, secret)}"}


def gitea(body: bytes, secret: str, at: int) -> dict[str, str]:
    return {"X-Gitea-Signature": _hex(body, secret)}


def gitlab_token(body: bytes, secret: str, at: int) -> dict[str, str]:
    return {"X-Gitlab-Token": secret}


def gitlab_signed(body: bytes, secret: str, at: int) -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"msg_1.{at}.".encode() + body
    signature = base64.b64encode(hmac.new(key, text, sha256).digest()).decode()
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{signature}",
    }


def ours(body: bytes, secret: str, at: int) -> dict[str, str]:
    signature = hmac.new(secret.encode(), f"{at}.".encode() + body, sha256).hexdigest()
    return {"X-CloudDeck-Signature": f"t={at},v1={signature}"}


Sign = Callable[[bytes, str, int], dict[str, str]]


def signed(
    delivery: dict[str, Any], sign: Sign, secret: str = SECRET, at: int = 0
) -> tuple[dict[str, str], bytes]:
    """Headers (lower case) and raw body of a delivery."""
    body = json.dumps(delivery["body"], ensure_ascii=False).encode()
    headers = {**delivery["headers"], **sign(body, secret, at or int(time.time()))}
    return {name.lower(): value for name, value in headers.items()}, body
