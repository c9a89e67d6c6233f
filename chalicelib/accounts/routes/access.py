"""Asking for access, deciding about it, and who may sign up at all."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chalicelib.accounts.actions import requests, settings
from chalicelib.accounts.routes.blueprint import routes
from chalicelib.accounts.routes.fields import Email, Line, Name, Reason
from chalicelib.accounts.rows.requests import AccessRequestRow
from chalicelib.accounts.rows.settings import SettingsRow, settings_row
from chalicelib.core import etag, paging
from chalicelib.core.http import PUBLIC, Acknowledged, Call, Input, Output
from chalicelib.core.paging import Page, PageQuery

State = Literal["pending", "approved", "rejected"]
SignUpMode = Literal["open", "invite", "request"]


class AskForAccess(Input):
    """Who asks, and why."""

    email: Email
    name: Name
    organisation: Line
    reason: Reason


class AccessRequestView(Output):
    """A request for access, and what became of it."""

    id: str
    email: str
    name: str
    organisation: str
    reason: str
    state: State
    created_at: str
    reviewed_by: str | None
    reviewed_at: str | None
    note: str | None


class ListRequests(PageQuery):
    """Which requests."""

    state: State = "pending"


class Decision(Input):
    """Why; only those who run the installation see it."""

    note: Reason | None = None


class SettingsView(Output):
    """What holds for the whole installation."""

    sign_up: SignUpMode = Field(
        description="`open` for everybody, `invite`: by invitation, `request`: by access request"
    )
    version: int
    updated_at: str | None


class ChangeSettings(Input):
    """What is to be changed."""

    sign_up: SignUpMode | None = None


@routes.post(
    "/access-requests",
    permission=PUBLIC,
    body=AskForAccess,
    answer=Acknowledged,
    status=202,
    audited=False,
    limit="mail",
)
def ask_for_access(call: Call) -> Acknowledged:
    """Ask those who run the installation for an account."""
    asked = call.body
    requests.ask_for_access(asked.email, asked.name, asked.organisation, asked.reason)
    return Acknowledged()


@routes.get(
    "/admin/access-requests",
    permission="admin.manage",
    scope="installation",
    query=ListRequests,
    answer=Page[AccessRequestView],
)
def list_access_requests(call: Call) -> Page[AccessRequestView]:
    """The requests in one state, oldest first."""
    return paging.page(call, lambda **at: requests.list_requests(call.query.state, **at), _request)


@routes.post(
    "/admin/access-requests/{request}/approve",
    permission="admin.manage",
    scope="installation",
    body=Decision,
    answer=AccessRequestView,
    problems=(409,),
)
def approve_access(call: Call) -> AccessRequestView:
    """Let somebody in: an invitation goes to their address."""
    return _decided(call, "approved")


@routes.post(
    "/admin/access-requests/{request}/reject",
    permission="admin.manage",
    scope="installation",
    body=Decision,
    answer=AccessRequestView,
    problems=(409,),
)
def reject_access(call: Call) -> AccessRequestView:
    """Turn somebody down; no mail is sent."""
    return _decided(call, "rejected")


@routes.get("/admin/settings", permission="admin.manage", scope="installation", answer=SettingsView)
def show_settings(_call: Call) -> tuple[SettingsView, dict[str, str]]:
    """The settings of the installation."""
    return _settings(settings_row())


@routes.patch(
    "/admin/settings",
    permission="admin.manage",
    scope="installation",
    body=ChangeSettings,
    answer=SettingsView,
    problems=(409,),
)
def change_settings(call: Call) -> tuple[SettingsView, dict[str, str]]:
    """Change the settings; `If-Match` refuses to overwrite a later change."""
    call.trail.team, call.trail.resource = "", "settings"
    call.trail.before = {"sign_up": settings.sign_up_mode()}
    return _settings(settings.change_settings(call.body.sign_up, etag.expected(call)))


def _decided(call: Call, verdict: requests.Verdict) -> AccessRequestView:
    call.trail.team = ""
    row = requests.decide(call.path["request"], verdict, call.actor.user, call.body.note)
    call.trail.after = {"state": row.state, "email": row.email}
    return _request(row)


def _request(row: AccessRequestRow) -> AccessRequestView:
    return AccessRequestView(
        id=row.id,
        email=row.email,
        name=row.name,
        organisation=row.organisation,
        reason=row.reason,
        state=row.state,  # type: ignore[arg-type]  # one of the three
        created_at=row.created_at,
        reviewed_by=row.reviewed_by,
        reviewed_at=row.reviewed_at,
        note=row.note,
    )


def _settings(row: SettingsRow) -> tuple[SettingsView, dict[str, str]]:
    view = SettingsView(
        sign_up=row.sign_up,  # type: ignore[arg-type]  # one of the three
        version=int(row.version),
        updated_at=row.updated_at,
    )
    return view, etag.tag(int(row.version))
