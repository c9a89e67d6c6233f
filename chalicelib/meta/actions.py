"""Whether the parts of an installation answer, asked all at once and each within a time limit."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar, get_args

from chalicelib.accounts.rows import errands
from chalicelib.builds import rows as builds
from chalicelib.core import census, clock, ids
from chalicelib.core.config import settings
from chalicelib.core.observe import logger
from chalicelib.deployments import rows as deployments
from chalicelib.domains.rows import domains
from chalicelib.ports import services
from chalicelib.projects import rows as projects

T = TypeVar("T")

COUNTED: tuple[census.Kind, ...] = get_args(census.Kind)
SLOW_MS = 1_000
LIMIT_SECONDS = 5.0
LATE_LETTERS_SECONDS = 300
NOBODY = "bld_" + "0" * 26
"""The id of a build that there never is."""


@dataclass(frozen=True)
class Part:
    """One part: `ok`, `slow`, `down` or `unknown`, how long it took, and what to do about it."""

    name: str
    state: str
    ms: int
    detail: str
    hint: str = ""


@dataclass(frozen=True)
class Queue:
    """How much waits somewhere, and for how long the oldest has; None when that is not known."""

    name: str
    waiting: int
    oldest_seconds: int | None


@dataclass(frozen=True)
class Health:
    """What was found."""

    parts: list[Part]
    counts: dict[census.Kind, int | None]
    queues: list[Queue]

    @property
    def ok(self) -> bool:
        """Whether every part answered."""
        return all(part.state != "down" for part in self.parts)


def _database() -> str:
    projects.named([f"prj_{'0' * 26}"])
    return "Reads are answered."


def _store() -> str:
    services().store.size(f"manifests/dpl_{'0' * 26}.json")
    return "Objects can be looked for."


def _bus() -> str:
    services().bus.put("health.checked", {"version": 1, "at": clock.iso()})
    return "An event was taken."


def _machines() -> str:
    services().workflow.status("deploy", f"dpl_{'0' * 26}")
    return "Executions can be looked for."


def _builder() -> str:
    services().builder.stop(f"{NOBODY}-1")
    return "It takes orders."


def _edge() -> str:
    answer = services().edge.ask(settings().site_host("clouddeck-health"), "/")
    if answer.status >= 500:
        raise OSError(f"the edge answered {answer.status}")
    return "It answers visitors."


def _keys() -> str:
    return f"{len(services().keys.verifying_keys())} signing keys are known."


def _repositories() -> str:
    services().repositories.heads(f"prj_{'0' * 26}")
    return "The built-in remote answers." if services().repositories.remote() else "Hosted outside."


class NotSetUp(Exception):  # noqa: N818  # a state of things
    """A part that nobody has set up, which is no fault of it."""


def _mail() -> str:
    if settings().cloud != "local" and not settings().mail_sender:
        raise NotSetUp("No address to send from was named, so no mail is sent.")
    oldest = errands.waiting()[1]
    late = 0 if oldest is None else (clock.now_ms() - ids.moment(oldest)) // 1000
    if late > LATE_LETTERS_SECONDS:
        raise OSError(f"a letter has waited for {late} seconds")
    return "No letter is late."


CHECKS: dict[str, tuple[Callable[[], str], str]] = {
    "database": (_database, "Nothing works without it: look at the tables and who may read them."),
    "store": (_store, "Deployments cannot be published: look at the buckets."),
    "bus": (_bus, "Pushes are deployed late, by the sweep: look at the event bus."),
    "machines": (_machines, "Deployments stand still: look at the state machines."),
    "builder": (_builder, "Builds wait: look at what runs them."),
    "edge": (_edge, "Visitors may see nothing: look at the edge and its DNS."),
    "keys": (_keys, "Nobody can sign in: look at the keys and who may use them."),
    "repositories": (_repositories, "Pushes are refused: look at the git remote."),
    "mail": (_mail, "Letters do not leave: look at the sender and the log of `on-errand`."),
}


def _queued() -> list[Queue]:
    now = clock.now_ms()
    return [
        _builds(now),
        _by_id("errands", errands.waiting(), now),
        _by_id("deployments", deployments.waiting(), now),
        _domains(now),
    ]


def _builds(now: int) -> Queue:
    waiting, since = builds.queued()
    return Queue("builds", waiting, None if since is None else max(0, now - since) // 1000)


def _by_id(name: str, found: tuple[int, str | None], now: int) -> Queue:
    waiting, oldest = found
    since = None if oldest is None else max(0, now - ids.moment(oldest)) // 1000
    return Queue(name, waiting, since)


def _domains(now: int) -> Queue:
    waiting, due = domains.overdue(clock.iso(now))
    return Queue("domains", waiting, None if due is None else max(0, now - clock.ms(due)) // 1000)


def look(limit_seconds: float = LIMIT_SECONDS) -> Health:
    """Ask every part at once; whatever does not answer in time is down, and fails nothing else."""
    until = time.monotonic() + limit_seconds
    pool = ThreadPoolExecutor(len(CHECKS) + len(COUNTED) + 1, thread_name_prefix="health")
    try:
        parts = {name: pool.submit(_timed, check) for name, (check, _) in CHECKS.items()}
        counts = {kind: pool.submit(census.total, kind) for kind in COUNTED}
        queues = pool.submit(_queued)
        return Health(
            [_part(name, asked, until, limit_seconds) for name, asked in parts.items()],
            {name: _or_none(asked, until) for name, asked in counts.items()},
            _or_none(queues, until) or [],
        )
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _timed(check: Callable[[], str]) -> tuple[str, int]:
    began = time.monotonic()
    detail = check()
    return detail, round((time.monotonic() - began) * 1000)


def _part(name: str, asked: Future[tuple[str, int]], until: float, limit: float) -> Part:
    hint = CHECKS[name][1]
    began = time.monotonic()
    try:
        detail, ms = asked.result(timeout=max(0.0, until - began))
    except TimeoutError as error:
        said = f"No answer within {limit:g} seconds." if not str(error) else str(error)
        return Part(name, "down", round(limit * 1000), said, hint)
    except NotSetUp as error:
        return Part(name, "unknown", 0, str(error), "It is set up with `deck install`.")
    except Exception as error:
        logger().warning("a part does not answer", extra={"part": name}, exc_info=error)
        return Part(name, "down", 0, f"It fails: {type(error).__name__}: {error}"[:300], hint)
    if ms > SLOW_MS:
        return Part(name, "slow", ms, detail, hint)
    return Part(name, "ok", ms, detail)


def _or_none(asked: Future[T], until: float) -> T | None:
    try:
        return asked.result(timeout=max(0.0, until - time.monotonic()))
    except Exception as error:
        logger().warning("not counted", exc_info=error)
        return None
