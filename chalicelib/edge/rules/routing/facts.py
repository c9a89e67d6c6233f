"""What rules may know of a request: its path apart, no more than they said they look at.

What is not a fact cannot change an answer. So facts are what a cache has to tell apart, and on AWS
their text, as `seen` writes it, is a part of the cache's key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote, unquote, unquote_plus

from chalicelib.edge.rules.hosts import normalise_host
from chalicelib.edge.rules.visitors import cookie_value

LONGEST = 512
"""No more characters of a value count."""
LONGEST_COOKIES = 1_500
"""The same for all cookies at once, where it is not known beforehand which ones count."""
MOST_PARAMETERS = 100
HOST = "header:host"
_PLAIN = "-_.!~*'()"


class Facts:
    """Look -> value, empty when absent; the host without port, the method (HEAD is GET)."""

    __slots__ = ("_cookies", "_language", "_query", "host", "method", "values")

    def __init__(self, host: str, method: str, values: Mapping[str, str]) -> None:
        self.host = normalise_host(host) or ""
        self.method = "GET" if method == "HEAD" else method
        self.values = values
        self._query: dict[str, str] | None = None
        self._language: str | None = None
        self._cookies: dict[str, str] = {}

    def get(self, look: str) -> str:
        """The value of a look; of a cookie also when only the whole header was seen."""
        value = self.values.get(look)
        if value is None and look.startswith("cookie:") and "cookie" in self.values:
            value = self._cookies.get(look)
            if value is None:
                value = cookie_value(self.values["cookie"], look.removeprefix("cookie:"))
                self._cookies[look] = value = value[:LONGEST]
        return value or ""

    @property
    def language(self) -> str:
        """The language that is wanted most, in lower case; empty when none is."""
        if self._language is None:
            self._language = next(iter(languages(self.get("language"))), "")
        return self._language

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the query, decoded; of several of a name the first."""
        if self._query is None:
            self._query = parameters(self.get("query"))
        return self._query

    def seen(self, looks: Iterable[str]) -> str:
        """The text that `read_seen` reads: what is there, in the order of `looks`."""
        told = ((look, self.values.get(look, "")) for look in looks)
        return "&".join(f"{look}={quote(value, safe=_PLAIN)}" for look, value in told if value)


def facts_of(
    looks: Iterable[str],
    header: Callable[[str], str],
    *,
    host: str,
    method: str,
    query: str = "",
    country: str = "",
) -> Facts:
    """The facts of a request that `looks` name.

    `header` gives the value of a header by its lower-case name, empty when absent; `query` is raw
    and without `?`; `country` two letters, empty when unknown.
    """
    values: dict[str, str] = {}
    for look in looks:
        kind, _, name = look.partition(":")
        if kind == "cookie":
            value = cookie_value(header("cookie"), name)
        elif look == HOST:
            value = normalise_host(host) or ""
        elif kind == "header":
            value = header(name.lower())
        elif kind == "country":
            value = country.upper()
        elif kind == "query":
            value = query
        elif kind == "language":
            value = header("accept-language")
        else:
            value = header(kind)
        if value:
            values[look] = value[:LONGEST]
    return Facts(host, method, values)


def read_seen(text: str, *, host: str, method: str) -> Facts:
    """The facts that `seen` wrote. `host` counts where the text does not name one itself."""
    values: dict[str, str] = {}
    for part in text.split("&"):
        look, mark, value = part.partition("=")
        if mark and look not in values:
            most = LONGEST_COOKIES if look == "cookie" else LONGEST
            values[look] = unquote(value)[:most]
    return Facts(values.get(HOST, host), method, values)


def parameters(query: str) -> dict[str, str]:
    """The parameters of a raw query, decoded; of several of a name the first counts."""
    found: dict[str, str] = {}
    for part in query.split("&", MOST_PARAMETERS)[:MOST_PARAMETERS]:
        name, _, value = part.partition("=")
        if name:
            found.setdefault(unquote_plus(name), unquote_plus(value))
    return found


def languages(header: str) -> list[str]:
    """The languages of an Accept-Language header in lower case, the most wanted first (RFC 9110).

    What is written with the same weight keeps its order; what is not wanted at all is left out.
    """
    weighed: list[tuple[float, str]] = []
    for part in header.split(","):
        tag, _, more = part.partition(";")
        tag = tag.strip().lower()
        weight = _weight(more)
        if tag and weight > 0:
            weighed.append((-weight, tag))
    weighed.sort(key=lambda one: one[0])
    return [tag for _, tag in weighed]


def speaks(tag: str, wanted: str) -> bool:
    """Whether a language tag is of a wanted language: `en-US` is of `en` and of `en-us`."""
    wanted = wanted.lower()
    return tag == wanted or tag.startswith(wanted + "-")


def _weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    value = value.strip()
    if not value or len(value) > 5 or value.strip("0123456789.") or value.count(".") > 1:
        return 0.0
    return min(float("0" + value), 1.0)
