"""`Object Created` in the bucket of logs: CloudFront delivered a file of its access log.

Which site a line is of says its host. Which deployment answered: on a preview's host that one; else
what the visitors' function noted of this very request, which it does when that was not production
(a canary, or the page's own version); else what was production at the time. The file is a source of
its own, so it counts once however often the event comes.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

from chalicelib.core.config import settings
from chalicelib.deployments import rows as deployment_rows
from chalicelib.domains.rows import domains as domain_rows
from chalicelib.edge.rules.hosts import is_alias, parse_host
from chalicelib.ports import services
from chalicelib.projects import rows as project_rows
from chalicelib.traffic import actions as traffic
from chalicelib.traffic.rules import cloudfront
from chalicelib.traffic.rules.cloudfront import Request, Whose

EDGE_REGION = "us-east-1"
"""CloudFront's functions log there."""

AROUND_MS = 60_000
"""A note may be a little older or younger than the line of its request."""

MOVES = 1_000


def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """How many requests the file has, and how many rows were written."""
    key = str(event["detail"]["object"]["key"])
    body = services().store.get(key)
    found = list(cloudfront.requests(_lines(body))) if body else []
    if not found:
        return {"requests": 0, "written": 0}
    told = cloudfront.counted(found, Owners(_notes(found)).whose)
    return {"requests": len(found), "written": traffic.write(traffic.source_of(key), told)}


def _lines(body: bytes) -> Iterator[str]:
    packed = body[:2] == b"\x1f\x8b"
    raw = gzip.GzipFile(fileobj=io.BytesIO(body)) if packed else io.BytesIO(body)
    return iter(io.TextIOWrapper(raw, encoding="utf-8", errors="replace"))


def _notes(found: list[Request]) -> dict[str, str]:
    """Request id -> deployment, of the requests that production did not answer."""
    from chalicelib.clouds.aws.logs import CloudWatchLogs

    first = min(request.at for request in found) - AROUND_MS
    last = max(request.at for request in found) + AROUND_MS
    group = f"/aws/cloudfront/function/{settings().prefix}-viewer-request"
    lines = CloudWatchLogs(EDGE_REGION).since(group, first, end_ms=last, pattern='" dpl "')
    noted = (cloudfront.note(line.text) for line in lines)
    return dict(one for one in noted if one)


class Owners:
    """Whose requests are, with what was looked up once for a whole file."""

    def __init__(self, notes: dict[str, str]) -> None:
        self._notes = notes
        self._project = cache(_project)
        self._moves = cache(_moves)

    def whose(self, request: Request) -> Whose | None:
        """Project and deployment of a request; None when it is nobody's, or an alias's."""
        site = parse_host(request.host, settings().sites_domain)
        if site is not None and is_alias(site.slug):
            return None
        project = self._project(request.host if site is None else "", site.slug if site else "")
        if project is None:
            return None
        if site is not None and site.deployment:
            return Whose(project, site.deployment, "preview")
        noted = self._notes.get(request.id)
        if noted:
            return Whose(project, noted, "live")
        for moved, deployment in self._moves(project):
            if moved <= request.at:
                return Whose(project, deployment, "live")
        return None


def _project(host: str, slug: str) -> str | None:
    """Id of the project that a domain of its own, or a slug, stands for."""
    if slug:
        return project_rows.id_of_slug(slug)
    claim = domain_rows.claim(host)
    return claim.project if claim else None


def _moves(project: str) -> list[tuple[int, str]]:
    """(when in ms, deployment) of every move of production, the newest first."""
    return [
        (int(datetime.fromisoformat(move.moved_at).timestamp() * 1000), move.deployment)
        for move in deployment_rows.moves(project, MOVES)
    ]
