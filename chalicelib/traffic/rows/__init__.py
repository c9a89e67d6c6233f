"""Rows of traffic: what sources counted by the minute, and the sums of hours."""

from chalicelib.traffic.rows.hours import hours, team_hours
from chalicelib.traffic.rows.minutes import between, minute
from chalicelib.traffic.rows.writing import write

__all__ = ["between", "hours", "minute", "team_hours", "write"]
