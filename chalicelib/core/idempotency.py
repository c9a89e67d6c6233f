"""`Idempotency-Key`: a POST that is sent again gets the answer of the first time.

The row holds a hash of the request and the answer. The row's name, the hash and the answer's
encryption key come from the Idempotency-Key, which is not stored: a copy of the table gives away
neither the answer (which may show a secret once) nor the key that asks for it, and nobody can try
out what stood in the request (which may have held a password).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DeleteError, PutError

from chalicelib.core import clock, crypto
from chalicelib.core.errors import Conflict, FieldError, Invalid
from chalicelib.core.table import CoreRow, find, lost_condition

KEEP_SECONDS = 24 * 3600
LOCK_SECONDS = 60  # more than a request can last (29 s); then its process is gone
SHORTEST, LONGEST = 16, 200
MAX_ANSWER = 300_000  # an item holds 400 KB

Answer = tuple[int, Any, dict[str, str]]


class IdempotencyRow(CoreRow):
    """One key of one caller: `IDEM#actor#hash of the key` / `META`."""

    fingerprint = UnicodeAttribute()
    claim = UnicodeAttribute()
    locked_until = NumberAttribute()
    answer = BinaryAttribute(legacy_encoding=False, null=True)


def fingerprint(*parts: object) -> str:
    """A hash that is the same for the same request, whatever the spacing of its JSON."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def once(actor: str, key: str, request: str, work: Callable[[], Answer]) -> Answer:
    """Run `work` unless this actor's `key` was used; then give the kept answer.

    Raises Invalid `idempotency_mismatch` when the key was used for another request and Conflict
    `idempotency_in_progress` while the first request runs. A request that fails frees its key:
    it changed nothing, and may be tried again.
    """
    _check(key)
    request = crypto.derive(key.encode(), "clouddeck idempotency request", request.encode()).hex()
    row = IdempotencyRow(
        f"IDEM#{actor}#{sha256(key.encode()).hexdigest()}",
        "META",
        fingerprint=request,
        claim=secrets.token_hex(8),
        locked_until=clock.epoch(LOCK_SECONDS),
        ttl=clock.epoch(KEEP_SECONDS),
    )
    if not _claim(row):
        return _kept(row.pk, actor, key, request)
    try:
        answer = work()
    except BaseException:
        _release(row)
        raise
    plain = json.dumps(answer).encode()
    if len(plain) > MAX_ANSWER:
        _release(row)
        return answer
    row.answer = crypto.encrypt(_answer_key(actor, key), plain, row.pk.encode())
    try:
        row.save(condition=IdempotencyRow.claim == row.claim)
    except PutError as error:
        if not lost_condition(error):
            raise
    return answer


def _check(key: str) -> None:
    if SHORTEST <= len(key) <= LONGEST and key.isascii() and key.isprintable():
        return
    raise Invalid(
        "idempotency_key_invalid",
        f"An Idempotency-Key has {SHORTEST} to {LONGEST} printable ASCII characters.",
        hint="Send a new UUID for every new request, and the same one when you repeat it.",
        errors=(FieldError("/headers/Idempotency-Key", "wrong length or characters"),),
    )


def _claim(row: IdempotencyRow) -> bool:
    now = clock.epoch()
    known = IdempotencyRow
    try:
        row.save(
            condition=known.pk.does_not_exist()
            | (known.ttl < now)
            | (known.answer.does_not_exist() & (known.locked_until < now))
        )
    except PutError as error:
        if not lost_condition(error):
            raise
        kept = find(IdempotencyRow, row.pk)
        return kept is not None and kept.claim == row.claim  # the answer got lost, we asked again
    return True


def _kept(pk: str, actor: str, key: str, request: str) -> Answer:
    row = find(IdempotencyRow, pk)
    if row is not None and row.fingerprint != request:
        raise Invalid(
            "idempotency_mismatch",
            "This Idempotency-Key was used for another request.",
            hint="Send a new key for a new request.",
        )
    if row is None or row.answer is None:
        raise Conflict(
            "idempotency_in_progress",
            "The first request with this Idempotency-Key is still running.",
            hint="Repeat the request in a moment.",
            headers={"Retry-After": "1"},
        )
    kept = json.loads(crypto.decrypt(_answer_key(actor, key), row.answer, pk.encode()))
    return kept[0], kept[1], {**kept[2], "Idempotency-Replayed": "true"}


def _release(row: IdempotencyRow) -> None:
    try:
        row.delete(condition=IdempotencyRow.claim == row.claim)
    except DeleteError as error:
        if not lost_condition(error):
            raise


def _answer_key(actor: str, key: str) -> bytes:
    return crypto.derive(key.encode(), "clouddeck idempotency answer", actor.encode())
