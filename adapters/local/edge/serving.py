"""From a request to its answer: host, deployment, path, representation."""

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

from adapters.local.edge import answers, refusals, visits
from adapters.local.edge.answers import Answer, Context, FilePart, Prepared, Representation
from adapters.local.edge.blobs import LARGE, Blob, Blobs, Loaded
from adapters.local.edge.hosts import Doors, OwnHost, OwnHosts
from adapters.local.edge.manifests import Manifest, Manifests, ShardMissingError
from adapters.local.edge.routes import Route
from adapters.local.edge.settings import EdgeSettings
from adapters.local.edge.store import AbsentError, StoreError
from chalicelib.edge.rules import conditions, pages, types
from chalicelib.edge.rules.encodings import negotiate
from chalicelib.edge.rules.hosts import Site, home, normalise_host, parse_host
from chalicelib.edge.rules.paths import with_query
from chalicelib.edge.rules.resolve import Decision, decide
from chalicelib.edge.rules.visitors import Choice

_MOST_HOT = 50_000
_MOST_CODINGS = 1_000
_CONTROL_HOSTS = {"127.0.0.1", "localhost"}

Codings = tuple[str, ...]


@dataclass(slots=True)
class Request:
    """What a visitor sent. `headers` are those that the edge listens to, of two the first.

    `all` are all of them as they came, names in lower case: for what is passed on and for the
    rules that name one. `peer` is the address at the other end of the connection, `secure` whether
    it is TLS.
    """

    method: bytes
    path: bytes
    query: bytes
    host: bytes
    headers: dict[bytes, bytes]
    all: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    peer: str = ""
    secure: bool = False

    def text(self, name: bytes) -> str:
        """A header as text; empty when absent."""
        return self.headers.get(name, b"").decode("latin-1")


@dataclass(slots=True)
class HostEntry:
    """A Host header that was resolved before, with its pages.

    Valid while the route is the same and, of an alias, its site's.
    """

    route: Route
    site: Site
    host: str
    divided: bool
    home: Route
    pages: dict[tuple[bytes, Codings], Prepared] = field(default_factory=dict)


@dataclass(slots=True)
class Found:
    """The representation that answers: its bytes, or None when they are streamed from disk."""

    blob: Blob
    shape: Representation
    loaded: Loaded | None
    cache: str
    context: Context


class Serving:
    """Everything between the parser and the caches."""

    def __init__(
        self,
        settings: EdgeSettings,
        routes: dict[str, Route],
        manifests: Manifests,
        blobs: Blobs,
        control: Mapping[str, Callable[[], Awaitable[dict[str, object]]]],
        *,
        own: OwnHosts,
    ) -> None:
        self.routes = routes
        self.own = own
        self.hosts: tuple[dict[bytes, HostEntry], dict[bytes, HostEntry]] = ({}, {})
        """By Host header, once for plain HTTP and once for HTTPS."""
        self.codings: dict[bytes, Codings] = {}
        self._domain = settings.domain
        self._doors = Doors(settings.port, settings.tls_port)
        self._secret = settings.secret.encode()
        self._manifests = manifests
        self._blobs = blobs
        self._control = {**control, "POST /_clouddeck/forget": self.forget}
        self._hot = 0

    def hot(
        self, host: bytes, path: bytes, accepts: bytes, secure: bool = False
    ) -> Prepared | None:
        """The answer that lies ready in memory. This is the way that has to be fast."""
        entry = self.hosts[secure].get(host)
        if entry is None or not self._holds(entry):
            return None
        codings = self.codings.get(accepts)
        if codings is None:
            return None
        prepared = entry.pages.get((path, codings))
        if prepared is None or prepared.body.data is None:
            return None
        prepared.body.used = True
        return prepared

    async def answer(self, request: Request) -> Answer:
        """The answer to any request; faults of the store become 502, never another's bytes."""
        host = normalise_host(request.host.decode("latin-1"))
        if host in _CONTROL_HOSTS and request.path.startswith(b"/_clouddeck/"):
            return await self._controlled(request)
        own = self.own.find(host)
        site = own.leads_to if own else parse_host(request.host.decode("latin-1"), self._domain)
        context = Context(
            host=host or "",
            path=request.path.decode("utf-8", "replace"),
            hidden=site is not None and site.hidden,
            hsts_seconds=own.hsts_seconds if own and request.secure else 0,
        )
        if site is None or (own is not None and not self._owned(own)):
            return answers.page(pages.UNKNOWN_HOST, context)
        if own is not None:
            location = self._doors.moved(request, own, self.own)
            if location is not None:
                return answers.redirect(location, context)
        if request.method not in {b"GET", b"HEAD"}:
            return refusals.method(context)
        return await self._of_site(request, site, context)

    async def _of_site(self, request: Request, site: Site, context: Context) -> Answer:
        """The answer of a site to who may read it; a host that names one may name nobody's."""
        entry = self._entry(request, site, context.host)
        if entry is None:
            return answers.page(pages.UNKNOWN_HOST, context)
        choice = visits.choose(
            entry.route, entry.site, request.text, request.query, secure=request.secure
        )
        if choice.deployment is None:
            return answers.page(pages.NOT_PUBLISHED, context)
        context = replace(context, site=entry.route.site, deployment=choice.deployment)
        try:
            answer = await self._of_deployment(request, entry, choice, context)
        except (StoreError, OSError) as error:
            return refusals.unavailable(error, context)
        if entry.divided:
            visits.set_cookies(answer, choice, secure=request.secure)
        return answer

    def _owned(self, own: OwnHost) -> bool:
        """Whether the route that an own domain leads to is still its site's."""
        route = self.routes.get(own.slug)
        return route is not None and route.site == own.site

    def _entry(self, request: Request, site: Site, host: str) -> HostEntry | None:
        """What a Host header leads to, if that site is on the air; an alias ends with its site."""
        entry = self.hosts[request.secure].get(request.host)
        if entry is not None and self._holds(entry):
            return entry
        route, of = self.routes.get(site.slug), self.routes.get(home(site.slug))
        if route is None or route.gone or of is None or of.gone or of.site != route.site:
            return None
        return HostEntry(route, site, host, visits.is_divided(route, site), of)

    def _holds(self, entry: HostEntry) -> bool:
        """Whether nothing has changed since a Host header was resolved."""
        routes, of = self.routes, entry.home
        return routes.get(entry.route.slug) is entry.route and (
            of is entry.route or routes.get(of.slug) is of
        )

    async def _of_deployment(
        self, request: Request, entry: HostEntry, choice: Choice, context: Context
    ) -> Answer:
        """An answer out of one deployment, from the first byte to the last.

        What a stranger asked for by its id may not exist; what the route names has to.
        """
        strangers = choice.why in {"preview", "pin"}
        try:
            manifest = await self._manifests.get(context.deployment)
        except AbsentError:
            if not strangers:
                raise
            return refusals.no_deployment(context)
        if (manifest.project, manifest.team) != (entry.route.site, entry.route.team):
            if not strangers:
                raise StoreError(f"{context.deployment} belongs to another site")
            return refusals.no_deployment(context)
        decision = await self._decide(request, manifest)
        if decision.location is not None:
            return answers.redirect(with_query(decision.location, request.query), context)
        blob = None if decision.file is None else manifest.find(decision.file)
        if blob is None or decision.file is None:
            return refusals.no_file(decision, context)
        return await self._file(request, entry, decision, blob, context)

    async def _decide(self, request: Request, manifest: Manifest) -> Decision:
        """Ask the rules, loading a shard each time they need one."""
        accept = request.text(b"accept")
        while True:
            try:
                decision = decide(request.path, accept, manifest.exists, manifest.rules)
                if decision.file is not None:
                    manifest.find(decision.file)
            except ShardMissingError as missing:
                await self._manifests.load_shard(manifest, missing.shard)
            else:
                return decision

    async def _file(
        self, request: Request, entry: HostEntry, decision: Decision, blob: Blob, context: Context
    ) -> Answer:
        """A file of the deployment in the representation the visitor takes."""
        name = decision.file or ""
        media = types.content_type(name)
        packable = types.is_compressible(media, blob.size) and blob.size <= LARGE
        ranged = b"range" in request.headers and decision.status == 200
        codings = self._codings(request) if packable and not ranged else ()
        coding, loaded, cache = await self._representation(blob, codings)
        shape = Representation(
            tag=conditions.etag(blob.sha256, coding),
            size=blob.size if loaded is None else len(loaded.data),
        )
        shape.headers = [
            ("Content-Type", media),
            ("Cache-Control", types.cache_control(name)),
            *([("Vary", "Accept-Encoding")] if packable else []),
            *([("Content-Encoding", coding)] if coding else []),
            *answers.whose(context),
            answers.NOSNIFF,
        ]
        found = Found(blob, shape, loaded, cache, context)
        if decision.status != 200:
            return self._whole(found, decision.status)
        shape.headers += [("ETag", shape.tag), ("Accept-Ranges", "bytes")]
        if decision.reason != "spa":
            self._keep_hot(request, entry, found)
        return self._conditional(request, found)

    async def _representation(self, blob: Blob, codings: Codings) -> tuple[str, Loaded | None, str]:
        """(coding, bytes or None when they are streamed from disk, where they came from)."""
        if blob.size > LARGE:
            return "", None, await self._blobs.ensure(blob)
        for coding in codings:
            packed = await self._blobs.packed(blob, coding)
            if packed is not None:
                return coding, packed, packed.source
        loaded = await self._blobs.body(blob)
        return "", loaded, loaded.source

    def _conditional(self, request: Request, found: Found) -> Answer:
        """Full, partial, not modified or not satisfiable."""
        shape = found.shape
        if b"if-none-match" in request.headers and conditions.none_match(
            request.text(b"if-none-match"), shape.tag
        ):
            line = answers.log_line(found.context, 304, 0, found.cache)
            return Answer(304, answers.not_modified_head(shape), None, line)
        try:
            span = _span(request, shape)
        except conditions.UnsatisfiableError:
            headers = [("Content-Range", f"bytes */{shape.size}")]
            return answers.page(pages.NO_SUCH_PART, found.context, headers=headers)
        return self._whole(found, 200) if span is None else self._partial(found, span)

    def _whole(self, found: Found, status: int) -> Answer:
        size = found.shape.size
        head = answers.head(status, [*found.shape.headers, ("Content-Length", str(size))])
        return Answer(
            status,
            head,
            self._piece(found, conditions.Span(0, size - 1)),
            answers.log_line(found.context, status, size, found.cache),
        )

    def _partial(self, found: Found, span: conditions.Span) -> Answer:
        length = span.last - span.first + 1
        headers = [
            *found.shape.headers,
            ("Content-Range", f"bytes {span.first}-{span.last}/{found.shape.size}"),
            ("Content-Length", str(length)),
        ]
        line = answers.log_line(found.context, 206, length, found.cache)
        return Answer(206, answers.head(206, headers), self._piece(found, span), line)

    def _piece(self, found: Found, span: conditions.Span) -> bytes | FilePart:
        """The bytes of a span, or where on disk they are."""
        if found.loaded is not None:
            return found.loaded.data[span.first : span.last + 1]
        path = self._blobs.disk.path(found.blob.file)
        return FilePart(path, span.first, span.last - span.first + 1)

    def _codings(self, request: Request) -> Codings:
        """What the visitor takes, remembered per spelling of the header."""
        raw = request.headers.get(b"accept-encoding", b"")
        codings = self.codings.get(raw)
        if codings is None:
            codings = negotiate(raw.decode("latin-1"))
            if len(self.codings) >= _MOST_CODINGS:
                self.codings.clear()
            self.codings[raw] = codings
        return codings

    async def forget(self) -> dict[str, object]:
        """Serve nothing more of deployments whose manifest was taken off the disk."""
        self.let_cool()
        return {"forgotten": self._manifests.forget_removed()}

    def let_cool(self) -> None:
        """Resolve every Host header anew, and lay every page ready anew."""
        for hosts in self.hosts:
            hosts.clear()
        self._hot = 0

    def _keep_hot(self, request: Request, entry: HostEntry, found: Found) -> None:
        """Lay the page ready. Only plain paths, so that spellings cannot fill the memory."""
        if entry.divided or found.loaded is None:
            return
        if b"%" in request.path or b"range" in request.headers:
            return
        if self._hot >= _MOST_HOT:
            self.let_cool()
        hosts = self.hosts[request.secure]
        if hosts.get(request.host) is not entry:
            hosts[request.host] = entry
            self._hot += 1
        codings = self._codings(request)
        entry.pages[(request.path, codings)] = answers.prepare(
            found.shape, found.loaded.body, found.context
        )
        self._hot += 1

    async def _controlled(self, request: Request) -> Answer:
        """The edge's own address: health for everybody on this machine, the rest by secret."""
        context = Context(host="control", path=request.path.decode("utf-8", "replace"))
        name = f"{request.method.decode('latin-1')} {context.path}"
        action = self._control.get(name)
        if action is None:
            return answers.plain(404, b'{"error":"not_found"}', "application/json", context)
        given = request.headers.get(b"x-clouddeck-secret", b"")
        known = bool(self._secret) and hmac.compare_digest(given, self._secret)
        if not name.startswith("GET ") and not known:
            return answers.plain(403, b'{"error":"secret"}', "application/json", context)
        body = json.dumps(await action()).encode()
        return answers.plain(200, body, "application/json", context)


def _span(request: Request, shape: Representation) -> conditions.Span | None:
    """The part that is asked for. GET alone defines ranges; HEAD answers as if there were none."""
    if request.method != b"GET" or b"range" not in request.headers:
        return None
    if_range = request.text(b"if-range") if b"if-range" in request.headers else None
    if not conditions.range_applies(if_range, shape.tag):
        return None
    return conditions.parse_range(request.text(b"range"), shape.size)
