"""The Bus port on EventBridge."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.clouds.aws.session import client
from chalicelib.core.config import Settings
from chalicelib.resources import EVENT_SOURCE


class EventBridge:
    """Our bus."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def put(self, kind: str, detail: dict[str, Any]) -> None:
        """Publish one event; raises RuntimeError when the bus did not take it."""
        answer = client("events", self._settings.region).put_events(
            Entries=[
                {
                    "EventBusName": self._settings.bus,
                    "Source": EVENT_SOURCE,
                    "DetailType": kind,
                    "Detail": json.dumps(detail),
                }
            ]
        )
        if answer.get("FailedEntryCount"):
            raise RuntimeError(f"EventBridge refused {kind}: {answer['Entries'][0]}")
