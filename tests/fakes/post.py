"""The way of a letter: the events that a request left, handled as the cloud would."""

from __future__ import annotations

import re
from typing import Any

from chalicelib.ports import Message, Services
from functions.events import errand  # here, because it installs the services of the cloud


def deliver(services: Services) -> list[str]:
    """Handle what the bus got of errands since the last time; the outcomes in order."""
    bus: Any = services.bus
    waiting = [event for event in bus.events if event[0] == "errand.due"]
    bus.events[:] = [event for event in bus.events if event[0] != "errand.due"]
    return [errand.handler({"detail": detail}, None)["outcome"] for _, detail in waiting]


def last_to(services: Services, address: str) -> Message:
    """The newest mail that an address got, after everything on its way was delivered."""
    deliver(services)
    mail: Any = services.mail
    found: list[Message] = mail.to(address)
    assert found, f"{address} got no mail"
    return found[-1]


def token_in(message: Message) -> str:
    """The token that a mail carries."""
    found = re.search(r"(?:verify|--token|--invitation|accept) ([\w-]{43,47})", message.text)
    assert found, message.text
    return found[1]
