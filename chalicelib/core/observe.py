"""Structured logs: one JSON line per event (Powertools Logger)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger


@lru_cache(maxsize=1)
def logger() -> Logger:
    """The logger of this process."""
    from aws_lambda_powertools import Logger

    return Logger(service="clouddeck", log_uncaught_exceptions=False)


def printable(text: str) -> str:
    """A stranger's text, fit for one line of a log: what cannot be printed becomes a space."""
    return "".join(c if c.isprintable() else " " for c in text)
