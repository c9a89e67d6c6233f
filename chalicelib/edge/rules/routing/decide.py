"""The edge's decision: from a request's path and facts to what answers it.

In this order: who may come in, rules that are forced, files, the other rules, the page for what is
not there; header rules are applied to whatever came out. Of the rules the first that fits counts.
Where a rewrite leads is looked up among the files once, and no rule is asked about it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from chalicelib.edge.rules import resolve
from chalicelib.edge.rules.paths import BadPath, normalise_path, quote_path
from chalicelib.edge.rules.resolve import Decision, Exists, SiteRules
from chalicelib.edge.rules.routing import credentials, locales
from chalicelib.edge.rules.routing.facts import Facts
from chalicelib.edge.rules.routing.model import REDIRECTS
from chalicelib.edge.rules.routing.table import ReadyRule, Table, Way
from chalicelib.edge.rules.routing.targets import Address
from chalicelib.edge.rules.routing.verdicts import (
    File,
    Goal,
    Nothing,
    Proxy,
    Redirect,
    Refused,
    Step,
    Verdict,
)


def decide(  # noqa: PLR0917  # a request, a deployment, and what is known of the former
    raw_path: bytes,
    accept: str,
    exists: Exists,
    rules: SiteRules,
    table: Table | None,
    facts: Facts,
    *,
    down: frozenset[str] = frozenset(),
    explain: bool = False,
) -> Verdict:
    """The verdict on a raw request path, percent-encoded as it came.

    `exists` is asked about members of the manifest only and may raise; then ask again once it can
    answer. `table` is None for a deployment without rules. `down` are origins that do not answer,
    as `<backend>.<origin>`. With `explain` the verdict says what was looked at.
    """
    path = normalise_path(raw_path)
    if isinstance(path, BadPath):
        return Nothing(status=path.status, reason=path.reason)
    if table is None:
        return _plain(resolve.resolve(path, accept, exists, rules))
    asked = _Asked(Way.of(path), accept, exists, table.site(rules), table, facts, down, explain)
    verdict = asked.verdict()
    headers = asked.headers()
    if not (headers or asked.looked or asked.private or asked.steps):
        return verdict  # as most are; making another one of it costs as much as a rule
    return replace(
        verdict,
        headers=headers,
        looked=tuple(sorted(asked.looked)),
        private=asked.private,
        trace=tuple(asked.steps),
    )


@dataclass(slots=True)
class _Asked:
    """One request on its way through the rules."""

    way: Way
    accept: str
    exists: Exists
    site: SiteRules
    table: Table
    facts: Facts
    down: frozenset[str]
    explain: bool
    looked: set[str] = field(default_factory=set)
    steps: list[Step] = field(default_factory=list)
    private: bool = False

    @property
    def path(self) -> str:
        """The path, decoded and normalised."""
        return self.way.path.text

    def verdict(self) -> Verdict:
        """What answers, headers apart."""
        if self.way.path.collapsed:
            return _moved(quote_path(self.path), "slashes")
        refused = self._refused()
        if refused:
            return refused
        found = resolve.find(self.path, self.exists, self.site)
        if found:
            self._note("file", None, found.file or f"{found.reason}: {found.location}")
        ruled = self._ruled(found)
        if ruled:
            return ruled
        return _plain(found) if found else self._missing()

    def headers(self) -> tuple[tuple[str, str], ...]:
        """What header rules say; of one name the last that fits."""
        told: dict[str, tuple[str, str]] = {}
        for number in self.table.header_index.fitting(self.way):
            ready = self.table.headers(number)
            if ready.condition and ready.condition.holds(self.facts, self.looked) is None:
                self._note("header", number, "its condition does not hold")
                continue
            self._note("header", number, "applies")
            for name, value in ready.headers:
                told[name.lower()] = (name, value)
        return tuple(told.values())

    def _refused(self) -> Refused | None:
        """Whether a name and a password are missing. The last rule that fits counts."""
        fitting = list(self.table.auth_index.fitting(self.way))
        if not fitting:
            return None
        rule = self.table.auth(fitting[-1])
        self.looked.add("authorization")
        self.private = True
        if credentials.right(self.facts.get("authorization"), rule.users):
            self._note("auth", fitting[-1], "name and password are right")
            return None
        self._note("auth", fitting[-1], "name and password are missing or wrong")
        return Refused(realm=rule.realm, reason="auth")

    def _ruled(self, found: Decision | None) -> Verdict | None:
        """What the first rule says that fits and, where a file lies, is forced; then languages."""
        greeted = False
        for number, held in self._fitting():
            ready = self.table.rule(number)
            if not ready.rule.force:
                if not greeted:
                    greeted = True
                    greeting = self._greeting()
                    if greeting:
                        return greeting
                if found:
                    self._note("rule", number, "a file lies there, and the rule is not forced")
                    continue
            verdict = self._carried_out(number, ready, held)
            if verdict:
                return verdict
        return None if greeted else self._greeting()

    def _fitting(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Rules that fit, path and condition, with what all their placeholders hold."""
        for number in self.table.rule_index.fitting(self.way):
            ready = self.table.rule(number)
            more: dict[str, str] | None = {}
            if ready.condition:
                more = ready.condition.holds(self.facts, self.looked)
                if more is None:
                    self._note("rule", number, "its condition does not hold")
                    continue
            taken = ready.pattern.take(self.way.segments, self.way.slash)
            yield number, dict(zip(ready.pattern.names, taken or (), strict=True)) | (more or {})

    def _carried_out(
        self, number: int, ready: ReadyRule, held: Mapping[str, str]
    ) -> Verdict | None:
        """What one rule says; None when it leads nowhere, so that the next is asked."""
        rule = ready.rule
        address = ready.target.fill(held)
        if address is None:
            self._note("rule", number, "its target would leave its folder")
            return None
        keep = rule.keep_query and address.query is None
        if rule.status in REDIRECTS:
            if self._is_here(address):
                self._note("rule", number, "it leads to where one already is")
                return None
            self._note("rule", number, f"{rule.status} {address.location}")
            return Redirect(
                status=rule.status,
                location=address.location,
                keep_query=keep,
                rule=number,
                reason="rule",
            )
        if address.kind in {"address", "backend"}:
            return self._passed_on(number, ready, address, keep=keep)
        return self._rewritten(number, rule.status, address)

    def _is_here(self, address: Address) -> bool:
        """Whether a redirect leads to the path it comes from."""
        if address.kind == "address":
            host = address.base.partition("//")[2].partition(":")[0]
            if not self.facts.host or host != self.facts.host:
                return False
        if address.query is not None:
            return False
        return address.path == quote_path(self.path)

    def _passed_on(self, number: int, ready: ReadyRule, address: Address, *, keep: bool) -> Verdict:
        """A proxy; of a backend's origins those that are named for such requests, else by weight.

        When none of them answers, all are tried all the same.
        """
        query = "" if address.query is None else f"?{address.query}"
        backend = None
        goals: tuple[Goal, ...]
        instead: tuple[Goal, ...] = ()
        if address.kind == "address":
            goals = (Goal("", f"{address.base}{address.path}{query}"),)
        else:
            backend, named = self.table.backend(address.base)
            chosen = [
                origin
                for origin, condition in zip(backend.origins, named, strict=True)
                if condition and condition.holds(self.facts, self.looked) is not None
            ]
            others = [origin for origin in backend.origins if origin.weight > 0]
            up = [
                [one for one in group if f"{backend.name}.{one.name}" not in self.down]
                for group in (chosen, others)
            ]
            group = next((one for one in (*up, chosen, others) if one), list(backend.origins))
            rest = [one for one in others if one not in group and one in up[1]]
            goals, instead = (
                tuple(
                    Goal(
                        one.name, f"{one.url.rstrip('/')}{address.path}{query}", max(one.weight, 1)
                    )
                    for one in some
                )
                for some in (group, rest)
            )
        self._note("rule", number, "passed on to " + ", ".join(goal.url for goal in goals))
        return Proxy(
            goals=goals,
            instead=instead,
            backend=backend,
            add=ready.rule.headers,
            signed=ready.rule.signed,
            keep_query=keep,
            rule=number,
            reason="proxy",
        )

    def _rewritten(self, number: int, status: int, address: Address) -> Verdict:
        """A file under another path, or with another status."""
        target = normalise_path(address.path.encode())
        file = None
        if address.kind == "path" and not isinstance(target, BadPath):
            file = resolve.lookup(target.text, self.exists, self.site)
        if file:
            self._note("rule", number, f"{status} with {file}")
            return File(status=status, file=file, rule=number, reason="rewrite")
        self._note("rule", number, f"{status}, but there is no file {address.path}")
        if status != 200:
            return Nothing(status=status, rule=number, reason="rule")
        missed = resolve.missing(self.path, "", self.exists, replace(self.site, spa=False))
        return replace(_plain(missed), rule=number)

    def _greeting(self) -> Verdict | None:
        """The language of who opens the site."""
        said = self.table.routing.locales
        if said is None:
            return None
        location = locales.greeting(self.path, said, self.facts, self.exists, self.looked)
        if location is None:
            return None
        self._note("locale", None, location)
        return Redirect(status=307, location=quote_path(location), keep_query=True, reason="locale")

    def _missing(self) -> Verdict:
        """What answers where nothing lies and no rule fits."""
        said = self.table.routing.locales
        other = locales.elsewhere(self.path, said) if said else None
        if said and other:
            file = resolve.lookup(other, self.exists, self.site)
            if file and said.prefix_default:
                return Redirect(
                    status=307, location=quote_path(other), keep_query=True, reason="locale"
                )
            if file:
                return File(status=200, file=file, reason="locale")
        return _plain(resolve.missing(self.path, self.accept, self.exists, self.site))

    def _note(self, kind: str, index: int | None, said: str) -> None:
        if self.explain:
            self.steps.append(Step(kind, index, said))


def _moved(location: str, reason: str) -> Redirect:
    return Redirect(status=308, location=location, keep_query=True, reason=reason)


def _plain(decision: Decision) -> Redirect | File | Nothing:
    """What files alone say, as a verdict."""
    if decision.location is not None:
        return _moved(decision.location, decision.reason)
    if decision.file is not None:
        return File(status=decision.status, file=decision.file, reason=decision.reason)
    return Nothing(status=decision.status, reason=decision.reason)
