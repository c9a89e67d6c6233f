"""The record that proves whose a domain is: a text that follows from the project and the host.

Nobody can tell it for another project without the key of the installation, so a record that one
project was told proves nothing for another one.
"""

from __future__ import annotations

import hashlib
import hmac

from chalicelib.domains.rules.names import base

LABEL = "_clouddeck-challenge"
PREFIX = "clouddeck-domain="


def record_name(host: str) -> str:
    """Where the record has to stand; for `*.example.com` it is the one of `example.com`."""
    return f"{LABEL}.{base(host)}"


def record_value(key: bytes, project: str, host: str) -> str:
    """What it has to say. A wildcard has a value of its own, so that both can stand there."""
    said = f"domain\n{project}\n{host}".encode()
    return PREFIX + hmac.new(key, said, hashlib.sha256).hexdigest()[:40]


def proves(texts: list[str], value: str) -> bool:
    """Whether one of the texts is the proof; some DNS pages add spaces or quotes."""
    return any(
        hmac.compare_digest(text.strip().strip('"').strip().encode(), value.encode())
        for text in texts
    )
