"""Keys of a team: those of its people, and those of its machines."""

from __future__ import annotations

from chalicelib.core import paging
from chalicelib.core.http import Call, Empty
from chalicelib.core.paging import Page
from chalicelib.teams import actions
from chalicelib.teams.routes.blueprint import routes
from chalicelib.teams.routes.shapes import (
    KeyView,
    ListKeys,
    NewKey,
    NewKeyView,
    key_view,
    new_key_view,
)


@routes.post(
    "/keys",
    permission="key.create",
    body=NewKey,
    answer=NewKeyView,
    status=201,
    step_up=True,
    problems=(409,),
)
def create_key(call: Call) -> NewKeyView:
    """Make a key. Its secret is in this answer and nowhere else."""
    row, secret = actions.create_key(call.actor, call.body)
    call.trail.team = row.team
    return new_key_view(row, secret)


@routes.get("/keys", permission="key.read", query=ListKeys, answer=Page[KeyView])
def list_keys(call: Call) -> Page[KeyView]:
    """The keys of a team: all of them for its admins, one's own for the others."""
    return paging.page(
        call, lambda **at: actions.list_keys(call.actor, call.query.team, **at), key_view
    )


@routes.delete("/keys/{key_id}", permission="key.delete", answer=Empty, status=204)
def delete_key(call: Call) -> None:
    """End a key at once."""
    row = actions.delete_key(call.actor, call.path["key_id"])
    call.trail.team = row.team
    call.trail.before = {"name": row.name, "kind": row.kind, "project": row.project}
