"""Where a build may connect to: pure decisions, no sockets.

Three ways out, nothing else: a TLS tunnel to port 443 of an allowed host whose every address is
public; the runner's own calls to the API; presigned URLs of the object store.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_-]{1,63})*")
_SCOPE = re.compile(r"[^/]+/\d{8}/[a-z0-9-]+/s3/aws4_request")
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
STORE_METHODS = frozenset({"GET", "HEAD", "PUT"})
STORE_QUERY = re.compile(r"(x-amz-[a-z0-9-]+|x-id|partnumber|uploadid|versionid|response-[a-z-]+)")
STORE_HEADERS = re.compile(
    r"(content-(type|length|md5|encoding|disposition|language)|cache-control|expires|range"
    r"|if-(none-)?match|transfer-encoding|accept|accept-encoding|user-agent|expect"
    r"|x-amz-(checksum-[a-z0-9-]+|sdk-checksum-algorithm|content-sha256|meta-[a-z0-9-]+|acl"
    r"|storage-class|server-side-encryption|decoded-content-length|trailer))"
)
HOP_BY_HOP = frozenset(
    {"connection", "proxy-connection", "keep-alive", "proxy-authorization", "te", "upgrade"}
)

# Documentation ranges are left out on purpose: nothing answers there on the internet, and closed
# test networks put their package mirrors on them.
DENIED = tuple(
    ipaddress.ip_network(block)
    for block in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "168.63.129.16/32", "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32",
        "2002::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8", "5f00::/16",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Origin:
    """A plain-HTTP server this process knows by its settings."""

    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> "Origin":
        """The origin of `http://host[:port]`."""
        parts = urlsplit(url)
        return cls((parts.hostname or "").lower(), parts.port or 80)

    def covers(self, host: str, port: int) -> bool:
        """Whether a request for host:port means this origin; loopback has three names."""
        same = host == self.host or {host, self.host} <= LOOPBACK_NAMES
        return same and port == self.port


@dataclass(frozen=True, slots=True)
class Policy:
    """Hosts for tunnels (a leading dot allows every name below), the two origins, the buckets."""

    hosts: frozenset[str]
    api: Origin
    store: Origin
    buckets: frozenset[str]


@dataclass(frozen=True, slots=True)
class Tunnel:
    """Yes: resolve `host`, check every address, connect to a checked one."""

    host: str
    port: int = 443


@dataclass(frozen=True, slots=True)
class Forward:
    """Yes: send the request to `origin`; `authority` goes into its Host header."""

    origin: Origin
    authority: str
    path: str
    store: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """No, and why, in words a build log can show."""

    reason: str


def judge_connect(authority: str, policy: Policy) -> Tunnel | Refusal:
    """Decides `CONNECT authority`."""
    host, colon, port = authority.lower().rpartition(":")
    if not colon or port != "443":
        return Refusal("only port 443 may be connected to")
    host = host.removesuffix(".")
    if not _HOST.fullmatch(host) or host.replace(".", "").isdigit():
        return Refusal("the host is not a plain name")
    if not _listed(host, policy.hosts):
        return Refusal(f"{host} is not an allowed host (CLOUDDECK_EGRESS_ALLOW adds more)")
    return Tunnel(host)


def judge_forward(method: str, target: str, policy: Policy) -> Forward | Refusal:
    """Decides a plain request with an absolute target."""
    match = re.fullmatch(r"http://([a-z0-9._-]+|\[::1\])(?::(\d{1,5}))?(/.*)", target, re.I)
    if not match:
        return Refusal("plain HTTP is for the platform's own addresses only")
    host, port = match[1].lower().strip("[]"), int(match[2] or 80)
    authority = f"{match[1].lower()}:{port}" if match[2] else match[1].lower()
    path, _, query = match[3].partition("?")
    if "#" in match[3] or "\\" in path:
        return Refusal("the address has characters that do not belong there")
    if policy.api.covers(host, port) and path.startswith("/v1/runner/"):
        return _to_api(method, path, Forward(policy.api, authority, match[3], store=False))
    if policy.store.covers(host, port):
        forward = Forward(policy.store, authority, match[3], store=True)
        return _to_store(method, path, query, policy.buckets, forward)
    return Refusal(f"{host}:{port} is not an address a build may call")


def public(address: str) -> bool:
    """Whether an address is neither this machine, nor its networks, nor a metadata service."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return not any(parsed in block for block in DENIED if block.version == parsed.version)


def forwarded_headers(
    headers: tuple[tuple[str, str], ...], decision: Forward
) -> list[tuple[str, str]]:
    """The request headers that travel on, Host first.

    The store chooses what a request means by its headers, so only those of a presigned upload or
    download pass; an Authorization header never does.
    """
    kept = [("host", decision.authority)]
    for name, value in headers:
        if name == "host" or name in HOP_BY_HOP or name == "expect":
            continue
        if decision.store and not STORE_HEADERS.fullmatch(name):
            continue
        kept.append((name, value))
    return [*kept, ("connection", "keep-alive")]


def _listed(host: str, hosts: frozenset[str]) -> bool:
    if host in hosts:
        return True
    labels = host.split(".")
    return any("." + ".".join(labels[i:]) in hosts for i in range(1, len(labels)))


def _to_api(method: str, path: str, answer: Forward) -> Forward | Refusal:
    if not re.fullmatch(r"/v1/runner/[a-z_]{1,32}", path):
        return Refusal("only the runner's calls may be made on the API")
    return answer if method == "POST" else Refusal("the runner's calls are POST")


def _to_store(
    method: str, path: str, query: str, buckets: frozenset[str], answer: Forward
) -> Forward | Refusal:
    """Only objects of our buckets: other first segments are other services' addresses."""
    if method not in STORE_METHODS:
        return Refusal(f"{method} is not a presigned upload or download")
    bucket, _, key = path.removeprefix("/").partition("/")
    if bucket not in buckets or not key:
        return Refusal("the address names no object in the store")
    if any(part in {".", ".."} for part in re.split(r"[/\\]", _unquoted(key))):
        return Refusal("the object name walks upwards")
    fault = _unsigned(query)
    return Refusal(fault) if fault else answer


def _unsigned(query: str) -> str:
    """What keeps a query from being that of a presigned store address; empty if nothing does."""
    pairs = [pair.partition("=") for pair in query.split("&")] if query else []
    names = [unquote(name) for name, _, _ in pairs]
    if len(set(map(str.lower, names))) != len(names):
        return "the query repeats a name"
    values = {name: unquote(value) for name, (_, _, value) in zip(names, pairs, strict=True)}
    # the emulator believes whoever names a key of its and another algorithm
    if not values.get("X-Amz-Signature") or values.get("X-Amz-Algorithm") != "AWS4-HMAC-SHA256":
        return "the address is not presigned"
    if not _SCOPE.fullmatch(values.get("X-Amz-Credential", "")):
        return "the address is not presigned for the store"
    if not all(STORE_QUERY.fullmatch(name.lower()) for name in names):
        return "the query holds more than a presigned address has"
    return ""


def _unquoted(text: str) -> str:
    for _ in range(4):
        again = unquote(text)
        if again == text:
            return text
        text = again
    return ".."
