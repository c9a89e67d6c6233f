"""Which variables of people a build gets, by how far it is trusted."""

from __future__ import annotations

from typing import Any

from chalicelib.projects import actions as projects
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rules.variables import Variable


def trust_of(spec: dict[str, Any]) -> str:
    """`trusted`, `approved` or `untrusted`; whoever is called both is not trusted."""
    trust = str(spec.get("trust") or "trusted")
    return "untrusted" if trust == "trusted" and not spec.get("trusted", True) else trust


def of_build(project: str, spec: dict[str, Any]) -> dict[str, Variable]:
    """The variables of a build, decrypted: none at all for what strangers wrote."""
    row = project_rows.get(project)
    if row is None or trust_of(spec) == "untrusted":
        return {}
    # what counts for one branch is for our own: strangers call theirs as they like
    branch = spec.get("branch") if trust_of(spec) == "trusted" else None
    return projects.effective_variables(row, spec["environment"], branch or "")
