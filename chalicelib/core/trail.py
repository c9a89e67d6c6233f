"""What a request leaves behind for the audit log, whoever keeps it.

`core/http` opens an event before a change and closes it after; the subject `audit` says where to.
A view may add what only it knows: `call.trail.before`, `call.trail.after`, whose team it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import BaseModel

from chalicelib.core.actor import Actor


@dataclass
class Trail:
    """What happens in one request, as far as it is known by now.

    `action` is `<subject>.<view>`, such as `projects.create`. `team` decides into whose log it
    goes; without one it goes into the log of the installation. `resource` is an id or a name.
    `before` and `after` hold the fields that changed, never a secret.
    """

    id: str
    at: int
    action: str
    actor: Actor
    team: str = ""
    resource: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    kept: bool = True

    def drop(self) -> None:
        """Nothing was changed after all: leave no row."""
        self.kept = False


class Recorder(Protocol):
    """Keeps trails."""

    def open(self, trail: Trail) -> None:
        """Remember that a change is about to be made, should this process die in between."""

    def close(self, trail: Trail) -> None:
        """Write the change into the log."""

    def discard(self, trail: Trail) -> None:
        """Forget an opened one: the request was refused and changed nothing."""


def visible(body: BaseModel | None) -> dict[str, Any]:
    """The fields of a request that were given, without those that are write-only."""
    if body is None:
        return {}
    given = body.model_dump(mode="json", exclude_unset=True)
    return {name: value for name, value in given.items() if not is_secret(type(body), name)}


def is_secret(model: type[BaseModel], name: str) -> bool:
    """Whether a field is marked `writeOnly`; see `core.http.Secret`."""
    extra = model.model_fields[name].json_schema_extra if name in model.model_fields else None
    return isinstance(extra, dict) and bool(extra.get("writeOnly"))
