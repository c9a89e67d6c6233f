"""What the edge is told of a project: its site, and everything that its row says about visitors."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TypedDict

from chalicelib.core import table
from chalicelib.core.observe import logger
from chalicelib.deployments import rows
from chalicelib.deployments.rows import Deployment
from chalicelib.edge.rules.routes import LOOKS, Access, Match
from chalicelib.edge.rules.routes import read as read_route
from chalicelib.ports import SiteRoute, services
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rows import Pointer, Project
from chalicelib.projects.rules import delivery
from chalicelib.protection.actions import health


class Said(TypedDict):
    """The arguments of a route that a project's row says, of its site and its aliases alike."""

    revision: int
    access: Access | None
    guard: str
    down: tuple[str, ...]


def said(project: Project) -> Said:
    """What a project's row says about visitors. Raises BadRouteError when it cannot be read.

    Nobody is shown what somebody may have wanted to protect: the route that was there stays.
    """
    kept: dict[str, Any] = dict(project.access or {})
    access = None
    if kept:
        fields = (kept["scope"], kept["mode"], kept["key"], list(kept.get("revoked") or ()))
        access = read_route({"access": fields})["access"]
    guard = dict(project.guard or {})
    return Said(
        revision=int(project.version),
        access=access,
        guard=json.dumps(guard, sort_keys=True, separators=(",", ":")) if guard else "",
        down=tuple(sorted(project.down or ())),
    )


def looks_of(deployments: Iterable[str | None]) -> tuple[str, ...]:
    """What about a request the rules of these deployments look at, all of it, in one order."""
    keys = [(Deployment, rows.key(one), "META") for one in deployments if one]
    found = [row for row in table.find_mixed(keys) if isinstance(row, Deployment)]
    return tuple(sorted({look for row in found for look in row.looks or ()}))


def fit_together(first: str | None, second: str) -> bool:
    """Whether two deployments can be shown beside each other: a route has so many looks at most."""
    return len(looks_of((first, second))) <= LOOKS


def tell_edge(project: str) -> None:
    """Publish the route of a project as the table has it; repeating it is harmless."""
    found = route(project)
    if found is not None:
        services().edge.put(found)
        _look_after(found)


def take_off(project: str, *deployments: str) -> None:
    """Publish the route of a project, and have the edge stop serving what it names no more.

    The pointer has moved, and a route gets everywhere without help as well, only slower. So an
    edge that cannot drop its copies does not fail whoever moved it; one that takes no route does.
    """
    found = route(project)
    if found is None:
        return
    edge = services().edge
    for deployment in deployments:
        if deployment in {found.production, found.canary}:
            continue
        try:
            edge.revoke(found, deployment)
        except Exception:
            logger().exception("taken off late", extra={"deployment": deployment})
    edge.put(found)
    _look_after(found)


def _look_after(route: SiteRoute) -> None:
    """Have the backends asked that the rules of what visitors see name; no move fails by that."""
    shown = [one for one in (route.production, route.canary) if one]
    try:
        health.follow(route.site, route.team, shown, _tables)
    except Exception:
        logger().exception("backends not followed", extra={"project": route.site})


def _tables(deployments: list[str]) -> list[str]:
    """The digests of the rules of deployments; those without rules have none."""
    keys = [(Deployment, rows.key(one), "META") for one in deployments]
    found = [row for row in table.find_mixed(keys) if isinstance(row, Deployment)]
    return list(dict.fromkeys(row.routing for row in found if row.routing))


def route(project: str) -> SiteRoute | None:
    """What the edge has to know of a project; None when it is gone: whoever deletes it says so."""
    place = project_rows.key(project)
    found, current = table.find_mixed(
        [(Project, place, "META"), (Pointer, place, "PTR#production")]
    )
    if not isinstance(found, Project) or found.deleted_at:
        return None
    skew = delivery.read(found.delivery).skew_seconds
    if not isinstance(current, Pointer):
        return SiteRoute(
            *(found.id, found.team, found.slug, None, 0), skew_seconds=skew, **said(found)
        )
    return SiteRoute(
        site=found.id,
        team=found.team,
        slug=found.slug,
        production=current.deployment,
        generation=int(current.generation),
        canary=current.canary,
        weight=int(current.weight or 0) if current.canary else 0,
        match=_match(current.match) if current.canary else None,
        skew_seconds=skew,
        past=tuple((str(one), int(at)) for one, at in current.past or ()),
        looks=tuple(current.looks or ())[:LOOKS],
        **said(found),
    )


def _match(kept: dict[str, Any] | None) -> Match | None:
    if not kept:
        return None
    return Match(kept["kind"], str(kept["name"]), tuple(str(value) for value in kept["values"]))
