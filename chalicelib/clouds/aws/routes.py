"""A site's route as a row of the table and as a record of the KeyValueStore. Pure.

The row is the truth, written by `edge.py`; `kvs.py` carries it to the edge as a record.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from chalicelib.edge.rules.hosts import parse_host
from chalicelib.edge.rules.routes import read, said
from chalicelib.ports import SiteRoute

PREFIX = "ROUTE#"
RECORD_BYTES = 1024
"""What a value of a KeyValueStore may have. Source: AWS, "CloudFront quotas"."""

DOORS = ".doors"
"""Key of the record that says where people are let into protected sites; no slug has a dot."""

LAST = 6
"""So many deployments that were live a record names at most."""

Attributes = dict[str, dict[str, Any]]
"""A row as DynamoDB's API and its streams write it: `{"slug": {"S": "shop"}}`."""


def slug_of(text: str) -> str:
    """`text`, when it is one host label that can name a site; raises ValueError otherwise."""
    found = parse_host(f"{text}.localhost", "localhost")
    if found is None or found.slug != text or found.deployment is not None:
        raise ValueError(f"not a site name: {text!r}")
    return text


def key(slug: str) -> Attributes:
    """Primary key of a route row; raises ValueError when the slug is none."""
    return {"pk": {"S": PREFIX + slug_of(slug)}, "sk": {"S": "META"}}


def attributes(route: SiteRoute, doors: str = "") -> Attributes:
    """Every attribute of the row but its key and `revoked`; without a deployment, without one.

    `doors` says where people are let in when the site is protected; see the function of that name.
    """
    row: Attributes = {
        "site": {"S": route.site},
        "team": {"S": route.team},
        "slug": {"S": route.slug},
        "generation": {"N": str(route.generation)},
        "gone": {"BOOL": route.gone},
        "weight": {"N": str(route.weight)},
        "skew_seconds": {"N": str(route.skew_seconds)},
        "revision": {"N": str(route.revision)},
    }
    if more := said(route):
        row["more"] = {"S": json.dumps(more, separators=(",", ":"))}
    if route.production:
        row["production"] = {"S": route.production}
    if route.canary:
        row["canary"] = {"S": route.canary}
    if route.access and doors:
        row["doors"] = {"S": doors}
    return row


OPTIONAL = ("production", "canary", "more", "doors")
"""Attributes that are absent when there is nothing to say."""


def route(row: Attributes) -> SiteRoute:
    """The route that a row holds; raises ValueError when it is no route row."""
    try:
        return SiteRoute(
            site=str(row["site"]["S"]),
            team=str(row["team"]["S"]),
            slug=slug_of(str(row["slug"]["S"])),
            production=row.get("production", {}).get("S"),
            generation=int(row["generation"]["N"]),
            gone=bool(row.get("gone", {}).get("BOOL", False)),
            canary=row.get("canary", {}).get("S"),
            weight=int(row.get("weight", {}).get("N", 0)),
            skew_seconds=int(row.get("skew_seconds", {}).get("N", 0)),
            revision=int(row.get("revision", {}).get("N", 0)),
            **read(json.loads(row.get("more", {}).get("S", "{}"))),
        )
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"not a route row: {error!r}") from error


def revoked(row: Attributes) -> set[str]:
    """The deployments, without prefix, that this row says not to serve as production."""
    return set(row.get("revoked", {}).get("SS", ()))


def bare(deployment: str) -> str:
    """A deployment's id without `dpl_`."""
    return deployment.removeprefix("dpl_")


def record(route: SiteRoute, now_ms: int) -> str:
    """The KeyValueStore's value for a route: what the viewer's request is decided with.

    Of what was live before it names the last few whose window is open at `now_ms`, and fewer when
    the record would be too long: the origin knows them all. Raises ValueError when it would not
    fit even so.
    """
    told = _told(route)
    last = _replaced(route, now_ms)
    while True:
        text = json.dumps(told | ({"o": dict(last)} if last else {}), separators=(",", ":"))
        if len(text.encode()) <= RECORD_BYTES:
            return text
        if not last:
            raise ValueError(f"the record of {route.slug} is longer than {RECORD_BYTES} bytes")
        last.pop()


def _told(route: SiteRoute) -> dict[str, Any]:
    """All of a record but `o`, without what there is nothing to say of."""
    told: dict[str, Any] = {"s": route.site}
    if route.production:
        told["p"] = bare(route.production)
    told["g"] = route.generation
    if route.revision:
        told["r"] = route.revision
    if route.canary and (route.weight or route.match):
        told |= {"c": bare(route.canary), "w": route.weight}
        if route.match:
            told["m"] = [route.match.kind, route.match.name, list(route.match.values)]
    if route.skew_seconds:
        told["k"] = route.skew_seconds
    if route.looks:
        told["l"] = list(route.looks)
    if one := route.access:
        told["a"] = [one.scope, one.mode, one.key, list(one.revoked)]
    if route.gone:
        told["x"] = 1
    return told


def _replaced(route: SiteRoute, now_ms: int) -> list[tuple[str, int]]:
    """(deployment, seconds since 1970 when it was replaced), the last one first."""
    window = route.skew_seconds * 1000
    held = [(bare(one), -(-at // 1000)) for one, at in route.past if now_ms - at <= window]
    return held[:LAST] if window else []


def doors(api: str, console: str) -> str:
    """Where people are let into protected sites: base URLs without a slash at the end.

    The value of the record DOORS, and of the attribute by which the row brings it along.
    """
    return json.dumps([api, console], separators=(",", ":"))


@dataclass(frozen=True)
class Told:
    """What a record says of its place in time; compare it with `edge.rules.routes.replaces`."""

    site: str
    generation: int
    revision: int = 0


def told(text: str) -> Told | None:
    """The place of a record in time; None when it is none of ours, which anything may replace."""
    try:
        place = json.loads(text)
        return Told(str(place["s"]), int(place["g"]), int(place.get("r", 0)))
    except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError):
        return None
