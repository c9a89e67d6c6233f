"""What the routes of rules take and answer. Passwords and header values of proxies stay inside."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.core.http import Input, Output
from chalicelib.edge.rules.routing.model import Backend, HeaderRule, Routing, Rule, When
from chalicelib.routing.rules.report import Fault, Note

PAGE = 1000
FileName = Literal["clouddeck.toml", "_redirects", "_headers", "netlify.toml", "vercel.json"]
Value = Annotated[str, Field(max_length=2000)]


class CheckInput(Input):
    """Files with rules, by their names."""

    files: dict[FileName, Annotated[str, Field(max_length=2 * 1024 * 1024)]]


class PageInput(Input):
    """Which rules of many."""

    after: Annotated[int, Field(ge=0, le=100_000)] = 0


class TestInput(Input):
    """A request that is not sent."""

    __test__ = False

    url: Annotated[str, Field(min_length=1, max_length=4096)]
    method: Annotated[str, Field(pattern=r"^[A-Z]{3,10}$")] = "GET"
    headers: dict[Value, Value] = Field(default_factory=dict, max_length=50)
    country: Annotated[str, Field(pattern=r"^([A-Za-z]{2})?$")] = ""
    language: Annotated[str, Field(max_length=200)] = ""


class FaultView(Output):
    """A mistake: where, what, and what to write."""

    file: str
    line: int
    message: str
    hint: str
    code: str


class NoteView(Output):
    """Something that was not simply taken."""

    file: str
    line: int
    what: str
    verdict: Literal["different", "ignored", "refused"]
    why: str


class RuleView(Output):
    """One rule."""

    source: str
    line: int
    path: str
    to: str
    status: int
    force: bool
    keep_query: bool
    when: dict[str, Any] | None
    adds: list[str]


class HeadersView(Output):
    """The headers of some paths."""

    source: str
    line: int
    path: str
    headers: list[tuple[str, str]]
    when: dict[str, Any] | None


class AuthView(Output):
    """Paths that want a password, and whose."""

    source: str
    line: int
    path: str
    realm: str
    users: list[str]


class OriginView(Output):
    """One address of a backend."""

    name: str
    url: str
    weight: int
    when: dict[str, Any] | None


class BackendView(Output):
    """A backend."""

    name: str
    origins: list[OriginView]
    health: str
    failures: int
    pause_seconds: int
    stale_seconds: int
    timeout_seconds: int


class LocalesView(Output):
    """Languages of the pages."""

    names: list[str]
    default: str
    detect: bool
    prefix_default: bool


class RulesView(Output):
    """A table of rules, a thousand rules at a time."""

    total: int
    rules: list[RuleView]
    headers: list[HeadersView]
    auth: list[AuthView]
    backends: list[BackendView]
    locales: LocalesView | None
    trailing_slash: str
    clean_urls: bool | None
    spa: bool | None
    not_found: str
    looks: list[str]
    next: int | None


class CheckView(RulesView):
    """What files come to."""

    ok: bool
    faults: list[FaultView]
    notes: list[NoteView]


class Place(Output):
    """Where a rule stands."""

    kind: Literal["rule", "header", "auth"]
    source: str
    line: int
    text: str


class StepView(Output):
    """What was looked at on the way."""

    kind: str
    place: Place | None
    said: str


class GoalView(Output):
    """Where a request may be passed on to."""

    name: str
    url: str
    weight: int


class VerdictView(Output):
    """What would be answered, and why."""

    verdict: Literal["redirect", "file", "proxy", "refused", "nothing"]
    status: int | None
    location: str | None
    file: str | None
    goals: list[GoalView]
    headers: list[tuple[str, str]]
    rule: Place | None
    reason: str
    looked: list[str]
    trace: list[StepView]


def condition(when: When | None) -> dict[str, Any] | None:
    """What a condition says, without what it says nothing of."""
    if when is None:
        return None
    told: dict[str, Any] = {}
    for one in fields(when):
        value = getattr(when, one.name)
        if isinstance(value, When):
            told[one.name] = condition(value)
        elif value and isinstance(value[0], tuple):
            told[one.name] = {name: list(v) if v is not None else True for name, v in value}
        elif value:
            told[one.name] = list(value)
    return told


def page(routing: Routing, after: int) -> dict[str, Any]:
    """A page of a table as `RulesView` has it."""
    shown = routing.rules[after : after + PAGE]
    end = after + len(shown)
    return {
        "total": len(routing.rules),
        "rules": [_rule(rule) for rule in shown],
        "headers": [_headers(rule) for rule in routing.headers] if not after else [],
        "auth": [
            {
                "source": rule.source,
                "line": rule.line,
                "path": rule.pattern,
                "realm": rule.realm,
                "users": [name for name, _, _ in rule.users],
            }
            for rule in routing.auth
        ],
        "backends": [_backend(backend) for backend in routing.backends],
        "locales": _locales(routing),
        "trailing_slash": routing.trailing_slash,
        "clean_urls": routing.clean_urls,
        "spa": routing.spa,
        "not_found": routing.not_found,
        "looks": list(routing.looks),
        "next": end if end < len(routing.rules) else None,
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "source": rule.source,
        "line": rule.line,
        "path": rule.pattern,
        "to": rule.to,
        "status": rule.status,
        "force": rule.force,
        "keep_query": rule.keep_query,
        "when": condition(rule.when),
        "adds": [name for name, _ in rule.headers],
    }


def _headers(rule: HeaderRule) -> dict[str, Any]:
    return {
        "source": rule.source,
        "line": rule.line,
        "path": rule.pattern,
        "headers": list(rule.headers),
        "when": condition(rule.when),
    }


def _backend(backend: Backend) -> dict[str, Any]:
    origins = [
        {"name": o.name, "url": o.url, "weight": o.weight, "when": condition(o.when)}
        for o in backend.origins
    ]
    numbers = ("failures", "pause_seconds", "stale_seconds", "timeout_seconds")
    return {
        "name": backend.name,
        "origins": origins,
        "health": backend.health,
        **{name: getattr(backend, name) for name in numbers},
    }


def _locales(routing: Routing) -> dict[str, Any] | None:
    found = routing.locales
    if found is None:
        return None
    return {
        "names": list(found.names),
        "default": found.default,
        "detect": found.detect,
        "prefix_default": found.prefix_default,
    }


def fault_view(fault: Fault) -> FaultView:
    """A mistake as the API tells it."""
    return FaultView(
        file=fault.file,
        line=fault.line,
        message=fault.message,
        hint=fault.hint,
        code=fault.code,
    )


def note_view(note: Note) -> NoteView:
    """A note as the API tells it."""
    return NoteView(
        file=note.file, line=note.line, what=note.what, verdict=note.verdict, why=note.why
    )
