"""What a request leaves behind for the audit log, whoever keeps it.

`core/http` opens an event before a change and closes it after; the subject `audit` says where to.
A view may add what only it knows: `call.trail.before`, `call.trail.after`, whose team it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from pydantic import BaseModel

from chalicelib.core.actor import Actor

Outcome = Literal["ok", "refused"]


@dataclass
class Trail:
    """What happens in one request, as far as it is known by now.

    `action` is `<subject>.<view>`, such as `projects.create`. `team` decides into whose log it
    goes; without one it goes into the log of the installation. `resource` is an id or a name,
    `of` the id of what it belongs to, `label` the name that people know it by. `before` and
    `after` hold the fields that changed, never a secret. `ip` and `agent` are the request's, also
    when the view puts another actor here.
    """

    id: str
    at: int
    action: str
    actor: Actor
    team: str = ""
    resource: str = ""
    of: str = ""
    label: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    ip: str = ""
    agent: str = ""
    kept: bool = True
    insisted: bool = False
    opened: bool = False
    outcome: Outcome = "ok"

    def drop(self) -> None:
        """Nothing was changed after all: leave no row."""
        self.kept = False

    def insist(self) -> None:
        """Leave a row even if the request is refused, such as a failed proof of identity."""
        self.insisted = True


class Recorder(Protocol):
    """Keeps trails."""

    def open(self, trail: Trail) -> None:
        """Remember that a change is about to be made, should this process die in between."""

    def close(self, trail: Trail) -> None:
        """Write the change into the log."""

    def discard(self, trail: Trail) -> None:
        """Forget an opened one: the request was refused and changed nothing."""


def visible(body: BaseModel | None) -> dict[str, Any]:
    """The fields of a request that were given, without those that are write-only, at any depth."""
    if body is None:
        return {}
    return {
        name: _visible(getattr(body, name))
        for name in type(body).model_fields
        if name in body.model_fields_set and not is_secret(type(body), name)
    }


def _visible(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return visible(value)
    if isinstance(value, dict):
        return {str(name): _visible(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_visible(item) for item in value]
    return value if isinstance(value, bool | int | float | None) else str(value)


def is_secret(model: type[BaseModel], name: str) -> bool:
    """Whether a field is marked `writeOnly`; see `core.http.secret_field`."""
    extra = model.model_fields[name].json_schema_extra if name in model.model_fields else None
    return isinstance(extra, dict) and bool(extra.get("writeOnly"))
