"""Connections that only listen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chalicelib.ports import Live


@dataclass
class FakeLive(Live):
    """Messages by connection; those in `gone` have hung up."""

    sent: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def send(self, connection: str, message: dict[str, Any]) -> bool:
        if connection in self.gone:
            return False
        self.sent.setdefault(connection, []).append(message)
        return True
