"""The installation's copy of the advisories."""

from __future__ import annotations

from chalicelib.core.http import INSTALLATION, Call
from chalicelib.supply.actions import exports
from chalicelib.supply.routes.blueprint import routes
from chalicelib.supply.routes.shapes import (
    ExportView,
    NewExport,
    OverviewView,
    StatusView,
    TakeIn,
)


@routes.get("/admin/advisories", permission="admin.read", scope=INSTALLATION, answer=OverviewView)
def show_advisories(_call: Call) -> OverviewView:
    """Which ecosystems have a copy, how old it is, and how the last export fared."""
    return OverviewView.model_validate(exports.overview())


@routes.post(
    "/admin/advisories",
    permission="admin.manage",
    scope=INSTALLATION,
    body=NewExport,
    answer=ExportView,
    status=201,
)
def begin_export(call: Call) -> ExportView:
    """Begin to upload an export of OSV."""
    identifier, request = exports.begin(call.body.size, call.body.sha256)
    return ExportView(id=identifier, url=request.url, headers=request.headers)


@routes.post(
    "/admin/advisories/import",
    permission="admin.manage",
    scope=INSTALLATION,
    body=TakeIn,
    answer=StatusView,
    status=202,
    step_up=True,
)
def take_in_export(call: Call) -> StatusView:
    """Have an uploaded export replace the copies of the ecosystems that it holds."""
    return StatusView.model_validate(exports.ask(call.body.id, call.body.smaller))
