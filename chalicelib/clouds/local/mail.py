"""The Mail port on a folder: one file per mail, which the owner of the machine may read."""

from __future__ import annotations

import os
import secrets
import time
from email.message import EmailMessage
from email.policy import default
from email.utils import formatdate
from pathlib import Path

from chalicelib.core import clock
from chalicelib.ports import Message

KEPT = 1000


class LocalMail:
    """Mail that goes no further than this machine; the newest thousand are kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: Message) -> None:
        """Write `<id>.eml`, readable by its owner alone; the newest has the greatest name.

        Raises OSError when the disk does not take it.
        """
        mail = EmailMessage(default.clone(utf8=True))
        mail["From"] = "CloudDeck <clouddeck@localhost>"
        mail["To"] = message.to
        mail["Subject"] = message.subject
        mail["Date"] = formatdate(clock.now_ms() / 1000)
        mail["X-CloudDeck-Kind"] = message.kind
        mail.set_content(message.text, cte="8bit")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # an id has milliseconds only, and the names are to tell which mail came first
        name = f"mail_{time.time_ns():020d}{secrets.token_hex(3)}"
        # written beside and moved: whoever reads the folder sees whole mails only
        beside = self._folder / f".{name}.tmp"
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(mail.as_bytes())
        beside.replace(self._folder / f"{name}.eml")
        self._forget()

    def _forget(self) -> None:
        """Remove the oldest ones."""
        kept = sorted(self._folder.glob("*.eml"))
        for path in kept[:-KEPT]:
            path.unlink(missing_ok=True)
