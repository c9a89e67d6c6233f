"""Accounts of the installation."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chalicelib.admin import actions
from chalicelib.admin.routes.blueprint import routes
from chalicelib.core import paging, stepup
from chalicelib.core.http import INSTALLATION, Call, Input, Output
from chalicelib.core.paging import Page, PageQuery
from chalicelib.identity.rows import UserRow

Status = Literal["pending", "active", "suspended"]


class AccountView(Output):
    """An account; `factors` are its confirmed second factors and passkeys."""

    id: str
    email: str
    name: str
    status: Status
    admin: bool
    factors: int
    created_at: str
    verified_at: str | None


class TeamOfAccountView(Output):
    """A team, and the role in it."""

    id: str
    slug: str
    name: str
    role: str


class AccountDetailView(AccountView):
    """An account with what belongs to it; counted up to a hundred."""

    has_password: bool
    sessions: int
    teams: list[TeamOfAccountView]


class ListAccounts(PageQuery):
    """Which accounts: those whose e-mail begins with `query` or whose name holds it."""

    query: str = Field("", max_length=254)
    status: Status | None = None
    admin: bool | None = None


class Reason(Input):
    """Why; the audit log keeps it."""

    reason: str = Field(min_length=1, max_length=500)


class Administers(Input):
    """Whether somebody shall run the installation."""

    admin: bool


@routes.get(
    "/admin/users",
    permission="admin.read",
    scope=INSTALLATION,
    query=ListAccounts,
    answer=Page[AccountView],
)
def list_users(call: Call) -> Page[AccountView]:
    """Accounts by e-mail. A page may be short when few match, and still have a next one."""
    wanted = call.query
    after = (paging.position(call) or {}).get("after", "")
    found, end = actions.list_users(wanted.query, wanted.status, wanted.admin, wanted.limit, after)
    items = [_view(user) for user in found]
    return Page[AccountView](items=items, next=paging.cursor(call, {"after": end} if end else None))


@routes.get(
    "/admin/users/{user}",
    permission="admin.read",
    scope=INSTALLATION,
    answer=AccountDetailView,
)
def get_user(call: Call) -> AccountDetailView:
    """An account by id or e-mail."""
    found = actions.look_at(call.path["user"])
    return AccountDetailView(
        **_view(found.user).model_dump(),
        has_password=found.user.password_hash is not None,
        sessions=found.sessions,
        teams=[
            TeamOfAccountView(id=team.id, slug=team.slug, name=team.name, role=role)
            for team, role in found.teams
        ],
    )


@routes.post(
    "/admin/users/{user}/suspend",
    permission="admin.manage",
    scope=INSTALLATION,
    body=Reason,
    answer=AccountView,
    problems=(409,),
    step_up=True,
)
def suspend_user(call: Call) -> AccountView:
    """Shut an account out: its sessions end, its keys are refused, from the next request on."""
    user = _named(call)
    if user.status == "suspended":
        call.trail.drop()
    else:
        call.trail.before = {"status": user.status}
        actions.suspend_user(call.scope, user)
        call.trail.after = {"status": "suspended", "reason": call.body.reason}
    return _view(user)


@routes.post(
    "/admin/users/{user}/restore",
    permission="admin.manage",
    scope=INSTALLATION,
    body=Reason,
    answer=AccountView,
    problems=(409,),
    step_up=True,
)
def restore_user(call: Call) -> AccountView:
    """Give a suspended account back. Its keys work again; its sessions are over."""
    user = _named(call)
    if user.status != "suspended":
        call.trail.drop()
    else:
        call.trail.before = {"status": "suspended"}
        actions.restore_user(call.scope, user)
        call.trail.after = {"status": user.status, "reason": call.body.reason}
    return _view(user)


@routes.post(
    "/admin/users/{user}/clear-factors",
    permission="admin.manage",
    scope=INSTALLATION,
    body=Reason,
    answer=AccountView,
    problems=(409,),
    step_up=True,
)
def clear_factors(call: Call) -> AccountView:
    """Remove the second factors of somebody who lost them: their sessions end, a mail tells them.

    Look first who is asking: from now on the password is enough.
    """
    user = _named(call)
    if not user.factors:
        call.trail.drop()
    else:
        call.trail.before = {"factors": int(user.factors)}
        actions.clear_factors(call.scope, user)
        call.trail.after = {"factors": 0, "reason": call.body.reason}
    return _view(actions.find_user(user.id))


@routes.put(
    "/admin/users/{user}/admin",
    permission="admin.manage",
    scope=INSTALLATION,
    body=Administers,
    answer=AccountView,
    problems=(409,),
    step_up=True,
)
def set_admin(call: Call) -> AccountView:
    """Let somebody run the installation, or no longer; from a session only."""
    stepup.require_person(call.actor, "say who runs the installation")
    user = _named(call)
    if user.admin == call.body.admin:
        call.trail.drop()
    else:
        call.trail.before = {"admin": user.admin}
        actions.set_admin(call.scope, user, call.body.admin)
    return _view(user)


def _named(call: Call) -> UserRow:
    user = actions.find_user(call.path["user"])
    call.trail.resource, call.trail.label = user.id, user.email
    return user


def _view(user: UserRow) -> AccountView:
    return AccountView.model_validate(
        {
            "id": user.id,
            "email": user.email,
            "name": user.name,
            "status": user.status,
            "admin": user.admin,
            "factors": int(user.factors),
            "created_at": user.created_at,
            "verified_at": user.verified_at,
        }
    )
