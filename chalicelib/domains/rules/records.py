"""Records of a managed zone: which are good, and how they are written. Pure.

A record set is all records of one name and type (RFC 2181, 5); names are relative to nothing:
always whole, without a dot at their end.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Literal, get_args

from chalicelib.edge.rules.domains import RecordSet

Type = Literal["A", "AAAA", "CNAME", "MX", "TXT", "CAA"]
TYPES: tuple[Type, ...] = get_args(Type)
TTL_LEAST, TTL_MOST = 60, 86_400
MOST_VALUES = 50
LONGEST_TEXT = 2_048

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\Z")
_MX = re.compile(r"([0-9]{1,5}) +(\S+)\Z")
_CAA = re.compile(r'([0-9]{1,3}) +([a-z0-9]{1,15}) +"([^"\\]{0,255})"\Z')


def checked(zone: str, name: str, kind: str, ttl: int, values: list[str]) -> RecordSet:
    """A record set that may stand in a zone, normalised; raises ValueError with the rule."""
    if kind not in TYPES:
        raise ValueError(f"A type is one of {', '.join(TYPES)}.")
    whole = full_name(zone, name)
    if not TTL_LEAST <= ttl <= TTL_MOST:
        raise ValueError(f"A time to live is between {TTL_LEAST} and {TTL_MOST} seconds.")
    if not 1 <= len(values) <= MOST_VALUES:
        raise ValueError(f"A record set has 1 to {MOST_VALUES} values.")
    found = tuple(sorted({_VALUE[kind](value) for value in values}))
    if kind == "CNAME":
        if len(found) > 1:
            raise ValueError("A CNAME has one value.")
        if whole == zone:
            raise ValueError(
                "DNS forbids a CNAME at the root of a zone; set A and AAAA records there."
            )
        if found[0] == whole:
            raise ValueError("A CNAME cannot lead to itself.")
    if kind == "MX" and any(v.endswith(" .") for v in found) and len(found) > 1:
        raise ValueError("`0 .` says that there is no mail: nothing may stand beside it.")
    return RecordSet(whole, kind, ttl, found)


def full_name(zone: str, name: str) -> str:
    """The whole name of `@`, of a name relative to a zone, or of one that is whole already."""
    text = name.strip().lower().removesuffix(".")
    if text in {"@", "", zone}:
        return zone
    whole = text if text.endswith(f".{zone}") else f"{text}.{zone}"
    labels = whole.split(".")
    rest = labels[1:] if labels[0] == "*" else labels
    if len(whole) > 253 or not all(_LABEL.match(label) for label in rest):
        raise ValueError(f"{name[:80]!r} is no name in {zone}.")
    return whole


def clashes(wanted: RecordSet, there: list[RecordSet]) -> str | None:
    """Why a record set cannot stand beside those that are there; None when it can.

    A name with a CNAME has nothing else (RFC 1034, 3.6.2).
    """
    beside = [r for r in there if r.name == wanted.name and r.type != wanted.type]
    if wanted.type == "CNAME" and beside:
        return f"{wanted.name} has {beside[0].type} records, and a CNAME stands alone."
    if any(r.type == "CNAME" for r in beside):
        return f"{wanted.name} is a CNAME, and nothing else can stand there."
    return None


def _address4(value: str) -> str:
    return str(_parsed(ipaddress.IPv4Address, value, "an IPv4 address such as 192.0.2.1"))


def _address6(value: str) -> str:
    return str(_parsed(ipaddress.IPv6Address, value, "an IPv6 address such as 2001:db8::1"))


def _parsed(kind: type, value: str, what: str) -> object:
    try:
        return kind(value.strip())
    except ValueError:
        raise ValueError(f"{value[:80]!r} is not {what}.") from None


def _host(value: str) -> str:
    host = value.strip().lower().removesuffix(".")
    labels = host.split(".")
    if len(host) > 253 or len(labels) < 2 or not all(_LABEL.match(label) for label in labels):
        raise ValueError(f"{value[:80]!r} is not a host name.")
    if labels[-1].isdigit():
        raise ValueError("A name, not an address, is wanted here.")
    return host


def _mx(value: str) -> str:
    found = _MX.match(value.strip())
    if not found or int(found[1]) > 65_535:
        raise ValueError("An MX value is a preference and a host, such as `10 mail.example.com`.")
    if found[2] == ".":
        if int(found[1]):
            raise ValueError("`0 .` says that there is no mail (RFC 7505).")
        return "0 ."
    return f"{int(found[1])} {_host(found[2])}"


def _txt(value: str) -> str:
    text = value.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    good = text.isascii() and text.isprintable() and not set(text) & {'"', "\\"}
    if not text or len(text) > LONGEST_TEXT or not good:
        raise ValueError(
            f"A text has 1 to {LONGEST_TEXT} printable ASCII characters, without quotes and \\."
        )
    return text


def _caa(value: str) -> str:
    found = _CAA.match(value.strip())
    if not found or int(found[1]) > 255 or not found[3].isascii() or not found[3].isprintable():
        raise ValueError('A CAA value is flags, tag and value, such as `0 issue "amazon.com"`.')
    return f'{int(found[1])} {found[2]} "{found[3]}"'


_VALUE = {
    "A": _address4,
    "AAAA": _address6,
    "CNAME": _host,
    "MX": _mx,
    "TXT": _txt,
    "CAA": _caa,
}
