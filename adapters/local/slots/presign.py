"""Checks the signature of a presigned object-store URL, so that a build cannot make up its own."""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

from adapters.local.slots.egress_rules import Forward

CLOCK_SKEW = timedelta(minutes=15)
LONGEST = 7 * 24 * 3600


def fault(
    method: str,
    decision: Forward,
    headers: dict[str, str],
    keys: tuple[str, str],
    now: datetime | None = None,
) -> str:
    """What is wrong with a presigned request, or an empty text.

    `keys` is (key id, secret); `headers` have lower-case names; the Host that was signed is the
    one in `decision`.
    """
    path, _, raw = decision.path.partition("?")
    query = {unquote(n): unquote(v) for n, _, v in (p.partition("=") for p in raw.split("&"))}
    late = _lateness(query, now or datetime.now(UTC))
    if late:
        return late
    key_id, _, scope = query.get("X-Amz-Credential", "").partition("/")
    if not hmac.compare_digest(key_id.encode(), keys[0].encode()):
        return "the address is signed by a key that is not known"
    signed = query.get("X-Amz-SignedHeaders", "").split(";")
    if "host" not in signed:
        return "the address does not sign its host"
    seen = {**headers, "host": decision.authority}
    canonical = "\n".join(
        [
            method,
            path,
            "&".join(
                f"{quote(n, safe='-_.~')}={quote(v, safe='-_.~')}"
                for n, v in sorted(query.items())
                if n != "X-Amz-Signature"
            ),
            *(f"{name}:{' '.join(seen.get(name, '').split())}" for name in signed),
            "",
            ";".join(signed),
            query.get("X-Amz-Content-Sha256", "") or _payload(signed, headers),
        ]
    )
    expected = _signature(keys[1], scope, query["X-Amz-Date"], canonical)
    if not hmac.compare_digest(expected, query.get("X-Amz-Signature", "").encode()):
        return "the signature of the address is not right"
    return ""


def _payload(signed: list[str], headers: dict[str, str]) -> str:
    name = "x-amz-content-sha256"
    return headers.get(name, "") if name in signed else "UNSIGNED-PAYLOAD"


def _lateness(query: dict[str, str], now: datetime) -> str:
    date, seconds = query.get("X-Amz-Date", ""), query.get("X-Amz-Expires", "")
    if not re.fullmatch(r"\d{8}T\d{6}Z", date) or not re.fullmatch(r"\d{1,6}", seconds):
        return "the address has no date or no expiry"
    try:
        made = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return "the address has no date or no expiry"
    if made > now + CLOCK_SKEW or int(seconds) > LONGEST:
        return "the address is from the future"
    if now > made + timedelta(seconds=int(seconds)):
        return "the address has expired"
    return ""


def _signature(secret: str, scope: str, date: str, canonical: str) -> bytes:
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", date, scope, digest])
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest().encode()
