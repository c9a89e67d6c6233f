"""Streams: the log as it grows, sent to Datadog, Splunk or any HTTPS address."""

from __future__ import annotations

from chalicelib.audit import actions
from chalicelib.audit.routes.blueprint import routes
from chalicelib.audit.routes.shapes import NewStream, StreamList, StreamView, TriedView
from chalicelib.audit.rows.streams import StreamRow
from chalicelib.audit.rules.streams import check_name
from chalicelib.core import clock
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.http import Call, Empty


@routes.get("/teams/{team}/audit/streams", permission="audit.read", scope="team", answer=StreamList)
def list_streams(call: Call) -> StreamList:
    """The streams of a team and how they fare."""
    return StreamList(items=[_view(row) for row in actions.list_streams(call.scope.team)])


@routes.get(
    "/teams/{team}/audit/streams/{stream}",
    permission="audit.read",
    scope="team",
    answer=StreamView,
)
def read_stream(call: Call) -> StreamView:
    """One stream."""
    return _view(actions.named(call.scope.team, call.path["stream"]))


@routes.put(
    "/teams/{team}/audit/streams/{stream}",
    permission="audit.manage",
    scope="team",
    body=NewStream,
    answer=StreamView,
    step_up=True,
    problems=(409,),
)
def put_stream(call: Call) -> StreamView:
    """Set a stream; one that was paused runs again."""
    team, name, body = call.scope.team, call.path["stream"], call.body
    try:
        check_name(name)
    except ValueError as error:
        raise Invalid(
            "invalid_request",
            str(error),
            hint="Choose another name.",
            errors=(FieldError("/path/stream", str(error)),),
        ) from None
    before = next((row for row in actions.list_streams(team) if row.name == name), None)
    if before is not None:
        call.trail.before = _told(before)
    wish = actions.Wish(body.kind, body.url, body.token, body.from_start)
    row = actions.put_stream(team, name, wish)
    call.trail.after = {**_told(row), "from_start": body.from_start, "new": body.token is not None}
    return _view(row)


@routes.delete(
    "/teams/{team}/audit/streams/{stream}",
    permission="audit.manage",
    scope="team",
    answer=Empty,
    status=204,
    step_up=True,
)
def delete_stream(call: Call) -> None:
    """Remove a stream; what it has not delivered stays in the log."""
    call.trail.before = _told(actions.delete_stream(call.scope.team, call.path["stream"]))


@routes.post(
    "/teams/{team}/audit/streams/{stream}/test",
    permission="audit.manage",
    scope="team",
    answer=TriedView,
    limit="expensive",
)
def test_stream(call: Call) -> TriedView:
    """Send one entry that stands in no log, and tell what became of it."""
    tried = actions.test_stream(call.scope.team, call.path["stream"], call.actor)
    return TriedView(ok=not tried.error, status=tried.status, error=tried.error)


def _told(row: StreamRow) -> dict[str, str]:
    return {"kind": row.kind, "url": row.url}


def _view(row: StreamRow) -> StreamView:
    failing = int(row.failing_since)
    return StreamView(
        name=row.name,
        kind=row.kind,
        url=row.url,
        state="paused" if row.state == "paused" else "failing" if failing else "running",
        delivered=int(row.cursor),
        delivered_at=row.delivered_at,
        error=row.error,
        failing_since=clock.iso(failing) if failing else None,
        next_try_at=clock.iso(int(row.next_try)) if failing and row.state != "paused" else None,
        created_at=row.created_at,
    )
