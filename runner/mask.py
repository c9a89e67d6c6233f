"""Hides secret values in log lines, in every form a program is likely to print them.

Each value is expanded once into the texts to look for. Masking is a search for plain substrings,
which is faster than one large regular expression and cannot backtrack.
"""

import json
from binascii import b2a_base64

MARK = "•••"
SHORTEST = 4
WRAPS = (64, 76)  # columns at which openssl and base64 break their lines
UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
# quote(), encodeURIComponent(), encodeURI() and quote(safe="") leave different signs alone.
SAFE_SETS = ("/", "!'()*", "!'()*;,/?:@&=+$#", "")


class Mask:
    """Replaces every form of the given values by three dots."""

    def __init__(self, values: list[str]) -> None:
        forms: set[str] = set()
        for value in values:
            for part in {value, *value.splitlines()}:
                part = part.strip() if part != value else part  # noqa: PLW2901  # the same part, bare
                if len(part.encode("utf-8", "replace")) >= SHORTEST and part.strip():
                    forms |= forms_of(part)
        self._forms = sorted(form for form in forms if len(form) >= SHORTEST)
        self.longest = max(map(len, self._forms), default=0)

    def __call__(self, text: str, limit: int | None = None) -> str:
        """The text with its secrets hidden; with `limit`, only what starts before that character.

        A secret across the limit is hidden as a whole when the text goes on for `longest` more.
        """
        end = len(text) if limit is None else min(limit, len(text))
        hits = [(at, at + len(form)) for form in self._forms for at in _all(text, form)]
        if not hits:
            return text[:end]
        out: list[str] = []
        done = 0
        for start, stop in _merged(sorted(hits)):
            if start >= end:
                break
            out += [text[done:start], MARK]
            done = stop
        out.append(text[done:end])
        return "".join(out)


def _all(text: str, form: str) -> list[int]:
    found: list[int] = []
    at = text.find(form)
    while at >= 0:
        found.append(at)
        at = text.find(form, at + 1)
    return found


def _merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged = [ranges[0]]
    for start, stop in ranges[1:]:
        if start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged


def forms_of(value: str) -> set[str]:
    """The texts that a value may be written as: as it is, and in the usual encodings."""
    raw = value.encode("utf-8", "surrogatepass")
    forms = {value, raw.hex(), raw.hex().upper(), raw.hex(" "), raw.hex(":")}
    forms |= _percent(raw) | _escaped(value) | _base64(raw)
    return forms


def _percent(raw: bytes) -> set[str]:
    forms: set[str] = set()
    for safe in SAFE_SETS:
        for template in ("%{:02X}", "%{:02x}"):
            keep = UNRESERVED + safe
            quoted = "".join(chr(b) if chr(b) in keep else template.format(b) for b in raw)
            forms |= {quoted, quoted.replace("%20", "+")}
    return forms


def _escaped(value: str) -> set[str]:
    once = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    once |= {text.replace("/", "\\/") for text in once}
    twice = {json.dumps(text)[1:-1] for text in once}
    entities = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    html = {
        entities,
        *(entities.replace('"', "&quot;").replace("'", a) for a in ("&#39;", "&#x27;")),
    }
    return once | twice | html | {value.replace("'", "'\\''"), repr(value)[1:-1]}


def _base64(raw: bytes) -> set[str]:
    """The characters that depend on this value alone, wherever in the encoded text it begins."""
    forms: set[str] = set()
    for shift in range(3):
        text = b2a_base64(b"\0" * shift + raw, newline=False).decode()
        whole = text[-(-shift * 8 // 6) : (shift + len(raw)) * 8 // 6]
        forms |= {whole, whole.replace("+", "-").replace("/", "_")}
    lines = b2a_base64(raw, newline=False).decode()
    for width in WRAPS:
        pieces = [lines[i : i + width] for i in range(0, len(lines), width)]
        forms |= {piece for piece in pieces if len(piece) > 8 and len(pieces) > 1}
    return forms
