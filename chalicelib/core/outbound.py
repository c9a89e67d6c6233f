"""Requests to addresses that a person gave us: of an identity provider, a log collector, git.

Such an address is hostile until checked (server-side request forgery): HTTPS only, no redirects,
and every address that the name resolves to must be public. The connection goes to the very
address that was checked, so a name that answers differently a moment later changes nothing.
Where `CLOUDDECK_PRIVATE_OUTBOUND` is 1 (the embedded cloud), plain HTTP and private addresses are
allowed as well.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import time
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from chalicelib.core.config import settings

MAX_BYTES = 1024 * 1024
SECONDS = 5.0
_CHUNK = 64 * 1024


class Sink(Protocol):
    """Whatever takes the bytes of an answer, such as a file."""

    def write(self, data: bytes, /) -> object:
        """Take some of them."""


class OutOfReach(OSError):  # noqa: N818  # a state of things
    """The other side did not answer, or not with anything that can be read."""


class TooLarge(OutOfReach):
    """The answer is longer than what was asked for."""


class NotAllowed(ValueError):  # noqa: N818  # the field's own term
    """An address that may not be asked; the text is the rule, for the person who gave it."""


@dataclass(frozen=True)
class Reply:
    """What came back; `headers` have lower-case names."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        """The body as JSON; raises OutOfReach when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise OutOfReach("the answer is not JSON") from None


def check_url(url: str, *, port: int | None = None) -> str:
    """The URL, when its form is one that may be asked; raises NotAllowed. Resolves nothing.

    With `port` only an address at that port will do, except where private ones are allowed.
    """
    parts = _parts(url)
    private = settings().private_outbound
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise NotAllowed("The address must begin with https://.")
    if parts.username or parts.password or parts.fragment or not parts.hostname:
        raise NotAllowed("The address has a host, and no user, password or fragment.")
    if port and not private and (parts.port or 443) != port:
        raise NotAllowed(f"The address has no port but {port}.")
    try:
        address = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return url
    if not private and not is_public(address):
        raise NotAllowed("The address is not on the public internet.")
    return url


def request(
    method: str,
    url: str,
    *,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
    seconds: float = SECONDS,
    into: Sink | None = None,
    limit: int = MAX_BYTES,
) -> Reply:
    """Ask, and read at most `limit` bytes of the answer, whatever its status.

    The body of a 200 is written to `into` instead, if there is one. `seconds` is the time from
    the first byte sent to the last one read. Raises NotAllowed for an address that may not be
    asked, TooLarge for a longer answer and OutOfReach when nobody answers in time.
    """
    import urllib3

    check_url(url)
    parts = _parts(url)
    host, port = str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
    address = resolve(host, port)
    timeout = urllib3.Timeout(total=seconds)
    end = time.monotonic() + seconds
    pool: urllib3.HTTPConnectionPool
    if parts.scheme == "https":
        pool = urllib3.HTTPSConnectionPool(
            address,
            port,
            timeout=timeout,
            retries=False,
            server_hostname=host,
            assert_hostname=host,
            cert_reqs="CERT_REQUIRED",
        )
    else:
        pool = urllib3.HTTPConnectionPool(address, port, timeout=timeout, retries=False)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {"Host": parts.netloc, "User-Agent": "CloudDeck", **(headers or {})}
    try:
        with pool:
            answer = pool.request(
                method, target, body=body, headers=sent, redirect=False, preload_content=False
            )
            content = bytearray()
            taken = into if into is not None and answer.status == 200 else None
            _copy(answer, taken, content, (limit if taken else min(limit, MAX_BYTES), end), host)
            answer.release_conn()
    except OutOfReach:
        raise
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise OutOfReach(f"{host} does not answer: {type(error).__name__}") from error
    found = {name.lower(): value for name, value in answer.headers.items()}
    return Reply(answer.status, bytes(content), found)


def _copy(
    answer: Any, into: Sink | None, content: bytearray, most: tuple[int, float], host: str
) -> None:
    """Take the body in pieces, so that neither its length nor its pace is up to the other side."""
    limit, end = most
    length = 0
    while piece := answer.read1(_CHUNK):
        length += len(piece)
        if length > limit:
            raise TooLarge(f"{host} answers with more than {limit} bytes")
        if time.monotonic() > end:
            raise OutOfReach(f"{host} does not answer: too slow")
        if into is None:
            content += piece
        else:
            into.write(piece)


def _parts(url: str) -> Any:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise NotAllowed("This is not an address.") from None
    if any(ord(c) <= 32 or ord(c) >= 127 for c in url):
        raise NotAllowed("An address holds no spaces and only ASCII.")
    return parts


def resolve(host: str, port: int) -> str:
    """The address to connect to; raises OutOfReach without one, NotAllowed for a private one."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise OutOfReach(f"{host} has no address") from None
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses:
        raise OutOfReach(f"{host} has no address")
    if not settings().private_outbound and not all(is_public(a) for a in addresses):
        raise NotAllowed("The address is not on the public internet.")
    return str(addresses[0])


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address is one of the public internet, also inside another one (IPv6)."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast
    inner = address.ipv4_mapped or address.sixtofour
    if address in _NAT64:
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if inner is not None:
        return is_public(inner)
    # what no one was given yet, and what old standards kept for a site, counts as global there
    odd = address.is_reserved or address.is_site_local or address.is_multicast
    return address.is_global and not odd


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""IPv6 addresses that stand for one of IPv4 (RFC 6052)."""
