"""Every port on one page: what the product asks of a cloud, and who answers.

`services()` gives the ports of this process. `wiring.py` installs the factory; nothing is
opened before the first call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, Protocol

from chalicelib.edge.rules.domains import (
    Brought,
    Certificate,
    DnsRecord,
    Domain,
    Placing,
    RecordSet,
)
from chalicelib.edge.rules.routes import Access, Match


@dataclass(frozen=True)
class BuildOrder:
    """A build that shall start: its id, its token, how long it may take, what machine it gets.

    Memory and disk in MB. `priority` is 0 for the most urgent.
    """

    build: str
    token: str
    deadline_seconds: int
    trusted: bool
    memory_mb: int = 4096
    cpus: int = 2
    disk_mb: int = 4096
    priority: int = 0


@dataclass(frozen=True)
class SiteRoute:
    """What the edge knows of a site: which deployment is production, and since which move.

    An alias is a route of its own: its `slug` is `<alias>--<slug>`, and it ends with its site.
    `weight` of 10,000 visitors see `canary`, always the same ones, and so does whom `match` names.
    What a page asks for is answered by the page's own deployment while that is production or the
    canary, and for `skew_seconds` after it was replaced: `past` says when, the last one first.
    `looks` is what about a request the rules of its deployments look at, `access` who may see
    it, `guard` what it refuses (JSON), `down` the backends that do not answer. `revision`
    orders routes of one generation: it is the project's version.
    """

    site: str
    team: str
    slug: str
    production: str | None
    generation: int
    gone: bool = False
    canary: str | None = None
    weight: int = 0
    skew_seconds: int = 0
    revision: int = 0
    match: Match | None = None
    past: tuple[tuple[str, int], ...] = ()
    looks: tuple[str, ...] = ()
    access: Access | None = None
    guard: str = ""
    down: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signed:
    """A request that somebody without credentials may make once: URL and exact headers."""

    url: str
    headers: dict[str, str]


@dataclass(frozen=True)
class SmokeAnswer:
    """What the edge answered to a smoke check."""

    status: int
    deployment: str
    milliseconds: int


class Store(Protocol):
    """Objects: blobs, manifests, sources, caches (S3; GCS, Azure Blob)."""

    def put(self, key: str, body: bytes, content_type: str = "application/json") -> None:
        """Write an object; whole or not at all."""

    def put_file(self, key: str, file: IO[bytes], content_type: str) -> None:
        """Write an object from an open file, from where it stands, without holding it in memory."""

    def get(self, key: str) -> bytes | None:
        """The object's bytes, or None when there is none."""

    def size(self, key: str) -> int | None:
        """The object's length in bytes, or None when there is none."""

    def sizes(self, prefix: str) -> Iterator[tuple[str, int]]:
        """(key, length) of every object below `prefix`."""

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; absent ones are no error."""

    def signed_get(self, key: str, seconds: int) -> str:
        """URL with which anyone may read one object for a while."""

    def signed_put(
        self, key: str, seconds: int, *, length: int | None = None, sha256: str | None = None
    ) -> Signed:
        """Request with which anyone may write one object; with `sha256` (hex) only that content."""


class Workflow(Protocol):
    """State machines (Step Functions; Workflows, Durable Functions)."""

    def start(self, machine: str, name: str, data: dict[str, Any]) -> bool:
        """Start an execution; False when that name was started before."""

    def status(self, machine: str, name: str) -> str | None:
        """`RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED`, or None when unknown."""

    def succeed(self, token: str, output: dict[str, Any]) -> bool:
        """Answer a waiting task; False when nobody waits any more."""

    def fail(self, token: str, error: str, cause: str) -> bool:
        """End a waiting task with a fault; False when nobody waits any more."""

    def heartbeat(self, token: str) -> bool:
        """Tell that a task is alive; False when nobody waits any more."""

    def stop(self, machine: str, name: str, cause: str) -> None:
        """End an execution; no error when there is none."""


class Bus(Protocol):
    """Events (EventBridge; Pub/Sub, Event Grid)."""

    def put(self, kind: str, detail: dict[str, Any]) -> None:
        """Publish one event of `kind` such as `git.push`."""


class NoRoom(OSError):  # noqa: N818  # a state of things, not a fault
    """A builder cannot take another order now; the order waits and is told again."""


class Over(Exception):  # noqa: N818  # a state of things, not a fault
    """An order was carried out before and its machine has ended."""


class Builder(Protocol):
    """Starts runners (CodeBuild; Cloud Build, Container Apps jobs, sandboxed slots)."""

    def start(self, order: BuildOrder) -> str:
        """Start a runner; repeating an order starts nothing twice.

        Answers a sentence for the log when the machine is not the one ordered, else nothing.
        Raises NoRoom when the order has to wait, Over when its machine is known to have ended,
        OSError when nobody answers, RuntimeError when the order is refused.
        """

    def stop(self, build: str) -> None:
        """End a runner; no error when it is gone."""


class Edge(Protocol):
    """The routes that serve sites (KeyValueStore; a folder of files)."""

    def put(self, route: SiteRoute) -> None:
        """Publish a route unless a newer generation is there."""

    def revoke(self, route: SiteRoute, deployment: str) -> None:
        """Publish a route and stop serving one deployment as production, everywhere, in seconds.

        For a rollback: routes may take a minute to reach every corner of an edge. The address
        of the deployment itself goes on answering.
        """

    def forget(self, deployments: list[str], occasion: str = "") -> None:
        """Stop serving deployments whose manifests were removed from the store, in seconds.

        Done again on the same `occasion`, it may be done once only.
        """

    def purge(self, site: str, tags: list[str], paths: list[str], *, everything: bool) -> None:
        """Drop what caches keep of a site, in seconds: by tag, by path, or all of it.

        A path that ends with `*` stands for all that begin so. Files of deployments never change;
        this is for what backends answered. Raises RuntimeError when a cache refuses.
        """

    def guard_refusal(self, guard: Mapping[str, Any]) -> str:
        """Why this edge cannot do what a checked guard says; empty when it can."""

    def ask(self, host: str, path: str) -> SmokeAnswer:
        """Request a page the way a visitor would; raises OSError when the edge is out of reach."""


class Keys(Protocol):
    """Keys that never leave their keeper (KMS; a key file)."""

    def wrap(self, plain: bytes, context: dict[str, str]) -> bytes:
        """Encrypt, bound to `context`."""

    def unwrap(self, wrapped: bytes, context: dict[str, str]) -> bytes:
        """Decrypt; raises ValueError when the context or a byte differs."""

    def signing_key(self) -> tuple[str, Any]:
        """(key id, private key) that signs access tokens now (ES256)."""

    def verifying_keys(self) -> dict[str, Any]:
        """Public keys by key id that access tokens may be signed with."""


@dataclass(frozen=True)
class Head:
    """Newest commit of a branch of a built-in repository, and when git moved it there."""

    branch: str
    commit: str
    sequence: int


class Repositories(Protocol):
    """The built-in git remote (bare repositories on disk), or sources put into the store."""

    def remote(self) -> str | None:
        """URL below which `<slug>.git` can be cloned; None when there is no remote of our own."""

    def create(self, project: str) -> None:
        """Make an empty bare repository; no error when it is there."""

    def remove(self, project: str) -> None:
        """Delete a repository; no error when it is gone."""

    def projects(self) -> list[str]:
        """Ids of the projects that have a repository here."""

    def heads(self, project: str) -> list[Head]:
        """Every branch with its newest commit."""

    def commit(self, project: str, reference: str) -> dict[str, str] | None:
        """`{"commit","message","author","time"}` of a branch or commit id; None when absent."""

    def archive(self, project: str, commit: str) -> bytes | None:
        """The tree of a commit as .tar.gz; None when the commit is gone."""


class Live(Protocol):
    """Open WebSockets (API Gateway `@connections`)."""

    def send(self, connection: str, message: dict[str, Any]) -> bool:
        """Send to one connection; False when it is gone. Raises OSError for any other failure."""


@dataclass(frozen=True)
class Message:
    """A mail in plain text to one address; `kind` says which, such as `verify_email`."""

    kind: str
    to: str
    subject: str
    text: str

    def __post_init__(self) -> None:
        """Raise ValueError when a header would be more than one line."""
        if not all(line.isprintable() for line in (self.kind, self.to, self.subject)):
            raise ValueError("kind, address and subject of a mail are one line each")


class Mail(Protocol):
    """Mail (SES; a folder that `python -m adapters.local mail` shows)."""

    def send(self, message: Message) -> None:
        """Hand a mail over; raises OSError when it cannot be taken right now."""


class Domains(Protocol):
    """Hosts of people's own at the edge (distribution tenants and ACM; files of hosts).

    None of these waits, and each may be repeated. Whether somebody may have a host is for the
    caller to know: the same answer is given to whoever asks.
    """

    def refusal(self) -> str:
        """Why this installation can serve no domains of people's own; empty when it can."""

    def request(self, host: str, slug: str, how: Placing = ...) -> Domain:
        """Let a host serve a site; one that is here already moves to that site.

        Raises ValueError for what is no domain, or is the installation's own.
        """

    def attach(self, host: str) -> Domain:
        """Serve a host with its certificate, once that is issued; before, nothing changes."""

    def retry(self, host: str) -> Domain:
        """Ask for a certificate again after one failed."""

    def detach(self, host: str) -> bool:
        """Take a host off; True when it is gone, False to be called again."""

    def discard(self, reference: str) -> bool:
        """Delete an ordered or installed certificate; False while something is served with it."""

    def records(self, host: str) -> tuple[DnsRecord, ...]:
        """The DNS records that the owner of a host has to set."""

    def certificate(self, host: str) -> Certificate | None:
        """What a host is served with; None when there is none."""

    def install(self, host: str, brought: Brought, reference: str) -> str:
        """Keep a certificate of somebody's own, in place of `reference` when there is one.

        Answers the reference to serve it by. It was checked before.
        """


class Zones(Protocol):
    """DNS zones that the installation keeps (Route 53; files), or somebody's account elsewhere."""

    kind: str

    def create(self, name: str) -> tuple[str, tuple[str, ...]]:
        """Make a zone, or take up the one of an account; its id and its name servers.

        Raises LookupError when the account has none of that name.
        """

    def remove(self, zone: str) -> None:
        """Delete a zone of ours with all its records; no error when it is gone."""

    def records(self, zone: str) -> list[RecordSet]:
        """The record sets that can be managed, in the order of their names."""

    def put(self, zone: str, wanted: RecordSet) -> None:
        """Write a record set in place of what is there; raises ValueError when it is refused."""

    def drop(self, zone: str, name: str, kind: str) -> bool:
        """Remove a record set; False when there is none."""


@dataclass(frozen=True)
class Services:
    """The ports of one process."""

    store: Store
    workflow: Workflow
    bus: Bus
    builder: Builder
    edge: Edge
    keys: Keys
    repositories: Repositories
    live: Live
    mail: Mail
    domains: Domains
    zones: Zones


_factory: list[Callable[[], Services]] = []
_services: list[Services] = []


def install(factory: Callable[[], Services]) -> None:
    """Say who builds the services of this process (wiring, or a test)."""
    _factory[:] = [factory]
    _services.clear()


def services() -> Services:
    """The ports of this process, built at the first call."""
    if not _services:
        if not _factory:
            raise RuntimeError("no services installed: call chalicelib.wiring.install() first")
        _services.append(_factory[0]())
    return _services[0]
