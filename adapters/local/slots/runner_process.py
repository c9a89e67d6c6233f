"""One build from its order to its end: the runner's process, watched."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from adapters.local.slots import endings
from adapters.local.slots.egress import Proxy, Resolve, resolve
from adapters.local.slots.egress_rules import Policy
from adapters.local.slots.log import log
from adapters.local.slots.report import Failure
from adapters.local.slots.session import Host, Session, Spec
from adapters.local.slots.settings import Limits, Settings
from adapters.local.slots.sizes import Size, fit

POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Order:
    """A build to run: its id, the token its runner gets, its time in seconds, its trust, its size.

    `priority` is 0 for the most urgent.
    """

    build: str
    token: str
    deadline_seconds: int
    trusted: bool
    size: Size = field(default_factory=Size)
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Site:
    """Where builds run: the host's means, the rules of the way out, what the probe found."""

    settings: Settings
    host: Host
    policy: Policy
    registry_env: Mapping[str, str]
    protections: frozenset[str]
    resolver: Resolve = resolve


async def run(site: Site, order: Order, slot: int, stop: asyncio.Event) -> Failure | None:
    """Runs one build; returns what to report, or None (it reported itself, or was stopped)."""
    start = endings.choose(
        site.settings.isolation, trusted=order.trusted, protections=site.protections
    )
    if start.refusal is not None:
        return start.refusal
    if not start.sandboxed:
        log("build_without_sandbox", build=order.build, trusted=order.trusted)
    limits = fit(order.size, site.settings.limits)
    session, proxy = _session(site, order, slot, limits, sandboxed=start.sandboxed)
    begun = time.monotonic()
    ready = begun
    try:
        await session.start()
        ready = time.monotonic()
        failure = await _watch(order, session, limits, stop)
    except OSError as fault:
        failure = Failure("internal", f"The build slot could not be set up: {fault}", "")
    finally:
        cleaning = await session.clean()
    log(
        "build_ended",
        build=order.build,
        slot=slot,
        code=failure.code if failure else None,
        start_ms=round((ready - begun) * 1000, 1),
        run_ms=round((time.monotonic() - ready - cleaning) * 1000, 1),
        clean_ms=round(cleaning * 1000, 1),
        egress_allowed=proxy.allowed,
        egress_refused=proxy.refused,
    )
    return failure


def _session(
    site: Site, order: Order, slot: int, limits: Limits, *, sandboxed: bool
) -> tuple[Session, Proxy]:
    protections = sorted(site.protections) if sandboxed else []
    env = {
        **site.registry_env,
        "CLOUDDECK_API": site.settings.api,
        "CLOUDDECK_BUILD_TOKEN": order.token,
        "CLOUDDECK_SANDBOX": ",".join(protections),
    }
    own = "own_uid" in site.protections and sandboxed
    spec = Spec(
        name=f"slot-{slot}",
        uid=site.settings.uid(slot) if own else None,
        limits=limits,
        env=env,
        sandboxed=sandboxed,
    )
    proxy = Proxy(site.policy, resolver=site.resolver, keys=site.settings.s3_keys)
    return Session(site.host, spec, proxy if sandboxed else None), proxy


async def _watch(
    order: Order, session: Session, limits: Limits, stop: asyncio.Event
) -> Failure | None:
    """Waits for the end of the process, the deadline, a broken limit or an order to stop."""
    watch = endings.Watch(limits)
    until = time.monotonic() + order.deadline_seconds
    stopping = asyncio.ensure_future(stop.wait())
    either: set[asyncio.Future[Any]] = {session.ended, stopping}
    try:
        while True:
            await asyncio.wait(
                either,
                timeout=min(POLL_SECONDS, max(0.0, until - time.monotonic())),
                return_when=asyncio.FIRST_COMPLETED,
            )
            if stop.is_set():
                return None
            if session.ended.done():
                return endings.explain(
                    session.ended.result(),
                    session.sample(),
                    limits,
                    disk_full=session.disk_full,
                    tail=session.tail.decode(errors="replace"),
                )
            now = time.monotonic()
            sample = session.sample()
            breach = watch.breach(sample, now)
            if breach is None and now >= until:
                breach = endings.timed_out(order.deadline_seconds, sample, limits)
            if breach is not None:
                session.kill()
                await asyncio.wait({session.ended}, timeout=1.0)
                return replace(
                    breach, exit_code=session.ended.result() if session.ended.done() else None
                )
    finally:
        stopping.cancel()
