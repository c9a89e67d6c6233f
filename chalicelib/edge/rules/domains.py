"""A domain of somebody's own, as an edge has it: its state there, its records, its certificate."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

State = Literal[
    "absent",  # nobody asked for it
    "waiting_dns",  # the owner has to point it at us
    "waiting_certificate",  # the certificate is being made
    "issued",  # the certificate is there and has to be attached
    "attaching",  # on its way to every corner of the edge
    "active",  # served
    "misconfigured",  # was served; its DNS points elsewhere now
    "conflict",  # somebody else's at the edge, or a wildcard of somebody else covers it
    "failed",  # no certificate, and none is coming: ask for one again
    "removing",  # switched off, not yet deleted
]
STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True)
class DnsRecord:
    """A record that the owner of a domain has to set.

    DNS forbids a CNAME at the root of a zone; `at_root` says what to set there instead.
    """

    name: str
    value: str
    type: str = "CNAME"
    at_root: str = "ALIAS, ANAME or a flattened CNAME"


@dataclass(frozen=True)
class Redirect:
    """What a server that has the traffic now must redirect, to prove whose domain it is."""

    source: str
    target: str


@dataclass(frozen=True)
class Placing:
    """How a domain shall be served.

    `site` is the project, `redirect` another host that visitors are sent to instead. With
    `served_elsewhere` somebody else has the traffic until everything is ready. `reference` names
    the certificate to serve with, where it is not the edge's own business. `https` says what
    plain HTTP gets: a redirect, or the site (`both`); `tls` is the oldest version spoken.
    """

    site: str = ""
    redirect: str = ""
    served_elsewhere: bool = False
    reference: str = ""
    https: str = "redirect"
    hsts_seconds: int = 0
    tls: str = "1.2"


PLAIN = Placing()


@dataclass(frozen=True)
class Domain:
    """A domain as it stands: its state, why, and what its owner has to do.

    `reference` is set when the edge had to order a certificate that it asks for by this name.
    """

    host: str
    state: State
    detail: str = ""
    slug: str = ""
    records: tuple[DnsRecord, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    reference: str = ""


@dataclass(frozen=True)
class Certificate:
    """What a domain is served with; times are None until it is issued.

    `renewal` says how the next one comes along, as far as the edge knows.
    """

    status: str
    reason: str = ""
    expires: datetime | None = None
    renewal: str = ""
    issuer: str = ""
    names: tuple[str, ...] = ()
    starts: datetime | None = None


@dataclass(frozen=True)
class Brought:
    """A certificate that somebody brings, checked: its parts as PEM."""

    leaf: bytes
    chain: bytes
    key: bytes = field(repr=False)


@dataclass(frozen=True)
class RecordSet:
    """All records of one name and type in a zone; texts without quotes, names whole.

    `ttl` is in seconds. An alias, which only some zones know, has the type it answers with and
    the value `ALIAS <name>`.
    """

    name: str
    type: str
    ttl: int
    values: tuple[str, ...]
