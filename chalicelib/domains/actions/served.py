"""What a domain is served with, as it is shown and watched."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from chalicelib.core import clock
from chalicelib.ports import services


def described(host: str) -> dict[str, Any] | None:
    """The certificate of a host as it is kept in its row; None when there is none."""
    found = services().domains.certificate(host)
    if found is None:
        return None
    return {
        "status": found.status.lower(),
        "reason": found.reason,
        "issuer": found.issuer,
        "names": list(found.names) or [host],
        "starts_at": _iso(found.starts),
        "expires_at": _iso(found.expires),
        "renewal": found.renewal,
    }


def days_left(certificate: dict[str, Any] | None) -> int | None:
    """Whole days until a certificate ends, 0 once it has; None while there is no end."""
    if not certificate or not certificate.get("expires_at"):
        return None
    left = clock.ms(certificate["expires_at"]) - clock.now_ms()
    return max(0, left // (24 * 3600 * 1000))


def renewed(before: dict[str, Any] | None, now: dict[str, Any]) -> bool:
    """Whether another certificate is served now, which ends later."""
    return (now.get("expires_at") or "") > ((before or {}).get("expires_at") or "")


def _iso(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return clock.iso(int(aware.timestamp() * 1000))
