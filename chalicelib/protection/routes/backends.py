"""How the backends of a site are."""

from __future__ import annotations

from chalicelib.core.http import Call, Output
from chalicelib.protection.actions import health
from chalicelib.protection.routes.blueprint import routes


class OriginView(Output):
    """One address of a backend. `healthy` is null until it was asked, or when it never is."""

    backend: str
    name: str
    url: str
    weight: int
    named: bool
    check: str
    healthy: bool | None
    failures: int
    status: int
    milliseconds: int
    why: str
    since: str
    checked_at: str


class BackendList(Output):
    """The backends of the deployments that visitors see."""

    deployments: list[str]
    items: list[OriginView]
    next: str | None = None


@routes.get(
    "/projects/{project}/backends",
    permission="project.read",
    scope="project",
    answer=BackendList,
)
def list_backends(call: Call) -> BackendList:
    """How the backends of a site are."""
    deployments, origins = health.shown(call.scope)
    fields = OriginView.model_fields
    items = [OriginView(**{name: getattr(one, name) for name in fields}) for one in origins]
    return BackendList(deployments=deployments, items=items)
