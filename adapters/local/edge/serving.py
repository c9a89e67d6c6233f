"""From a request to its answer: host, deployment, path, representation."""

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

from adapters.local.edge import answers, entrance, refusals, visits
from adapters.local.edge.answers import Answer, Context, Prepared
from adapters.local.edge.countries import Whereabouts
from adapters.local.edge.files import Codings, Files, Found
from adapters.local.edge.guard import GuardKeeper
from adapters.local.edge.hosts import Doors, OwnHost, OwnHosts
from adapters.local.edge.manifests import Manifest, Manifests, ShardMissingError
from adapters.local.edge.proxy import Proxy
from adapters.local.edge.routes import Route
from adapters.local.edge.ruled import dressed
from adapters.local.edge.settings import EdgeSettings
from adapters.local.edge.store import AbsentError, CorruptError, StoreError
from adapters.local.edge.tables import Tables
from chalicelib.edge.rules import access, pages
from chalicelib.edge.rules.hosts import Site, home, normalise_host, parse_host
from chalicelib.edge.rules.pages import Notice
from chalicelib.edge.rules.routing import verdicts
from chalicelib.edge.rules.routing.decide import decide
from chalicelib.edge.rules.routing.facts import Facts, facts_of
from chalicelib.edge.rules.routing.table import Table
from chalicelib.edge.rules.routing.verdicts import Redirect, Refused, Verdict
from chalicelib.edge.rules.visitors import Choice

_MOST_HOT = 50_000
_PURGE = "POST /_clouddeck/purge"
_CONTROL_HOSTS = {"127.0.0.1", "localhost"}
_READS = {b"GET", b"HEAD"}


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

    def said(self, name: str) -> str:
        """Any header as text, by its name in lower case; the first of several, of cookies all."""
        raw = name.encode("latin-1", "replace")
        known = self.headers.get(raw)
        if known is None:
            known = next((value for key, value in self.all if key == raw), b"")
        return known.decode("latin-1")


@dataclass(slots=True)
class HostEntry:
    """A Host header that was resolved before, with its pages.

    Valid while the route is the same and, of an alias, its site's. `pin` is what lets a part of a
    page be answered at once though visitors are divided, and `opened` is what lies ready for who
    opens a page then, with the cookie; `watched` hosts ask everybody something first.
    """

    route: Route
    site: Site
    host: str
    divided: bool
    home: Route
    watched: bool
    pin: tuple[bytes, bytes] | None
    pages: dict[tuple[bytes, Codings], Prepared] = field(default_factory=dict)
    opened: dict[tuple[bytes, Codings], Prepared] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parts:
    """What an edge is put together from."""

    manifests: Manifests
    tables: Tables
    files: Files
    whereabouts: Whereabouts
    guard: GuardKeeper
    proxy: Proxy
    own: OwnHosts


class Serving:
    """Everything between the parser and the caches."""

    def __init__(
        self,
        settings: EdgeSettings,
        routes: dict[str, Route],
        parts: Parts,
        control: Mapping[str, Callable[[], Awaitable[dict[str, object]]]],
    ) -> None:
        self.routes = routes
        self.own = parts.own
        self.hosts: tuple[dict[bytes, HostEntry], dict[bytes, HostEntry]] = ({}, {})
        """By Host header, once for plain HTTP and once for HTTPS."""
        self._codings = parts.files.known
        self._parts = parts
        self._manifests = parts.manifests
        self._domain = settings.domain
        self._doors = Doors(settings.port, settings.tls_port)
        self._entrance = access.Doors(settings.api, settings.console)
        self._secret = settings.secret.encode()
        self._control = {**control, "POST /_clouddeck/forget": self.forget}
        self._hot = 0

    def hot(  # called once a request, where names cost
        self,
        host: bytes,
        path: bytes,
        headers: dict[bytes, bytes],
        query: bytes,
        secure: bool = False,
    ) -> Prepared | None:
        """The answer that lies ready in memory. This is the way that has to be fast."""
        entry = self.hosts[secure].get(host)
        if entry is None or not self._holds(entry):
            return None
        codings = self._codings.get(headers.get(b"accept-encoding", b""))
        if codings is None:
            return None
        ready = entry.pages
        if entry.pin is not None:
            if visits.opens(headers):
                ready = entry.opened
            elif not visits.asks_production(entry.pin, headers, query):
                return None
        prepared = ready.get((path, codings))
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
        return await self._of_site(request, site, context)

    async def _of_site(self, request: Request, site: Site, context: Context) -> Answer:
        """The answer of a site to who may read it; a host that names one may name nobody's."""
        entry = self._entry(request, site, context.host)
        if entry is None:
            return _none(request, pages.UNKNOWN_HOST, context)
        route = entry.route
        context = replace(context, site=route.site)
        if entry.watched or request.path.startswith(b"/_clouddeck/"):
            stopped = self._stopped(request, entry, context)
            if stopped is not None:
                return stopped
        choice = visits.choose(
            *(route, entry.site, request.said, request.query),
            lambda: self._parts.whereabouts.country(request),
            secure=request.secure,
        )
        if choice.deployment is None:
            return _none(request, pages.NOT_PUBLISHED, context)
        deployment = choice.deployment
        if choice.claimed is not None and await self._is_theirs(choice.claimed, entry):
            deployment = choice.claimed
            choice = Choice(deployment, "pin")
        context = replace(context, deployment=deployment)
        try:
            answer = await self._of_deployment(request, entry, choice, context)
        except (StoreError, OSError) as error:
            return refusals.unavailable(error, context)
        if entry.divided:
            visits.set_cookies(answer, choice, secure=request.secure)
        return answer

    async def _is_theirs(self, claimed: str, entry: HostEntry) -> bool:
        """Whether a page may be of a deployment that this edge has not heard of yet.

        Another edge may have, and shown it: what the page asks for here is answered by it, if it
        was made for production and is of this very site. Of a protected site nothing is shown that
        its route does not name; of any other everybody may see it at its own address.
        """
        route = entry.route
        if route.access is not None:
            return False
        try:
            manifest = await self._manifests.get(claimed)
        except StoreError:
            return False
        ours = (manifest.project, manifest.team) == (route.site, route.team)
        return ours and manifest.target == "production"

    def _stopped(self, request: Request, entry: HostEntry, context: Context) -> Answer | None:
        """The answer to who the site's guard refuses, or who may not see the site."""
        if entry.route.guard:
            answer = self._parts.guard.check(request, entry.route, context)
            if answer is not None:
                return answer
        return entrance.check(request, entry.route, entry.site, context, self._entrance)

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
        return HostEntry(
            *(route, site, host, visits.is_divided(route, site), of),
            watched=bool(route.guard) or access.is_protected(route.access, site),
            pin=visits.pin(route, site, secure=request.secure),
        )

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
        table = await self._parts.tables.get(manifest)
        reads = request.method in _READS
        if not reads and (table is None or not table.open_methods):
            return refusals.method(context)
        verdict = await self._decide(request, entry, manifest, table)
        if access.is_protected(entry.route.access, entry.site):
            verdict = replace(verdict, private=True)
        if not reads and (verdict.rule is None and not isinstance(verdict, Refused)):
            return refusals.method(context)
        return await self._carried_out(request, entry, manifest, verdict, context)

    async def _decide(
        self, request: Request, entry: HostEntry, manifest: Manifest, table: Table | None
    ) -> Verdict:
        """Ask the rules, loading a shard each time they need one."""
        accept = request.text(b"accept")
        facts = _NO_FACTS if table is None else self._facts(request, table)
        down = frozenset(entry.route.down)
        while True:
            try:
                verdict = decide(
                    *(request.path, accept, manifest.exists, manifest.rules, table, facts),
                    down=down,
                )
                if isinstance(verdict, verdicts.File):
                    manifest.find(verdict.file)
            except ShardMissingError as missing:
                await self._manifests.load_shard(manifest, missing.shard)
            except (ValueError, LookupError) as error:  # a table that nobody checked
                raise CorruptError(f"the rules of {manifest.deployment}: {error}") from error
            else:
                return verdict

    def _facts(self, request: Request, table: Table) -> Facts:
        """What the rules of a deployment look at, and nothing else."""
        country = ""
        if "country" in table.looks:
            country = self._parts.whereabouts.country(request)
        return facts_of(
            table.looks,
            request.said,
            host=request.host.decode("latin-1"),
            method=request.method.decode("latin-1"),
            query=request.query.decode("latin-1"),
            country=country,
        )

    async def _carried_out(
        self,
        request: Request,
        entry: HostEntry,
        manifest: Manifest,
        verdict: Verdict,
        context: Context,
    ) -> Answer:
        """Do what the rules say."""
        if isinstance(verdict, verdicts.Proxy):
            return await self._parts.proxy.answer(request, verdict, context)
        if isinstance(verdict, Redirect):
            return answers.redirect(
                verdict.to(request.query),
                context,
                verdict.status,
                lambda headers: dressed(headers, verdict),
            )
        if isinstance(verdict, Refused):
            return refusals.credentials(verdict, context, list(verdict.headers))
        if isinstance(verdict, verdicts.Nothing):
            return refusals.nothing(verdict, context, list(verdict.headers))
        if request.method not in _READS:
            return refusals.method(context)
        blob = manifest.find(verdict.file)
        if blob is None:
            raise StoreError(f"{verdict.file} was there and is not any more")
        found = await self._parts.files.find(request, verdict, blob, context)
        if verdict.status == 200 and verdict.reason != "spa":
            self._keep_hot(request, entry, found, verdict)
        return self._parts.files.answer(request, found)

    async def forget(self) -> dict[str, object]:
        """Serve nothing more of deployments whose manifest was taken off the disk."""
        self.let_cool()
        return {"forgotten": self._manifests.forget_removed()}

    def let_cool(self) -> None:
        """Resolve every Host header anew, and lay every page ready anew."""
        for hosts in self.hosts:
            hosts.clear()
        self._hot = 0

    def _keep_hot(self, request: Request, entry: HostEntry, found: Found, verdict: Verdict) -> None:
        """Lay the page ready. Only plain paths, so that spellings cannot fill the memory.

        What depends on the request, or is not for everybody, is decided anew each time.
        """
        if entry.watched or verdict.looked or verdict.private or found.loaded is None:
            return
        if entry.divided and (
            entry.pin is None or found.context.deployment != entry.route.production
        ):
            return
        if b"%" in request.path or b"range" in request.headers:
            return
        if self._hot >= _MOST_HOT:
            self.let_cool()
        hosts = self.hosts[request.secure]
        if hosts.get(request.host) is not entry:
            hosts[request.host] = entry
            self._hot += 1
        opens = entry.pin is not None and visits.opens(request.headers)
        ready = entry.opened if opens else entry.pages
        key = (request.path, self._parts.files.codings(request))
        known = ready.get(key)
        if known is not None and known.body is found.loaded.body:
            return  # HEAD, or visitors who came at once
        if known is None:
            self._hot += 1
        prepared = answers.prepare(found.shape, found.loaded.body, found.context)
        if opens:
            visits.remember(prepared, entry.route, secure=request.secure)
        ready[key] = prepared

    async def _controlled(self, request: Request) -> Answer:
        """The edge's own address: health for everybody on this machine, the rest by secret."""
        context = Context(host="control", path=request.path.decode("utf-8", "replace"))
        name = f"{request.method.decode('latin-1')} {context.path}"
        action = self._control.get(name)
        if action is None and name != _PURGE:
            return answers.plain(404, b'{"error":"not_found"}', "application/json", context)
        given = request.headers.get(b"x-clouddeck-secret", b"")
        known = bool(self._secret) and hmac.compare_digest(given, self._secret)
        if not name.startswith("GET ") and not known:
            return answers.plain(403, b'{"error":"secret"}', "application/json", context)
        said = await action() if action else self._parts.proxy.purge_asked(request.body)
        return answers.plain(200, json.dumps(said).encode(), "application/json", context)


def _none(request: Request, notice: Notice, context: Context) -> Answer:
    """Where there is nothing, there is nothing to write to either."""
    return answers.page(notice, context) if request.method in _READS else refusals.method(context)


_NO_FACTS = Facts("", "GET", {})
