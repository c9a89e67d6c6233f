"""The edge process: puts the parts together, keeps the routes fresh, ends in order."""

import asyncio
import logging
import os
import resource
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

from adapters.local.edge.accesslog import AccessLog
from adapters.local.edge.blobs import Blobs
from adapters.local.edge.bodies import BodyRoom
from adapters.local.edge.countries import Whereabouts
from adapters.local.edge.disk import DiskCache
from adapters.local.edge.files import Files
from adapters.local.edge.guard import GuardKeeper
from adapters.local.edge.hosts import OwnHosts
from adapters.local.edge.listening import Listening, Visitor
from adapters.local.edge.manifests import Manifests
from adapters.local.edge.memory import MemoryCache
from adapters.local.edge.prefetch import Prefetch
from adapters.local.edge.proxy import Proxy
from adapters.local.edge.routes import RouteTable
from adapters.local.edge.serving import Parts, Serving
from adapters.local.edge.settings import EdgeSettings
from adapters.local.edge.store import S3Store, Store
from adapters.local.edge.tables import Tables
from adapters.local.edge.tls import Tls
from adapters.local.edge.traffic import EventsClient, Traffic

_MOST_CONNECTIONS = 8_000
_MOST_BODY_BYTES = 64 * 1024 * 1024
_SCAN_SECONDS = 1.0
_SWEEP_SECONDS = 5.0
_DRAIN_SECONDS = 10.0

log = logging.getLogger(__name__)


class EdgeServer:
    """One edge. `store` is where misses are read from."""

    def __init__(self, settings: EdgeSettings, store: Store | None = None) -> None:
        self.settings = settings
        self.threads = ThreadPoolExecutor(8, thread_name_prefix="edge-io")
        # Compression gets one core at most, so that visitors keep the other.
        self._work = ThreadPoolExecutor(1, thread_name_prefix="edge-pack")
        self.traffic = Traffic(EventsClient(settings.bus))
        self.log = AccessLog(settings.access_log, self.traffic)
        self.table = RouteTable(settings.routes)
        disk = DiskCache(settings.cache, settings.disk_bytes)
        self.blobs = Blobs(
            store or S3Store(settings.bucket),
            disk,
            MemoryCache(settings.memory_bytes),
            self.threads,
            self._work,
        )
        self.manifests = Manifests(self.blobs)
        tables = Tables(self.blobs, self.threads)
        self.prefetch = Prefetch(self.manifests, tables, self.blobs)
        control = {"GET /_clouddeck/health": self.health, "POST /_clouddeck/reload": self.reload}
        self.own = OwnHosts(settings.hosts, settings.domain)
        whereabouts = Whereabouts(settings.countries, settings.trusted)
        self.proxy = Proxy(whereabouts, private=settings.private_outbound)
        parts = Parts(
            manifests=self.manifests,
            tables=tables,
            files=Files(self.blobs),
            whereabouts=whereabouts,
            guard=GuardKeeper(whereabouts, settings.secret.encode()),
            proxy=self.proxy,
            own=self.own,
        )
        self.serving = Serving(settings, self.table.routes, parts, control)
        self.tls = Tls(settings, self.own, self.table.routes)
        self.listening = Listening(self, self.tls)
        self.connections: set[Visitor] = set()
        self.bodies = BodyRoom(_MOST_BODY_BYTES)
        self.draining = False
        self._scanning = asyncio.Lock()
        self._started = time.time()
        self._date = b""
        self._date_until = 0.0
        self._background: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Read the routes, then listen."""
        for folder in (self.settings.routes, self.settings.cache):
            folder.mkdir(parents=True, exist_ok=True)
        await self.reload()
        await self.listening.start()
        loop = asyncio.get_running_loop()
        self.prefetch.start()
        self._background = [
            loop.create_task(self._keep_fresh()),
            loop.create_task(self._sweep()),
            loop.create_task(self._adopt_disk()),
            loop.create_task(self.traffic.run()),
        ]

    async def stop(self) -> None:
        """Take no more visitors, finish with those who are here, write the log."""
        self.draining = True
        self.listening.stop()
        for task in self._background:
            task.cancel()
        self.prefetch.stop()
        until = time.monotonic() + _DRAIN_SECONDS
        while time.monotonic() < until and sum(c.drain() for c in list(self.connections)):
            await asyncio.sleep(0.02)
        for connection in list(self.connections):
            connection.transport.close()
        await asyncio.sleep(0)
        self.proxy.close()
        self.log.close()
        self.traffic.close()
        self.threads.shutdown(wait=False, cancel_futures=True)
        self._work.shutdown(wait=False, cancel_futures=True)

    async def reload(self) -> dict[str, object]:
        """Look at the route files now."""
        await self._rescan(force=True)
        return {"routes": len(self.table.routes)}

    async def health(self) -> dict[str, object]:
        """What an operator or a supervisor wants to know."""
        return {
            "status": "draining" if self.draining else "ok",
            "routes": len(self.table.routes),
            "https": self.listening.https,
            "connections": len(self.connections),
            "prefetch_pending": self.prefetch.pending,
            "disk_bytes": self.blobs.disk.bytes,
            "log_dropped": self.log.dropped,
            "uptime_seconds": round(time.time() - self._started),
            "pid": os.getpid(),
        }

    def admit(self, connection: Visitor) -> bool:
        """Count a connection in, unless the house is full."""
        if self.draining or len(self.connections) >= _MOST_CONNECTIONS:
            return False
        self.connections.add(connection)
        return True

    def date(self, now: float) -> bytes:
        """The Date line and the empty line that end a head; made once a second."""
        if now >= self._date_until:
            self._date = f"Date: {formatdate(now, usegmt=True)}\r\n\r\n".encode()
            self._date_until = float(int(now) + 1)
        return self._date

    def fault(self, what: str) -> None:
        """Log the exception that is being handled."""
        log.exception("%s", what)

    async def _rescan(self, *, force: bool = False) -> None:
        async with self._scanning:
            loop = asyncio.get_running_loop()
            scan = await loop.run_in_executor(self.threads, lambda: self.table.scan(force=force))
            if scan is not None:
                self.prefetch.want(self.table.apply(scan))
            own = await loop.run_in_executor(self.threads, lambda: self.own.scan(force=force))
            if own is not None and self.own.apply(own):
                self.serving.let_cool()
                self.tls.certificates.forget()
            certificates = self.tls.certificates
            pems = await loop.run_in_executor(self.threads, lambda: certificates.scan(force=force))
            if pems is not None:
                certificates.apply(pems)

    async def _keep_fresh(self) -> None:
        """Whatever the poke missed is seen within a second or so."""
        while True:
            await asyncio.sleep(_SCAN_SECONDS)
            try:
                await self._rescan()
            except Exception as error:  # who stops looking never hears of a route again
                log.warning("the routes cannot be read, the known ones stay: %r", error)

    async def _sweep(self) -> None:
        """Part with visitors who are silent, slow or deaf."""
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            now = time.time()
            for connection in [c for c in self.connections if c.overdue(now)]:
                connection.transport.abort()
            self.proxy.sweep()

    async def _adopt_disk(self) -> None:
        """Learn what earlier runs left on disk, without holding up the start."""
        disk = self.blobs.disk
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self.threads, disk.scan)
        victims = disk.adopt(found)
        await loop.run_in_executor(self.threads, disk.delete, victims)


async def serve(settings: EdgeSettings) -> None:
    """Run an edge until SIGTERM or SIGINT."""
    # Threads that fetch or compress must not hold up the event loop for 5 ms at a time.
    sys.setswitchinterval(0.001)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    server = EdgeServer(settings)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    await server.start()
    log.info("edge listens on http://*.%s:%d", settings.domain, settings.port)
    await ended.wait()
    await server.stop()
