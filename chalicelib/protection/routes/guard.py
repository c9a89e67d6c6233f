"""What a site refuses."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.core import etag
from chalicelib.core.http import Call, Input, Output
from chalicelib.edge.rules import guard as edge
from chalicelib.projects.rows import Project
from chalicelib.protection.actions import guard
from chalicelib.protection.routes.blueprint import routes

Network = Annotated[str, Field(max_length=50, description="CIDR or one address")]
Country = Annotated[str, Field(max_length=20, description="ISO 3166, two capital letters")]
Choice = Literal["off", "block", "challenge"]
Action = Literal["block", "challenge"]
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class Addresses(Input):
    """Networks that are asked nothing more, and those that are refused."""

    allow: list[Network] = Field(default_factory=list, max_length=edge.MAX_ADDRESSES)
    deny: list[Network] = Field(default_factory=list, max_length=edge.MAX_ADDRESSES)


class Countries(Input):
    """Countries that alone may come, or that may not."""

    allow: list[Country] = Field(default_factory=list, max_length=edge.MAX_COUNTRIES)
    deny: list[Country] = Field(default_factory=list, max_length=edge.MAX_COUNTRIES)


class AgentRule(Input):
    """What happens to requests whose User-Agent contains a text; the first that fits counts."""

    contains: Annotated[str, Field(max_length=200)]
    action: Literal["allow", "block", "challenge"]


class Bots(Input):
    """Robots: scanners that say their name, requests without a name, and rules of one's own."""

    known: Choice = "off"
    unnamed: Choice = "off"
    agents: list[AgentRule] = Field(default_factory=list, max_length=edge.MAX_AGENTS)


class RateRule(Input):
    """At most so many requests in a window, counted by address, header or cookie."""

    name: Annotated[str, Field(max_length=60)]
    path: Annotated[str, Field(max_length=300)] = "/*"
    methods: list[Method] = Field(default_factory=list, max_length=7)
    key: Annotated[str, Field(max_length=100)] = "ip"
    window: Annotated[int, Field(description="seconds: 60, 120, 300 or 600")] = 300
    limit: int
    action: Action = "block"


class GuardDocument(Input):
    """What a site refuses. What is left out refuses nothing."""

    addresses: Addresses = Addresses()
    countries: Countries = Countries()
    bots: Bots = Bots()
    rates: list[RateRule] = Field(default_factory=list, max_length=edge.MAX_RATES)
    under_attack: bool = False
    version: int | None = Field(default=None, description="of the guard that was edited")
    fault: str = Field(default="", description="as it was shown; nothing is done with it")


class GuardView(Output):
    """What a site refuses; `version` is the project's, `fault` why it is not in force."""

    addresses: Addresses
    countries: Countries
    bots: Bots
    rates: list[RateRule]
    under_attack: bool
    version: int
    fault: str


def _view(project: Project) -> tuple[GuardView, dict[str, str]]:
    version = int(project.version)
    more = {"version": version, "fault": str(project.guard_fault)}
    view = GuardView.model_validate(guard.shown(project) | more)
    return view, etag.tag(version)


@routes.get(
    "/projects/{project}/guard", permission="project.read", scope="project", answer=GuardView
)
def get_guard(call: Call) -> tuple[GuardView, dict[str, str]]:
    """What a site refuses."""
    return _view(call.scope)


@routes.put(
    "/projects/{project}/guard",
    permission="site.protect",
    scope="project",
    body=GuardDocument,
    answer=GuardView,
    problems=(409,),
)
def set_guard(call: Call) -> tuple[GuardView, dict[str, str]]:
    """Replace what a site refuses."""
    call.trail.before = guard.shown(call.scope)
    document: dict[str, Any] = call.body.model_dump(exclude={"version", "fault"})
    guard.put(call.scope, document, etag.expected(call) or call.body.version)
    return _view(call.scope)
