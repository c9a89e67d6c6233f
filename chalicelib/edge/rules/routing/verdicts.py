"""What rules and files say to a request; whoever serves does it."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.edge.rules.paths import MAX_QUERY_BYTES, with_query
from chalicelib.edge.rules.routing.model import Backend


@dataclass(frozen=True, slots=True)
class Step:
    """What was looked at on the way to a verdict, for people who ask why.

    `kind` is auth, rule, locale, file or header; `index` the number of the rule within its kind.
    """

    kind: str
    index: int | None
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What every verdict has.

    `rule` is the number of the rule that decided, None when files or settings did. `headers` are
    to be set on the answer in the place of any of that name; an empty value takes it away.
    `looked` is what about the request counted, as looks: two requests that agree in these and the
    path get the same verdict. `private` answers are for nobody else: no shared cache keeps them.
    """

    rule: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    looked: tuple[str, ...] = ()
    private: bool = False
    reason: str = ""
    trace: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect(Said):
    """Go there. With `keep_query` the query of the request goes along: `to` puts it on."""

    status: int
    location: str
    keep_query: bool = False

    def to(self, query: bytes) -> str:
        """The value of the Location header."""
        return carried(self.location, query) if self.keep_query else self.location


@dataclass(frozen=True, slots=True, kw_only=True)
class File(Said):
    """Answer with a file of the manifest."""

    status: int
    file: str


@dataclass(frozen=True, slots=True)
class Goal:
    """An address that a request may be passed on to. `name` is the origin's, empty for a rule's
    own address; of several each gets its `weight`'s part of the requests.
    """

    name: str
    url: str
    weight: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy(Said):
    """Pass the request on to one of `goals`, or when none of them answers to one of `instead`.

    `add` are headers that the request gets, `signed` the variable that signs it, `backend` says
    how long to wait and when to leave an origin alone. With `keep_query` the query goes along.
    """

    goals: tuple[Goal, ...]
    instead: tuple[Goal, ...] = ()
    backend: Backend | None = None
    add: tuple[tuple[str, str], ...] = ()
    signed: str = ""
    keep_query: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Said):
    """Ask for a name and a password (RFC 7617)."""

    realm: str
    status: int = 401


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing(Said):
    """There is nothing to answer with but a page of the edge's own."""

    status: int


Verdict = Redirect | File | Proxy | Refused | Nothing


def carried(location: str, query: bytes) -> str:
    """A target with the query of the request, before its fragment; one of its own comes first."""
    address, mark, fragment = location.partition("#")
    if "?" not in address:
        return with_query(address, query) + mark + fragment
    own = with_query("", query)
    if not own or len(own) > MAX_QUERY_BYTES:
        return location
    return f"{address}&{own[1:]}{mark}{fragment}"
