"""The Mail port on a folder: one file per mail, which the owner of the machine may read."""

from __future__ import annotations

import os
from email.message import EmailMessage
from pathlib import Path

from chalicelib.core import clock, ids
from chalicelib.ports import Message


class LocalMail:
    """Mail that goes no further than this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: Message) -> None:
        """Write `<id>.eml`, readable by its owner alone; the newest has the greatest name."""
        mail = EmailMessage()
        mail["From"] = "CloudDeck <clouddeck@localhost>"
        mail["To"] = message.to
        mail["Subject"] = message.subject
        mail["Date"] = clock.iso()
        mail["X-CloudDeck-Kind"] = message.kind
        mail.set_content(message.text)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{ids.new('mail')}.eml"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(mail.as_bytes())
