"""The log of a team: read, held to its chain, taken elsewhere, kept for a while."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from chalicelib.audit import actions
from chalicelib.audit.routes.blueprint import routes
from chalicelib.audit.routes.shapes import (
    ActivityItem,
    ActivityView,
    EntryView,
    Exported,
    ExportQuery,
    ListQuery,
    Retention,
    RetentionView,
    VerdictView,
    VerifyQuery,
)
from chalicelib.audit.rules.canonical import canonical
from chalicelib.audit.rules.table import csv
from chalicelib.core import paging
from chalicelib.core.http import Call, Raw
from chalicelib.core.paging import Page

_LATEST = 100
_TYPES = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}


def page(call: Call, team: str) -> Page[EntryView]:
    """A page of a log as the query wants it, newest first."""
    query: ListQuery = call.query
    before = int((paging.position(call) or {}).get("before", 0))
    found, rest = actions.page(team, query.wanted(), query.limit, before)
    return Page[EntryView](
        items=[EntryView(**entry, sentence=line) for entry, line in actions.told(found)],
        next=paging.cursor(call, {"before": rest} if rest else None),
    )


def verdict(call: Call, team: str) -> VerdictView:
    """What verifying a log found."""
    return VerdictView(**vars(actions.verify(team, call.query.after)))


@routes.get(
    "/teams/{team}/audit",
    permission="audit.read",
    scope="team",
    query=ListQuery,
    answer=Page[EntryView],
)
def list_entries(call: Call) -> Page[EntryView]:
    """The log, newest first; a page of a filtered list may be short and still not the last."""
    return page(call, call.scope.team)


@routes.get("/teams/{team}/activity", permission="audit.read", scope="team", answer=ActivityView)
def list_activity(call: Call) -> ActivityView:
    """What happened in the last 24 hours, as sentences."""
    return ActivityView(
        items=[
            ActivityItem(
                sequence=entry["sequence"],
                at=entry["at"],
                user=entry["actor"]["user"],
                action=entry["action"],
                resource=entry["resource"],
                outcome=entry["outcome"],
                sentence=line,
            )
            for entry, line in actions.activity(call.scope.team, _LATEST)
        ]
    )


@routes.get(
    "/teams/{team}/audit/verify",
    permission="audit.read",
    scope="team",
    query=VerifyQuery,
    answer=VerdictView,
    limit="expensive",
)
def verify_log(call: Call) -> VerdictView:
    """Whether nothing was changed, removed, put in, exchanged or cut off."""
    return verdict(call, call.scope.team)


@routes.get(
    "/teams/{team}/audit/export",
    permission="audit.read",
    scope="team",
    query=ExportQuery,
    answer=Exported,
    produces=tuple(_TYPES.values()),
    limit="expensive",
)
def export_log(call: Call) -> tuple[Raw, dict[str, str]]:
    """Entries, oldest first; the header `X-Next-Cursor` (and `Link`) leads to the next page."""
    query: ExportQuery = call.query
    after = int((paging.position(call) or {}).get("after", 0))
    found, rest = actions.export(call.scope.team, after, query.limit)
    if query.format == "csv":
        text = csv(found, heading=not after)
    else:
        text = "".join(canonical(entry).decode() + "\n" for entry in found)
    return Raw(_TYPES[query.format], text), _next(call, rest)


def _next(call: Call, rest: int) -> dict[str, str]:
    cursor = paging.cursor(call, {"after": rest} if rest else None)
    if cursor is None:
        return {}
    query: dict[str, Any] = {"format": call.query.format, "limit": call.query.limit}
    address = f"/v1/teams/{call.scope.team}/audit/export?{urlencode({**query, 'cursor': cursor})}"
    return {"X-Next-Cursor": cursor, "Link": f'<{address}>; rel="next"'}


@routes.get(
    "/teams/{team}/audit/retention", permission="audit.read", scope="team", answer=RetentionView
)
def read_retention(call: Call) -> RetentionView:
    """How long entries are kept."""
    return RetentionView(days=actions.retention(call.scope.team))


@routes.put(
    "/teams/{team}/audit/retention",
    permission="audit.manage",
    scope="team",
    body=Retention,
    answer=RetentionView,
    step_up=True,
    problems=(409,),
)
def put_retention(call: Call) -> RetentionView:
    """Keep entries that are written from now on for another time; those there keep theirs."""
    call.trail.before = {"days": actions.set_retention(call.scope.team, call.body.days)}
    return RetentionView(days=call.body.days)
