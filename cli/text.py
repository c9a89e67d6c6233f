"""Making foreign text safe for a terminal, and figures readable."""

from __future__ import annotations

import re
from datetime import UTC, datetime

# Colours and styles only: CSI, digits and separators, `m`.
_SGR = re.compile(r"\x1b\[[0-9;:]{0,64}m")

# Every other escape sequence: strings that end with BEL or ST (OSC, DCS, SOS, PM, APC), control
# sequences (CSI), and two- or three-character escapes. An unfinished one is caught by `_CONTROL`.
_ESCAPES = re.compile(
    r"\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"
    r"|[\x9d\x90\x98\x9e\x9f][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|\x1b[ -/]*[0-Z\\^-~]"
)

# What may still move the cursor, end a line or reorder what is read: C0 except tab, DEL, C1, the
# line separators, the direction marks and overrides, and halves of surrogate pairs.
_CONTROL = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff]"
)


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"


def _strip(text: str) -> str:
    return _CONTROL.sub(_visible, _ESCAPES.sub("", text))


def clean(text: str, *, ansi: bool = False) -> str:
    """One line that cannot do anything to a terminal but be read.

    With `ansi` colours survive and are switched off again at the end; all other escape sequences
    go, and what is left of control characters is shown as a symbol.
    """
    text = text.rstrip("\r\n")
    if not ansi:
        return _strip(text)
    parts: list[str] = []
    end = 0
    for match in _SGR.finditer(text):
        parts += [_strip(text[end : match.start()]), match.group()]
        end = match.end()
    rest = _strip(text[end:])
    if not parts:
        return rest
    reset = "" if not rest and parts[-1] in ("\x1b[0m", "\x1b[m") else "\x1b[0m"
    return "".join(parts) + rest + reset


def one_line(text: str) -> str:
    """A message of any shape as one clean line."""
    return clean(" ".join(text.split()))


def size(count: int) -> str:
    """12 B, 3 KB, 4.2 MB: decimal, as disks are sold."""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in ("KB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.5 or unit == "TB":
            return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
    raise AssertionError("unreachable")


def number(count: int) -> str:
    """2,000."""
    return f"{count:,}"


def clock(milliseconds: int) -> str:
    """The wall clock of this machine, 12:03:04.123."""
    try:
        moment = datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone()
    except (OverflowError, ValueError, OSError):
        return "--:--:--.---"
    return f"{moment:%H:%M:%S}.{milliseconds % 1000:03d}"


def moment(stamp: str | None) -> datetime | None:
    """An API time, or None for one that is missing or not a time."""
    try:
        return datetime.fromisoformat(stamp) if stamp else None
    except ValueError:
        return None


def age(stamp: str | None, now: datetime | None = None) -> str:
    """How long ago: 12s, 5m, 3h, 4d."""
    then = moment(stamp)
    if then is None:
        return "-"
    seconds = max(0, int(((now or datetime.now(UTC)) - then).total_seconds()))
    for limit, divisor, unit in ((60, 1, "s"), (3600, 60, "m"), (86400, 3600, "h")):
        if seconds < limit:
            return f"{seconds // divisor}{unit}"
    return f"{seconds // 86400}d"


def seconds_between(start: str | None, end: str | None) -> str:
    """1.2s, or nothing when one of the two is not known yet."""
    first, last = moment(start), moment(end)
    if first is None or last is None:
        return ""
    return f"{(last - first).total_seconds():.1f}s"
