"""From a field to the route that answers it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from chalicelib.core.errors import Problem
from chalicelib.core.http import TABLE, Call, Route
from chalicelib.core.http.within import ask
from chalicelib.graphql.actions import faults
from chalicelib.graphql.rules import MAX_ASKS, MAX_SECONDS


def route(name: str) -> Route:
    """The declared route, such as `GET /v1/me`; raises LookupError."""
    for found in TABLE:
        if f"{found.method} {found.path}" == name:
            return found
    raise LookupError(f"there is no route {name}")


@dataclass
class Asker:
    """Asks routes for the caller of one request; what was read twice is asked for once."""

    call: Call
    _kept: dict[str, Any] = field(default_factory=dict)
    _asks: int = 0
    _until: float = field(default_factory=lambda: time.monotonic() + MAX_SECONDS)

    def read(self, of: Route, path: dict[str, str], query: dict[str, Any]) -> Any:
        """The answer of a GET; raises Problem, the same one for the same question."""
        name = json.dumps([of.path, path, query], sort_keys=True)
        if name not in self._kept:
            try:
                self._kept[name] = self._ask(of, path, query=query)
            except Problem as problem:
                self._kept[name] = problem
        found = self._kept[name]
        if isinstance(found, Problem):
            raise found
        return found

    def change(
        self, of: Route, path: dict[str, str], query: dict[str, Any], body: Any, field_name: str
    ) -> Any:
        """The answer of a change; True when it has none. What was read before is forgotten.

        Every change of a request has an Idempotency-Key of its own, out of the request's and the
        name under which its answer comes.
        """
        key = self.call.headers.get("idempotency-key")
        if key is not None and of.replayable:
            key = sha256(f"{key}\n{field_name}".encode()).hexdigest()
        else:
            key = None
        try:
            found = self._ask(of, path, query=query, body=body, key=key)
        finally:
            self._kept.clear()
        return True if found is None else found

    def _ask(self, of: Route, path: dict[str, str], **more: Any) -> Any:
        self._asks += 1
        if self._asks > MAX_ASKS:
            raise faults.too_costly(f"This request asked {MAX_ASKS} routes, and wants more.")
        if time.monotonic() > self._until:
            raise faults.too_costly(f"This request took more than {MAX_SECONDS:.0f} s.")
        return ask(self.call, of, path, **more)[1]
