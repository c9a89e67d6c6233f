"""Rows of git: deliveries that were taken, connected repositories, what hosts were told."""

from chalicelib.git.rows.deliveries import Delivery, first_time, forget

__all__ = ["Delivery", "first_time", "forget"]
