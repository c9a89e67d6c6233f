"""Asking the rules of a deployment what they say to a request, without sending one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from chalicelib.artifacts import actions as artifacts
from chalicelib.artifacts.rules import manifest_key
from chalicelib.core.errors import Conflict, Invalid
from chalicelib.edge.rules.manifests import BadManifestError, Manifest, parse_manifest
from chalicelib.edge.rules.resolve import SiteRules
from chalicelib.edge.rules.routing.decide import decide
from chalicelib.edge.rules.routing.facts import facts_of
from chalicelib.edge.rules.routing.model import BadRoutingError, Routing
from chalicelib.edge.rules.routing.table import Table
from chalicelib.edge.rules.routing.verdicts import Verdict
from chalicelib.ports import services
from chalicelib.routing.actions import freeze


@dataclass(frozen=True)
class Request:
    """What would be asked; `headers` by their names in small letters."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    country: str = ""


@dataclass(frozen=True)
class Answer:
    """The verdict on a request, the table that gave it, and the query that goes along."""

    verdict: Verdict
    routing: Routing
    query: str


def rules_of(team: str, digest: str | None) -> Routing:
    """The table of a deployment, an empty one where it has none; raises Conflict when damaged."""
    if digest is None:
        return Routing()
    try:
        return freeze.stored(team, digest)
    except LookupError:
        raise Conflict(
            "rules_damaged",
            "The rules of this deployment cannot be read any more.",
            hint="Deploy its commit again.",
        ) from None


def answer(deployment: str, team: str, digest: str | None, host: str, asked: Request) -> Answer:
    """What a published deployment would answer to a request; raises Conflict or Invalid.

    `host` is that of a request whose URL is a path alone.
    """
    site = _manifest(deployment).rules
    routing = rules_of(team, digest)
    try:
        table = Table(routing)
    except BadRoutingError as error:
        raise Conflict("rules_damaged", f"The rules cannot be read: {error}.") from None
    path, query, named = _parts(asked.url)
    facts = facts_of(
        table.looks,
        lambda name: asked.headers.get(name, ""),
        host=named or host,
        method=asked.method,
        query=query,
        country=asked.country,
    )
    files = {path for path, _, _ in artifacts.listing(deployment)}
    accept = asked.headers.get("accept", "text/html")
    verdict = decide(
        path.encode("utf-8", "surrogatepass"),
        accept,
        files.__contains__,
        SiteRules(spa=site.spa, clean_urls=site.clean_urls),
        table,
        facts,
        explain=True,
    )
    return Answer(verdict, routing, query)


def _manifest(deployment: str) -> Manifest:
    raw = services().store.get(manifest_key(deployment))
    try:
        if raw is not None:
            return parse_manifest(raw, deployment)
    except BadManifestError:
        pass
    raise Conflict(
        "not_published",
        "This deployment has no files that could answer: it was never published, or removed.",
        hint="Choose one from `deck list`.",
    )


def _parts(url: str) -> tuple[str, str, str]:
    """Path, query and host of an address or a path; raises Invalid."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        parts, host = None, ""
    if parts is None or not (url.startswith("/") or (parts.scheme in {"http", "https"} and host)):
        raise Invalid(
            "invalid_url", "The URL is neither a path nor an http(s) address.", hint="/old?x=1"
        )
    return parts.path or "/", parts.query, host
