"""Rows of the keys that attestations were signed with: kept for ever, for so are attestations."""

from __future__ import annotations

from pynamodb.attributes import JSONAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError

from chalicelib.core import clock, table

_PARTITION = "INSTALLATION"
_PREFIX = "ATTESTKEY#"


class KeyRow(table.CoreRow):
    """A public key (RFC 7517): `INSTALLATION` / `ATTESTKEY#<key id>`."""

    jwk = JSONAttribute()
    first_used_at = UnicodeAttribute()


def remember(jwk: dict[str, str]) -> None:
    """Keep the public half of a key before something is signed with it."""
    row = KeyRow(_PARTITION, f"{_PREFIX}{jwk['kid']}", jwk=jwk, first_used_at=clock.iso())
    try:
        row.save(condition=KeyRow.pk.does_not_exist())
    except PutError as error:
        if not table.lost_condition(error):
            raise


def all_keys() -> list[KeyRow]:
    """Every key that ever signed, in the order of their ids."""
    return list(table.below(KeyRow, _PARTITION, _PREFIX))
