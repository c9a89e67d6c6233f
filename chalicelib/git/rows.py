"""Rows of deliveries: each push is taken once."""

from __future__ import annotations

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import PutError

from chalicelib.core import clock, table

KEEP_SECONDS = 40 * 24 * 3600


class Delivery(table.EventRow):
    """A delivery that was taken."""

    received_at = UnicodeAttribute()


def first_time(source: str, delivery: str) -> bool:
    """Record a delivery; False when it was recorded before."""
    row = Delivery(
        pk=f"DLV#{source}#{delivery}",
        sk="META",
        received_at=clock.iso(),
        ttl=clock.epoch(KEEP_SECONDS),
    )
    try:
        row.save(condition=Delivery.pk.does_not_exist())
    except PutError as error:
        if not table.lost_condition(error):
            raise
        return False
    return True
