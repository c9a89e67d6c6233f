"""The console offers what a role may do: its copy of the table is the table."""

from __future__ import annotations

import json
from pathlib import Path

from chalicelib.teams.rules.roles import PERMISSIONS, ROLES, SCOPES

TABLE = json.loads((Path(__file__).parents[3] / "console/src/parts/roles.json").read_text())


def test_every_role_has_what_it_has() -> None:
    assert list(TABLE["roles"]) == list(ROLES)
    assert {role: set(given) for role, given in TABLE["roles"].items()} == PERMISSIONS


def test_every_permission_has_words() -> None:
    assert set(TABLE["permissions"]) == SCOPES
    assert all(TABLE["permissions"].values())
