"""Differences between objects of a pack (gitformat-pack(5), "Deltified representation")."""

from __future__ import annotations

from chalicelib.git.providers import Refused

MAX_IN_MEMORY = 192 * 1024**2
"""Bytes of an object that has to be in memory as a whole."""


def applied(base: bytes, delta: bytes) -> bytes:
    """What a difference makes of its base; raises Refused when it is not one to it."""
    expects, at = varint(delta, 0)
    becomes, at = varint(delta, at)
    if expects != len(base) or becomes > MAX_IN_MEMORY:
        raise rejected("a difference does not fit")
    out = bytearray()
    while at < len(delta):
        order = delta[at]
        at += 1
        if order & 0x80:
            start, length, at = _copy(delta, order, at)
            if start + length > len(base):
                raise rejected("a difference does not fit")
            out += base[start : start + length]
        elif order:
            if at + order > len(delta):
                raise rejected("a difference does not fit")
            out += delta[at : at + order]
            at += order
        else:
            raise rejected("a difference does not fit")
        if len(out) > becomes:
            raise rejected("a difference does not fit")
    if len(out) != becomes:
        raise rejected("a difference does not fit")
    return bytes(out)


def _copy(delta: bytes, order: int, at: int) -> tuple[int, int, int]:
    values = []
    for bits, first in ((4, 0), (3, 4)):
        value = 0
        for index in range(bits):
            if order >> (first + index) & 1:
                if at >= len(delta):
                    raise rejected("a difference does not fit")
                value |= delta[at] << (8 * index)
                at += 1
        values.append(value)
    return values[0], values[1] or 0x10000, at


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A length of as many bytes as it needs, and where it ends."""
    value = shift = 0
    while True:
        if at >= len(data) or shift > 60:
            raise rejected("a length has no end")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        shift += 7
        at += 1
        if not byte & 0x80:
            return value, at


def rejected(why: str) -> Refused:
    """What the server sent cannot be used."""
    return Refused(
        "source_rejected",
        f"What the git server sent cannot be used: {why}.",
        "Run `git fsck` in the repository; if it is sound, tell us about its server.",
    )
