"""Passing requests on to the backends that rules name, and what of their answers is shown again."""

from __future__ import annotations

import hashlib
import json
import secrets
import ssl
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.local.edge import answers, proxy_headers
from adapters.local.edge.answers import Answer, Context, Stream
from adapters.local.edge.breaker import Breakers
from adapters.local.edge.coalesce import Flights
from adapters.local.edge.pool import Pool
from adapters.local.edge.pool_addresses import Addresses
from adapters.local.edge.proxy_ask import Asker, Errand, UnansweredError
from adapters.local.edge.proxy_exchange import Reply, Wish
from adapters.local.edge.stale import MOST_BODY, Answers, Kept, Key, lifetime
from chalicelib.edge.rules import conditions
from chalicelib.edge.rules.pages import METHOD, Notice
from chalicelib.edge.rules.routing.verdicts import Proxy as Verdict

if TYPE_CHECKING:
    from adapters.local.edge.countries import Whereabouts
    from adapters.local.edge.serving import Request

METHODS = (b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS")
_LOOP = Notice(
    508,
    "Going in circles",
    "This address leads back to itself. Whoever runs the site has to change its rules.",
    "loop",
)
_FOLLOW_SECONDS = 30.0
_MOST_PACKING = 200
_MOST_PATH = 2048


@dataclass(slots=True)
class _Job:
    """One request that is passed on. `key` is what its answer could be kept under, if it could."""

    request: Request
    verdict: Verdict
    context: Context
    headers: list[tuple[bytes, bytes]]
    key: Key | None
    purges: int = 0
    alone: bool = False
    """Whether the answer turned out to be this visitor's alone."""


class Proxy:
    """All requests to backends of one edge. `tls` checks certificates, by default as usual."""

    def __init__(
        self, whereabouts: Whereabouts, *, private: bool = False, tls: ssl.SSLContext | None = None
    ) -> None:
        self._whereabouts = whereabouts
        self._pool = Pool(Addresses(private=private), tls)
        self._breakers = Breakers()
        self._asker = Asker(self._pool, self._breakers)
        self._flights = Flights()
        self._answers = Answers()

    async def answer(self, request: Request, verdict: Verdict, context: Context) -> Answer:
        """The answer of a backend, or what is kept of one, or a page that says why not."""
        if request.method not in METHODS:
            allowed = b", ".join(METHODS).decode()
            return answers.page(METHOD, context, headers=[("Allow", allowed)])
        address = self._whereabouts.address(request)
        try:
            headers = proxy_headers.to_backend(request, address, context, verdict.add)
        except proxy_headers.LoopError:
            return answers.page(_LOOP, context)
        job = _Job(request, verdict, context, headers, _key(request, verdict, context))
        if job.key is None or self._flights.passes(job.key):
            return await self._fetch(job)
        return await self._shared(job, job.key)

    async def _shared(self, job: _Job, key: Key) -> Answer:
        """What is kept; else what somebody else is asking for; else what the backend says."""
        kept = self._answers.fresh(key, job.headers)
        if kept is None and await self._flights.follow(key, _FOLLOW_SECONDS):
            kept = self._answers.fresh(key, job.headers)
        if kept is not None:
            return self._show(job, kept, "hit")
        if not self._flights.lead(key):
            return await self._fetch(job)
        # asked as anybody would, and for the whole answer, so that it can be kept
        job.headers = [(n, v) for n, v in job.headers if n not in proxy_headers.ONE_VISITORS]
        try:
            return await self._fetch(job)
        finally:
            self._flights.land(key, alone=job.alone)

    async def _fetch(self, job: _Job) -> Answer:
        """Ask a backend; while none answers, what was kept may be shown though it is over."""
        request = job.request
        wish = Wish(request.method, "", job.headers, request.body)
        errand = Errand(job.context.site, wish, job.verdict, request.query, _ticket(request))
        job.purges = self._answers.purges(job.context.site)
        try:
            reply = await self._asker.ask(errand)
        except UnansweredError as error:
            return self._stale(job) or _unanswered(error, job.context)
        if reply.status >= 500:
            stale = self._stale(job)
            if stale is not None:
                reply.close()
                return stale
        if job.key is not None and lifetime(reply.status, reply.headers) is not None:
            return await self._keep(job, job.key, reply)
        job.alone = reply.status < 500
        body = reply.whole()
        if body is not None:
            return _whole(job, reply.status, reply.headers, body, "pass")
        return _stream(job, reply, await _begun(reply.pieces()))

    async def _keep(self, job: _Job, key: Key, reply: Reply) -> Answer:
        """Read an answer that may be kept, keep it, and show it; a long one is passed on."""
        got = bytearray()
        pieces = reply.pieces()
        try:
            async for piece in pieces:
                got += piece
                if len(got) > MOST_BODY:
                    job.alone = True
                    return _stream(job, reply, await _begun(_after(bytes(got), pieces)))
        except OSError:
            stale = self._stale(job)
            if stale is None:
                raise
            return stale
        except BaseException:
            await pieces.aclose()
            raise
        backend = job.verdict.backend
        self._answers.keep(
            key,
            job.headers,
            reply.status,
            reply.headers,
            bytes(got),
            stale_seconds=backend.stale_seconds if backend is not None else 0,
            purges=job.purges,
        )
        kept = self._answers.fresh(key, job.headers)
        if kept is not None:
            return self._show(job, kept, "miss")
        return _whole(job, reply.status, reply.headers, bytes(got), "pass")

    def _stale(self, job: _Job) -> Answer | None:
        kept = self._answers.stale(job.key, job.headers) if job.key is not None else None
        return None if kept is None else self._show(job, kept, "stale")

    def _show(self, job: _Job, kept: Kept, how: str) -> Answer:
        """A kept answer, or 304 to who has it."""
        age = [(name, value) for name, value in kept.headers if name.lower() != b"age"]
        headers = [*age, (b"Age", str(self._answers.age(kept)).encode())]
        tags = [v.decode("latin-1") for n, v in kept.headers if n.lower() == b"etag"]
        wanted = job.request.text(b"if-none-match")
        if kept.status == 200 and wanted and tags and conditions.none_match(wanted, tags[0]):
            headers = [(n, v) for n, v in headers if not n.lower().startswith(b"content-")]
            return _whole(job, 304, headers, None, how)
        return _whole(job, kept.status, headers, kept.body, how)

    def purge(
        self,
        site: str,
        *,
        tags: Iterable[str] = (),
        paths: Iterable[str] = (),
        everything: bool = False,
    ) -> int:
        """Forget kept answers of a site; how many."""
        return self._answers.purge(site, tags=tags, paths=paths, all_=everything)

    def purge_asked(self, body: bytes) -> dict[str, object]:
        """What the control address is asked for: JSON with site, tags, paths and everything."""
        try:
            asked = json.loads(body)
            gone = self.purge(
                str(asked["site"]),
                tags=[str(tag) for tag in asked["tags"]],
                paths=[str(path) for path in asked["paths"]],
                everything=asked["everything"] is True,
            )
        except (ValueError, LookupError, TypeError) as error:
            return {"error": f"not a purge: {error}"}
        return {"purged": gone}

    def breakers(self, site: str) -> dict[str, str]:
        """Which addresses of a site's backends are left alone, or were in trouble lately."""
        return self._breakers.states(site)

    def sweep(self) -> None:
        """Close connections that nobody used for a while; called every few seconds."""
        self._pool.sweep()

    def close(self) -> None:
        """Close the connections that are idle."""
        self._pool.close()


def _key(request: Request, verdict: Verdict, context: Context) -> Key | None:
    """What an answer could be kept under; None when it could be one visitor's alone."""
    if not proxy_headers.is_plain(request) or verdict.private or verdict.add:
        return None
    query = request.query.decode("latin-1") if verdict.keep_query else ""
    backend = verdict.backend.name if verdict.backend is not None else ""
    # whichever of them answers: each gives what the backend gives, of the same path
    path = verdict.goals[0].url.partition("//")[2].partition("/")[2]
    places = ",".join(one.name if backend else one.url for one in verdict.goals)
    target = "\0".join((context.path, backend, places, path, query))
    packing = request.text(b"accept-encoding")
    if len(packing) > _MOST_PACKING:
        return None
    return Key(
        context.site,
        context.deployment,
        context.host,
        context.path[:_MOST_PATH],
        hashlib.blake2b(target.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest(),
        packing,
        request.secure,
    )


def _ticket(request: Request) -> int:
    """The lot that chooses an address: a visitor who is known goes to the same one every time."""
    for part in request.text(b"cookie").split(";"):
        name, _, value = part.strip().partition("=")
        if name in {"__cdv", "__Host-cdv"}:
            return int.from_bytes(hashlib.sha256(value.encode()).digest()[:4])
    return secrets.randbits(32)


async def _begun(pieces: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """With the first, empty piece taken: closing what never began closes nothing."""
    await anext(pieces)
    return pieces


async def _after(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    try:
        yield b""
        yield first
        async for piece in rest:
            yield piece
    finally:
        await rest.aclose()


def _stream(job: _Job, reply: Reply, pieces: AsyncGenerator[bytes, None]) -> Answer:
    """An answer that is passed on while it comes."""
    length = reply.length
    headers = _headers(job, reply.headers, "pass")
    bare = job.request.method == b"HEAD" or reply.status in {204, 304}
    if bare:
        reply.close()
    if length is not None and reply.status != 204:
        headers.append(("Content-Length", str(length)))
    line = answers.log_line(job.context, reply.status, length or 0, "pass")
    head = answers.head(reply.status, headers)
    return Answer(reply.status, head, None if bare else Stream(length, pieces), line)


def _whole(
    job: _Job, status: int, found: list[tuple[bytes, bytes]], body: bytes | None, how: str
) -> Answer:
    headers = _headers(job, found, how)
    if body is not None and status != 204:
        headers.append(("Content-Length", str(len(body))))
    line = answers.log_line(job.context, status, len(body or b""), how)
    return Answer(status, answers.head(status, headers), body or None, line)


def _headers(job: _Job, found: list[tuple[bytes, bytes]], how: str) -> answers.Headers:
    own = [*answers.whose(job.context), ("X-CloudDeck-Cache", how)]
    return [*proxy_headers.to_visitor(found, job.verdict.headers), *own]


def _unanswered(error: UnansweredError, context: Context) -> Answer:
    wait = [("Retry-After", str(error.retry_after))] if error.retry_after else None
    return answers.page(error.notice, context, headers=wait)
