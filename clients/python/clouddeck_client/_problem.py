"""What the API refused, and why (RFC 9457)."""

from __future__ import annotations

import json
from typing import Any


class Problem(Exception):  # noqa: N818  # the term of RFC 9457
    """An error of the API; `code` is for programs, the text for people, `hint` says what to do."""

    def __init__(self, status: int, said: dict[str, Any]) -> None:
        super().__init__(str(said.get("detail") or f"The API answered {status}."))
        self.status = status
        self.code = str(said.get("code") or "")
        self.hint = str(said.get("hint") or "")
        self.errors: list[dict[str, str]] = list(said.get("errors") or ())
        self.request_id = str(said.get("request_id") or "")

    @classmethod
    def of(cls, status: int, body: bytes) -> Problem:
        """The problem that an answer tells of, whatever stands in it."""
        try:
            said = json.loads(body)
        except ValueError:
            said = {}
        return cls(status, said if isinstance(said, dict) else {})
