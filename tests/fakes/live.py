"""Connections that only listen."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from chalicelib.ports import Live


@dataclass
class FakeLive(Live):
    """Messages by connection; those in `gone` have hung up, those in `refused` fail otherwise."""

    sent: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    refused: dict[str, int] = field(default_factory=dict)

    def send(self, connection: str, message: dict[str, Any]) -> bool:
        copied: dict[str, Any] = json.loads(json.dumps(message))
        if connection in self.gone:
            return False
        if connection in self.refused:
            raise OSError(f"the other side answered {self.refused[connection]}")
        self.sent.setdefault(connection, []).append(copied)
        return True
