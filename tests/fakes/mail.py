"""Mail that stays here."""

from __future__ import annotations

from chalicelib.ports import Mail, Message


class FakeMail(Mail):
    """Keeps what was sent, oldest first."""

    def __init__(self) -> None:
        self.sent: list[Message] = []

    def send(self, message: Message) -> None:
        self.sent.append(message)

    def to(self, address: str) -> list[Message]:
        """What one address got."""
        return [message for message in self.sent if message.to == address]
