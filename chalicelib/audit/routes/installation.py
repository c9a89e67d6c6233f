"""The log of the installation: what is no team's, such as who was suspended by whom."""

from __future__ import annotations

from chalicelib.audit.routes.blueprint import routes
from chalicelib.audit.routes.log import page, verdict
from chalicelib.audit.routes.shapes import EntryView, ListQuery, VerdictView, VerifyQuery
from chalicelib.audit.rules.entries import INSTALLATION
from chalicelib.core.http import Call
from chalicelib.core.paging import Page


@routes.get(
    "/admin/audit",
    permission="admin.read",
    scope=INSTALLATION,
    query=ListQuery,
    answer=Page[EntryView],
)
def list_installation(call: Call) -> Page[EntryView]:
    """The log of the installation, newest first."""
    return page(call, INSTALLATION)


@routes.get(
    "/admin/audit/verify",
    permission="admin.read",
    scope=INSTALLATION,
    query=VerifyQuery,
    answer=VerdictView,
    limit="expensive",
)
def verify_installation(call: Call) -> VerdictView:
    """Whether the installation's log is whole."""
    return verdict(call, INSTALLATION)
