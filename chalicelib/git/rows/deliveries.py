"""Rows of deliveries: each push is taken once."""

from __future__ import annotations

import secrets

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import PutError

from chalicelib.core import clock, table

KEEP_SECONDS = 40 * 24 * 3600


class Delivery(table.EventRow):
    """A delivery that was taken; `claim` tells whoever recorded it that it was they."""

    received_at = UnicodeAttribute()
    claim = UnicodeAttribute(null=True)


def first_time(source: str, delivery: str) -> bool:
    """Record a delivery; False when it was recorded before."""
    row = Delivery(
        pk=f"DLV#{source}#{delivery}",
        sk="META",
        received_at=clock.iso(),
        claim=secrets.token_hex(8),
        ttl=clock.epoch(KEEP_SECONDS),
    )
    try:
        row.save(condition=Delivery.pk.does_not_exist())
    except PutError as error:
        if not table.lost_condition(error):
            raise
        known = table.find(Delivery, row.pk)
        return known is not None and known.claim == row.claim  # the answer got lost, we asked again
    return True


def forget(source: str, delivery: str) -> None:
    """Let a delivery be taken again."""
    Delivery(pk=f"DLV#{source}#{delivery}", sk="META").delete()
