"""One message to one browser, by way of a push service that a stranger named."""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any, Literal

from chalicelib.core import outbound
from chalicelib.push.actions import vapid
from chalicelib.push.actions.encryption import decoded, encoded, encrypt
from chalicelib.push.rows import Browser

Outcome = Literal["taken", "gone", "refused", "unreachable"]
"""`gone`: the subscription is over. `unreachable`: nobody answers, or not now."""

KEEP_SECONDS = 86_400
"""How long a push service keeps a message for a browser that is off."""

TRIES = 3
_PAUSES = (0.5, 2.0)
_LONGEST_PAUSE = 5.0
_GONE = {404, 410}


def send(
    browser: Browser, payload: dict[str, Any], *, urgent: bool = False, tries: int = TRIES
) -> Outcome:
    """Send a message, so many times at most. Raises nothing that a push service could bring about.

    Messages of one `tag` replace each other while the browser is off (RFC 8030, section 5.4).
    """
    body = encrypt(
        # not escaped: a character beyond the first 65,536 would take twelve bytes, not four
        json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace"),
        decoded(browser["p256dh"]),
        decoded(browser["auth"]),
    )
    topic = encoded(hashlib.sha256(str(payload.get("tag", "")).encode()).digest())[:32]
    headers = {
        "Authorization": vapid.authorization(browser["endpoint"]),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEEP_SECONDS),
        "Urgency": "high" if urgent else "normal",
        "Topic": topic,
    }
    for number in range(tries):
        outcome, pause = _post(browser["endpoint"], headers, body)
        if outcome != "unreachable" or number == tries - 1:
            return outcome
        time.sleep(max(pause, _PAUSES[number]))
    return "unreachable"


def _post(endpoint: str, headers: dict[str, str], body: bytes) -> tuple[Outcome, float]:
    """One try: how it ended, and how many seconds the service wants us to wait."""
    try:
        reply = outbound.request("POST", endpoint, headers=headers, body=body)
    except outbound.NotAllowed:
        return "refused", 0.0
    except outbound.OutOfReach:
        return "unreachable", 0.0
    if reply.status in _GONE:
        return "gone", 0.0
    if 200 <= reply.status < 300:
        return "taken", 0.0
    if reply.status == 429 or reply.status >= 500:
        asked = reply.headers.get("retry-after", "")
        seconds = float(asked) if asked.isdecimal() and len(asked) < 6 else 0.0
        return "unreachable", min(seconds, _LONGEST_PAUSE)
    return "refused", 0.0
