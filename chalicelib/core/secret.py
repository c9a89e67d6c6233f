"""Secrets that all processes of an installation share, such as the key of paging cursors.

A secret is made by whoever needs it first and kept in the table `core`, wrapped by the keeper of
keys; a process reads and unwraps it once.
"""

from __future__ import annotations

import secrets

from pynamodb.attributes import BinaryAttribute
from pynamodb.exceptions import PutError

from chalicelib.core.crypto import KeyKeeper
from chalicelib.core.table import CoreRow, find, lost_condition


class SecretRow(CoreRow):
    """A wrapped secret: `SECRET#name` / `META`."""

    wrapped = BinaryAttribute(legacy_encoding=False)


def shared(name: str, keys: KeyKeeper) -> bytes:
    """The 32 bytes of a shared secret. Callers keep the result; it never changes."""
    key, context = f"SECRET#{name}", {"secret": name}
    row = find(SecretRow, key)
    if row is None:
        row = SecretRow(key, "META", wrapped=keys.wrap(secrets.token_bytes(32), context))
        try:
            row.save(condition=SecretRow.pk.does_not_exist())
        except PutError as error:
            if not lost_condition(error):
                raise
            row = find(SecretRow, key)
            if row is None:
                raise
    return keys.unwrap(row.wrapped, context)
