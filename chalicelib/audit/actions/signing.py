"""A signature over the end of each log, once a day: who rewrites a whole log cannot rewrite that.

ES256 with the key that signs access tokens, over a text that no token can be.
"""

from __future__ import annotations

from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from chalicelib.audit import rows
from chalicelib.audit.rules.canonical import canonical
from chalicelib.audit.rules.chain import Signed
from chalicelib.audit.rules.entries import Place
from chalicelib.core import clock
from chalicelib.core.observe import logger
from chalicelib.ports import services

_AT_ONCE = 100


def sign_logs() -> dict[str, int]:
    """Sign every log that was not signed today; at most a hundred of each shard at a time."""
    today = clock.iso()[:10]
    count = {"signed": 0, "unsigned": 0}
    for team in list(rows.unsigned_since(today, _AT_ONCE)):
        try:
            count["signed"] += sign(team, today)
        except Exception:
            count["unsigned"] += 1
            logger().exception("a log is not signed", extra={"team": team})
    return count


def sign(team: str, date: str) -> bool:
    """Sign the end of a log, unless it was signed where it is, with the key of today."""
    end, last = rows.head(team), rows.last_signature(team)
    name, key = services().keys.signing_key()
    unchanged = last is not None and last.sequence == end.sequence and last.key == name
    if end.sequence and not unchanged and (last is None or last.date < date):
        row = rows.new_signature(end, team, date, last.date if last else "")
        row.key = name
        row.signature = b64encode(key.sign(_text(team, row), ec.ECDSA(SHA256()))).decode()
        rows.save_signature(row)
    rows.looked_at(team, date)
    return bool(end.sequence) and not unchanged


def checked(team: str) -> list[Signed]:
    """The signatures of a log, each held to its key."""
    keys = services().keys.verifying_keys()
    return [
        Signed(
            row.date,
            Place(int(row.sequence), str(row.hash)),
            int(row.at_ms),
            str(row.previous),
            _is_good(team, row, keys.get(row.key)),
        )
        for row in rows.signatures(team)
    ]


def _is_good(
    team: str, row: rows.SignatureRow, key: ec.EllipticCurvePublicKey | None
) -> bool | None:
    if key is None:
        return None
    try:
        key.verify(b64decode(row.signature), _text(team, row), ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _text(team: str, row: rows.SignatureRow) -> bytes:
    return b"clouddeck audit log\n" + canonical(
        {
            "team": team,
            "date": row.date,
            "sequence": int(row.sequence),
            "hash": str(row.hash),
            "at_ms": int(row.at_ms),
            "previous": str(row.previous),
        }
    )
