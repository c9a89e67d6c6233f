"""Asking the backends of live sites every minute, and telling the edge which do not answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from pynamodb.exceptions import PutError
from pynamodb.expressions.condition import Condition

from chalicelib.core import clock, outbound, table
from chalicelib.core.observe import logger
from chalicelib.edge.rules.routing.codec import parse_routing
from chalicelib.edge.rules.routing.model import Backend, BadRoutingError
from chalicelib.ports import services
from chalicelib.projects import rows as project_rows
from chalicelib.projects.actions import telling
from chalicelib.projects.rows import Project
from chalicelib.protection.rows.health import Health, health, new, shard_of, waiting
from chalicelib.protection.rules import health as rules
from chalicelib.protection.rules.health import Found, Origin

A_RUN = 50
"""Projects of each shard that one round looks at; those that had to wait come first in the next."""
ROUND_SECONDS = 40.0
CHECK_SECONDS = 5.0
_AT_ONCE = 16
_TRIES = 4


def follow(
    project: str, team: str, deployments: list[str], tables_of: Callable[[list[str]], list[str]]
) -> None:
    """Look after the backends of what visitors see, production first.

    Called whenever that may have changed; when it has, `tables_of` is asked for the digests of the
    rules of these deployments. The next round reads the tables.
    """
    row = health(project)
    if row is not None and row.deployments == deployments:
        return
    tables = tables_of(deployments)
    if row is None and not tables:
        return
    row = row or new(project, team)
    row.deployments, row.tables = deployments, tables
    # a round with other tables may be due because of what is known to be down
    _place(row, watched=bool(row.tables or row.origins))
    row.save()


def look() -> dict[str, int]:
    """One round: `{"projects", "origins", "down"}`, how many were looked at.

    A fault with one project is logged, and keeps none of the others waiting.
    """
    end = time.monotonic() + ROUND_SECONDS
    seen, asked, silent = 0, 0, 0
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for hint in sorted(waiting(A_RUN), key=lambda row: row.gsi2sk or ""):
            if time.monotonic() > end:
                break
            try:
                origins = _look_after(hint.project, threads)
            except Exception:
                logger().exception("health_failed", extra={"project": hint.project})
                continue
            seen += 1
            asked += sum(1 for one in origins if one.check)
            silent += len(rules.down(origins))
    return {"projects": seen, "origins": asked, "down": silent}


def _look_after(project: str, threads: ThreadPoolExecutor) -> list[Origin]:
    row = health(project)
    found = project_rows.get(project)
    if row is None:
        return []
    if found is None or found.deleted_at:
        row.delete()
        return []
    known = origins_of(row)
    if row.read != row.tables:
        known = rules.listed(_backends(row.team, row.tables), known)
    checked = [one for one in known if one.check][: rules.MOST_CHECKS]
    now = clock.iso()
    after = dict(zip(checked, threads.map(lambda one: _ask(one.check), checked), strict=True))
    origins = [rules.after(one, after[one], now) if one in after else one for one in known]
    if _keep(row, origins, watched=bool(checked)):
        _tell(found, rules.down(origins))
    return origins


def _ask(url: str) -> Found:
    """Ask an origin as a visitor's request would: redirects are answers, private places refused."""
    started = time.monotonic()
    try:
        reply = outbound.request("GET", url, headers={"Accept": "*/*"}, seconds=CHECK_SECONDS)
        status, why = reply.status, ""
    except outbound.TooLarge:
        status, why = 200, ""  # it answers, and at length
    except (OSError, ValueError) as error:
        status, why = 0, str(error)[:200] or type(error).__name__
    return Found(status, round((time.monotonic() - started) * 1000), why)


def _backends(team: str, tables: Iterable[str]) -> list[Backend]:
    """The backends of the tables, of those with the same name the first."""
    found: dict[str, Backend] = {}
    for digest in tables:
        data = services().store.get(f"rules/{team}/{digest}.json")
        if data is None:
            logger().warning("rules_missing", extra={"digest": digest})
            continue
        try:
            routing = parse_routing(data, digest)
        except BadRoutingError as error:
            logger().warning("rules_unreadable", extra={"digest": digest, "why": str(error)})
            continue
        for backend in routing.backends:
            found.setdefault(backend.name, backend)
    return list(found.values())


def _keep(row: Health, origins: list[Origin], *, watched: bool) -> bool:
    """Write down what was found, unless other deployments are live by now."""
    unchanged: Condition = Health.deployments == row.deployments
    row.read = list(row.tables)
    row.origins = [rules.told(one) for one in origins]
    _place(row, watched=watched)
    try:
        row.save(condition=unchanged)
    except PutError as error:
        if not table.lost_condition(error):
            raise
        return False
    return True


def _place(row: Health, *, watched: bool) -> None:
    row.gsi2pk = shard_of(row.project) if watched else None
    row.gsi2sk = clock.iso() if watched else None


def _tell(project: Project, down: list[str]) -> None:
    """Have the edge know which do not answer; when they are as it knows them nothing is said."""
    for _ in range(_TRIES):
        if sorted(project.down or ()) == down:
            return
        if telling.change(project, [Project.down.set(down) if down else Project.down.remove()]):
            return


def origins_of(row: Health | None) -> list[Origin]:
    """What a row knows of origins."""
    return [Origin(**kept) for kept in (row.origins if row is not None else ())]


def shown(project: Project) -> tuple[list[str], list[Origin]]:
    """The deployments that visitors see, and what is known of their backends."""
    row = health(project.id)
    return (list(row.deployments) if row is not None else []), origins_of(row)
