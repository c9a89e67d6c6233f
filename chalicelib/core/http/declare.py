"""What a route declares, and the table of all routes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from chalicelib.core.actor import Actor
from chalicelib.core.trail import Recorder, Trail

PUBLIC = "public"
"""Permission of a route that needs no sign-in."""

SIGNED_IN = "signed_in"
"""Permission of a route that needs a person or a key, and no team."""

INSTALLATION = "installation"
"""Scope of routes about the installation as a whole, which names nothing in a path."""


class Input(BaseModel):
    """Base of request bodies and queries: unknown fields are refused, texts are checked."""

    model_config = ConfigDict(extra="forbid", str_max_length=100_000, defer_build=True)


class Output(BaseModel):
    """Base of answers."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


def secret_field(default: Any = ..., **options: Any) -> Any:
    """A field of an input that nobody gets to see again: not in answers, logs or the audit."""
    return Field(default, json_schema_extra={"writeOnly": True}, **options)


class Empty(Output):
    """An answer without content (204)."""


class Acknowledged(Output):
    """An answer that says only that it was done."""


@dataclass(frozen=True)
class Raw:
    """An answer that is no JSON, such as CSV; `type` is one of the route's `produces`."""

    type: str
    text: str


@dataclass(frozen=True)
class Call:
    """One request, checked: who calls, and with what."""

    actor: Actor
    path: dict[str, str]
    body: Any = None
    query: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes = b""
    request_id: str = ""
    source_ip: str = ""
    scope: Any = None
    route: str = ""
    trail: Trail = field(default_factory=lambda: Trail("", 0, "", Actor("anonymous", "anonymous")))

    @property
    def binding(self) -> str:
        """Who asks for which list: what a paging cursor is good for, and nothing else."""
        query = self.query.model_dump(mode="json") if self.query is not None else {}
        asked = {name: value for name, value in query.items() if name not in {"cursor", "limit"}}
        return json.dumps(
            [self.actor.user or self.actor.id, self.actor.team, self.route, self.path, asked],
            sort_keys=True,
        )


@dataclass(frozen=True)
class Route:
    """One row of the route table."""

    method: str
    path: str
    permission: str
    scope: str | None
    view: Callable[[Call], Any]
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    answer: type[BaseModel]
    status: int
    tag: str
    problems: tuple[int, ...]
    bearer: str = "user"
    limit: str = ""
    step_up: bool = False
    audited: bool = False
    form: bool = False
    produces: tuple[str, ...] = ()
    also: tuple[int, ...] = ()
    passes_on: bool = False
    """Its view asks other routes, which see to `Idempotency-Key` themselves."""

    @property
    def replayable(self) -> bool:
        """Whether an `Idempotency-Key` means something here.

        A kept answer is a person's, while signing out and proving who one is are a session's.
        """
        return (
            self.method == "POST"
            and self.bearer == "user"
            and self.permission != PUBLIC
            and not self.path.startswith("/v1/auth/")
        )

    @property
    def operation(self) -> str:
        """OpenAPI operation id."""
        return f"{self.tag}_{self.view.__name__}"


TABLE: list[Route] = []
"""Every route of the API in the order of registration; OpenAPI and the tests read it."""

Authenticator = Callable[[str], Actor]
Authoriser = Callable[[Actor, str, str, dict[str, str]], Any]
Limiter = Callable[[Route, Actor], dict[str, str]]

authenticators: dict[str, Authenticator] = {}
authorisers: dict[str, Authoriser] = {}
limiters: list[Limiter] = []
recorders: list[Recorder] = []


def authenticate_with(kind: str, authenticator: Authenticator) -> None:
    """Register who turns a bearer token of `kind` ("user" or "build") into an Actor."""
    authenticators[kind] = authenticator


def authorise_with(scope: str, authoriser: Authoriser) -> None:
    """Register who decides about routes of a scope such as "project" or "team".

    The authoriser gets (actor, permission, scope, path parameters), raises NotFound or Forbidden,
    and returns what it loaded, which the view finds in `call.scope`.
    """
    authorisers[scope] = authoriser


def limit_with(limiter: Limiter) -> None:
    """Register who counts requests: gets route and caller, raises TooMany, returns headers."""
    limiters[:] = [limiter]


def record_with(recorder: Recorder) -> None:
    """Register who keeps the trails of changes."""
    recorders[:] = [recorder]
