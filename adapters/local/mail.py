"""`mail`: what the embedded cloud would have sent, newest last."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from adapters.local.settings import Installation

_PRINTED = frozenset("\n\t")


def mails(installation: Installation) -> list[dict[str, str]]:
    """Every mail that is kept, oldest first."""
    folder = installation.home / "mail"
    return [_read(path) for path in sorted(folder.glob("*.eml"))]


def show(installation: Installation, *, as_json: bool, last: bool) -> int:
    """Print the mails, or the newest one; exit code 1 when there is none."""
    found = mails(installation)[-1:] if last else mails(installation)
    if as_json:
        document: Any = (found[0] if found else None) if last else found
        print(json.dumps(document, indent=1))
    elif found:
        print("\n".join(_page(mail) for mail in found))
    else:
        print("No mail was sent yet.")
    return 0 if found else 1


def _read(path: Path) -> dict[str, str]:
    mail = message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=policy.default)
    sent = parsedate_to_datetime(str(mail["Date"])).astimezone(UTC)
    return {
        "id": path.stem,
        "kind": str(mail["X-CloudDeck-Kind"]),
        "to": str(mail["To"]),
        "subject": str(mail["Subject"]),
        "sent_at": datetime.isoformat(sent).replace("+00:00", "Z"),
        "text": str(mail.get_content()),
    }


def _page(mail: dict[str, str]) -> str:
    head = f"To:      {mail['to']}\nSubject: {mail['subject']}\nDate:    {mail['sent_at']}"
    page = f"{head}\n\n{mail['text']}\n{'-' * 72}"
    return "".join(c if c.isprintable() or c in _PRINTED else "?" for c in page)
