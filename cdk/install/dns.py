"""One DNS question: which name servers does the public tree name for a zone? Standard library only.

A zone of Route 53 counts only when the zone above delegates to it. The system's own resolver is
asked; where it cannot be (no UDP, none configured) the answer is None, which means: not known.
"""

from __future__ import annotations

import secrets
import socket
import struct
from pathlib import Path

_NS = 2
_IN = 1
_RECURSE = 0x0100
_NO_ERROR, _NO_SUCH_NAME = 0, 3
_LARGEST = 4_096


def resolvers(path: Path = Path("/etc/resolv.conf")) -> list[str]:
    """Addresses of the resolvers of this system."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    words = [line.split() for line in lines]
    return [word[1] for word in words if len(word) > 1 and word[0] == "nameserver"]


def name_servers(
    zone: str, servers: list[str] | None = None, *, port: int = 53, timeout: float = 3.0
) -> set[str] | None:
    """Name servers of `zone` in lower case without the last dot; empty when it is delegated to
    nobody, None when nobody could be asked."""
    for server in resolvers() if servers is None else servers:
        try:
            return _ask(zone, server, port, timeout)
        except (OSError, ValueError, IndexError, struct.error):
            continue
    return None


def _ask(zone: str, server: str, port: int, timeout: float) -> set[str]:
    number = secrets.randbelow(0x10000)
    question = b"".join(
        bytes([len(label)]) + label for label in zone.strip(".").encode("ascii").split(b".")
    )
    query = struct.pack(">6H", number, _RECURSE, 1, 0, 0, 0)
    query += question + b"\0" + struct.pack(">2H", _NS, _IN)
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as channel:
        channel.settimeout(timeout)
        channel.connect((server, port))
        channel.send(query)
        answer = channel.recv(_LARGEST)
    if struct.unpack_from(">H", answer)[0] != number:
        raise ValueError("an answer to another question")
    return _read(answer)


def _read(answer: bytes) -> set[str]:
    """The NS records among the answers; raises ValueError and its like for what is no answer."""
    _, flags, questions, answers, _, _ = struct.unpack_from(">6H", answer)
    status = flags & 0x000F
    if status not in (_NO_ERROR, _NO_SUCH_NAME):
        raise ValueError(f"DNS status {status}")
    place = 12
    for _ in range(questions):
        place = _name(answer, place)[1] + 4
    found = set()
    for _ in range(answers):
        place = _name(answer, place)[1]
        kind, _, _, length = struct.unpack_from(">2HIH", answer, place)
        place += 10
        if kind == _NS:
            found.add(_name(answer, place)[0].lower())
        place += length
    return found


def _name(answer: bytes, place: int) -> tuple[str, int]:
    """A name, which may continue elsewhere in the message, and where the next field begins."""
    labels: list[str] = []
    after = -1
    for _ in range(128):  # a message that points at itself ends here
        length = answer[place]
        if length >= 0xC0:
            after = place + 2 if after < 0 else after
            place = struct.unpack_from(">H", answer, place)[0] & 0x3FFF
        elif length == 0:
            return ".".join(labels), place + 1 if after < 0 else after
        else:
            labels.append(answer[place + 1 : place + 1 + length].decode("ascii"))
            place += 1 + length
    raise ValueError("a name without an end")
