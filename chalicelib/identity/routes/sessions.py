"""The sessions of a person."""

from __future__ import annotations

from chalicelib.core import clock, paging
from chalicelib.core.http import SIGNED_IN, Call, Empty, Output
from chalicelib.core.paging import Page, PageQuery
from chalicelib.identity.actions import factors, sessions
from chalicelib.identity.routes.blueprint import routes
from chalicelib.identity.rows import SessionRow


class SessionView(Output):
    """Somewhere this person is signed in."""

    id: str
    created_at: str
    seen_at: str
    expires_at: str
    ip: str
    agent: str
    via: str
    current: bool


@routes.get(
    "/me/sessions", permission=SIGNED_IN, query=PageQuery, answer=Page[SessionView], problems=(403,)
)
def list_sessions(call: Call) -> Page[SessionView]:
    """Where the caller is signed in, newest first; when each was in use, to the minute."""
    factors.person(call.actor)

    def view(row: SessionRow) -> SessionView:
        return SessionView(
            id=row.id,
            created_at=row.created_at,
            seen_at=clock.iso(int(row.seen_at) * 1000),
            expires_at=clock.iso(int(row.expires_at) * 1000),
            ip=row.ip,
            agent=row.agent,
            via=row.via,
            current=row.id == call.actor.session,
        )

    return paging.page(call, lambda **at: sessions.list_sessions(call.actor, **at), view)


@routes.delete(
    "/me/sessions/{session}", permission=SIGNED_IN, answer=Empty, status=204, problems=(403, 404)
)
def end_session(call: Call) -> None:
    """End one of one's own sessions at once."""
    factors.person(call.actor)
    sessions.end_session(call.actor, call.path["session"])


@routes.delete("/me/sessions", permission=SIGNED_IN, answer=Empty, status=204, problems=(403,))
def end_other_sessions(call: Call) -> None:
    """End every session but this one at once."""
    factors.person(call.actor)
    sessions.end_sessions(call.actor.user, "ended_by_user", keep=call.actor.session)
