"""Names and values that a rule may set or look at: headers, cookies, countries, languages."""

from __future__ import annotations

import re

from chalicelib.edge.rules.routing.shapes import ANSWER_NAMES, REQUEST_NAMES
from chalicelib.routing.rules.report import RuleError, UnavailableError, shown

MAX_VALUE = 4096
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}\Z")
_COUNTRY = re.compile(r"[A-Za-z]{2}\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}\Z")
_HOST = re.compile(r"(?:\*\.)?(?:[a-z0-9_-]{1,63}\.){0,100}[a-z0-9-]{1,63}\Z")

_OURS = ("x-clouddeck-", "x-amz-", "x-amzn-", "x-edge-", "proxy-")


def check_header(name: str, value: str) -> tuple[str, str]:
    """A response header that a rule may set, tidied; raises RuleError."""
    return _header(name, value, ANSWER_NAMES, "an answer")


def check_request_header(name: str, value: str) -> tuple[str, str]:
    """A header that a proxy may add to a request; raises RuleError."""
    if name.strip().lower().startswith("x-forwarded-"):
        raise UnavailableError(f"{shown(name)} says who asked, and the edge says that itself")
    return _header(name, value, REQUEST_NAMES, "a request")


def _header(name: str, value: str, reserved: frozenset[str], what: str) -> tuple[str, str]:
    name, value = name.strip(), value.strip()
    if not _TOKEN.match(name):
        raise RuleError(f"{shown(name)!r} is no name of a header", "Letters, digits and hyphens.")
    if name.lower() in reserved or name.lower().startswith(_OURS):
        raise UnavailableError(f"{name} of {what} is set by the edge")
    if len(value) > MAX_VALUE or any(not (" " <= char <= "~") and char != "\t" for char in value):
        raise RuleError(
            f"the value of {name} is too long, or not all of it is printable ASCII",
            f"At most {MAX_VALUE} characters, without line breaks.",
        )
    return name, value


def check_token(name: str, what: str) -> str:
    """The name of a header or a cookie; raises RuleError."""
    if not _TOKEN.match(name):
        raise RuleError(f"{shown(name)!r} is no name of a {what}", "Letters, digits, - and _.")
    return name


def check_countries(values: list[str]) -> tuple[str, ...]:
    """Countries as ISO 3166 has them, in capitals; raises RuleError."""
    for value in values:
        if not _COUNTRY.match(value):
            raise RuleError(
                f"{shown(value)!r} is no country", "Write two letters (ISO 3166), for example DE."
            )
    return tuple(dict.fromkeys(value.upper() for value in values))


def check_languages(values: list[str]) -> tuple[str, ...]:
    """Languages as BCP 47 has them, in small letters; raises RuleError."""
    for value in values:
        if not _LANGUAGE.match(value):
            raise RuleError(
                f"{shown(value)!r} is no language", "Write it as a browser does: de or pt-BR."
            )
    return tuple(dict.fromkeys(value.lower() for value in values))


def check_host(value: str) -> str:
    """A host name, with `*.` in front for all below it, in small letters; raises RuleError."""
    host = value.lower().rstrip(".")
    if not _HOST.match(host):
        raise RuleError(
            f"{shown(value)!r} is no host name", "Write www.example.com or *.example.com."
        )
    return host
