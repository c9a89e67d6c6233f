"""Asking a backend: its addresses in order, those that fail left alone, another one tried."""

import math
from dataclasses import dataclass, replace
from urllib.parse import quote_from_bytes

from adapters.local.edge.breaker import Breakers
from adapters.local.edge.pool import BusyError, Pool
from adapters.local.edge.pool_addresses import NotAllowedError
from adapters.local.edge.pool_line import place_of
from adapters.local.edge.proxy_exchange import NotReachedError, Reply, Wish, ask
from chalicelib.edge.rules import balance
from chalicelib.edge.rules.pages import Notice
from chalicelib.edge.rules.routing.model import Backend
from chalicelib.edge.rules.routing.verdicts import Goal, Proxy

_IDEMPOTENT = frozenset((b"GET", b"HEAD", b"OPTIONS", b"PUT", b"DELETE"))
_ELSEWHERE = frozenset((502, 503, 504))
_MOST_TRIES = 3
_QUERY = "!$%&'()*+,-./:;=?@[]_~|{}^`\\"
"""Stays as it came, though some of it should have been escaped: backends know what they sent."""
_ALONE = Backend("", ())
"""How an address is dealt with that a rule names itself: as a backend with nothing said."""


class UnansweredError(Exception):
    """No backend gave an answer. `notice` says it to the visitor; `retry_after` in seconds."""

    def __init__(self, notice: Notice, retry_after: int = 0) -> None:
        super().__init__(notice.code)
        self.notice = notice
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Errand:
    """A request and where it may go. The URL of `wish` is filled in for whom it is sent to."""

    site: str
    wish: Wish
    verdict: Proxy
    query: bytes
    ticket: int

    @property
    def terms(self) -> Backend:
        """How to deal with faults."""
        return self.verdict.backend or _ALONE

    def url(self, goal: Goal) -> str:
        """The address of a goal, with the query of the request if it goes along."""
        if not self.verdict.keep_query or not self.query:
            return goal.url
        return f"{goal.url}{'&' if '?' in goal.url else '?'}{quote_from_bytes(self.query, _QUERY)}"

    def name(self, goal: Goal) -> str:
        """By what breakers know a goal: `<backend>.<origin>`, else who answers at its address."""
        if self.verdict.backend is not None:
            return f"{self.verdict.backend.name}.{goal.name}"
        try:
            return place_of(goal.url).authority
        except ValueError:
            return goal.url


class Asker:
    """Sends errands; its breakers remember who did not answer."""

    def __init__(self, pool: Pool, breakers: Breakers) -> None:
        self._pool = pool
        self._breakers = breakers

    async def ask(self, errand: Errand) -> Reply:
        """The first answer that is none of a gateway's faults, else the last; or UnansweredError.

        Another address is tried when nothing was sent, or when the request may be sent twice. The
        head of an answer has to come within the backend's time, on each try.
        """
        again = errand.wish.method in _IDEMPOTENT
        last: Reply | None = None
        fault: BaseException | None = None
        for goal in self._open(errand):
            if last is not None:
                last.close()
                last = None
            try:
                last = await self._once(errand, goal, again=again)
            except (OSError, ValueError) as error:
                fault = error
                if not again and not isinstance(error, NotReachedError):
                    break
                continue
            if not again or last.status not in _ELSEWHERE:
                break
        if last is not None:
            return last
        raise self._unanswered(errand, fault)

    def _open(self, errand: Errand) -> list[Goal]:
        """The goals to try, without those that are left alone for now."""
        wanted = balance.order(errand.verdict, errand.ticket)
        site = errand.site
        open_ = [one for one in wanted if not self._breakers.wait(site, errand.name(one))]
        return open_[:_MOST_TRIES]

    async def _once(self, errand: Errand, goal: Goal, *, again: bool) -> Reply:
        name, terms = errand.name(goal), errand.terms
        if not self._breakers.enter(errand.site, name):
            raise NotReachedError("somebody else is finding out whether it answers")
        try:
            wish = replace(errand.wish, url=errand.url(goal))
            reply = await ask(self._pool, wish, terms.timeout_seconds, again=again)
        except OSError as error:
            if isinstance(error.__cause__, BusyError | NotAllowedError | ValueError):
                self._breakers.left(errand.site, name)
            else:
                self._breakers.failed(errand.site, name, terms.failures, terms.pause_seconds)
            raise
        except BaseException:
            self._breakers.left(errand.site, name)
            raise
        if reply.status >= 500:
            self._breakers.failed(errand.site, name, terms.failures, terms.pause_seconds)
        else:
            self._breakers.succeeded(errand.site, name)
        return reply

    def _unanswered(self, errand: Errand, fault: BaseException | None) -> UnansweredError:
        if fault is None:
            goals = (*errand.verdict.goals, *errand.verdict.instead)
            waits = [self._breakers.wait(errand.site, errand.name(one)) for one in goals]
            return UnansweredError(_PAUSED, max(1, math.ceil(min(waits, default=1.0))))
        cause = fault.__cause__ or fault
        if isinstance(cause, NotAllowedError | ValueError):
            return UnansweredError(_NOT_ALLOWED)
        if isinstance(cause, BusyError):
            return UnansweredError(_BUSY, 1)
        return UnansweredError(_TIMEOUT if isinstance(fault, TimeoutError) else _UNAVAILABLE)


_AGAIN = "The rest of the site is not affected; please try again in a moment."
_UNAVAILABLE = Notice(
    502, "No answer", f"What stands behind this address does not answer. {_AGAIN}", "backend_failed"
)
_TIMEOUT = Notice(
    504,
    "No answer in time",
    f"What stands behind this address takes too long to answer. {_AGAIN}",
    "backend_timeout",
)
_PAUSED = Notice(
    503,
    "No answer at the moment",
    f"What stands behind this address did not answer lately and is left alone. {_AGAIN}",
    "backend_paused",
)
_BUSY = Notice(
    503,
    "Too busy",
    f"Too many requests to what stands behind this address are under way. {_AGAIN}",
    "backend_busy",
)
_NOT_ALLOWED = Notice(
    502,
    "Address not allowed",
    "What stands behind this address is not on the public internet. "
    "Whoever runs the site has to change its rules.",
    "backend_not_allowed",
)
