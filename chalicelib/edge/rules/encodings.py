"""Which content coding a visitor gets."""

import re

_QUALITY = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\Z", re.IGNORECASE)
_PREFERENCE = ("br", "gzip")


def negotiate(header: str) -> tuple[str, ...]:
    """The codings to try in order, best first; empty means as the file is.

    Equal wishes are settled by size: br before gzip. Identity is never refused: a file that
    arrives uncompressed serves its reader better than 406.
    """
    wishes = _wishes(header)
    identity = wishes.get("identity", 0.0)
    rated = [(wishes.get(coding, wishes.get("*", 0.0)), coding) for coding in _PREFERENCE]
    wanted = [(quality, coding) for quality, coding in rated if 0 < quality >= identity]
    return tuple(coding for _, coding in sorted(wanted, key=lambda wish: -wish[0]))


def _wishes(header: str) -> dict[str, float]:
    """The quality per coding. A broken quality counts as zero: never send what is not wanted."""
    wishes: dict[str, float] = {}
    for item in header[:1024].lower().split(","):
        coding, _, parameter = (part.strip() for part in item.partition(";"))
        if not coding:
            continue
        match = _QUALITY.match(parameter)
        wishes[coding] = float(match.group(1)) if match else (0.0 if parameter else 1.0)
    return wishes
