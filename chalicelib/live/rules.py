"""What watchers hear of an entry of the audit log, and what it takes to hear it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WATCHERS = 500
"""Open connections that may watch one team or deployment; all of them are told of every change."""

WATCHERS_OF_ONE = 50
"""Of those, how many may be one person's, or one key's."""

SUBSCRIPTIONS = 50
"""What one connection may watch at a time."""

INSTALLATION = "installation"
"""Stands in the place of a team for what is no team's: its log, which is the installation's."""

_POINTER = frozenset(
    {"promote", "go_live", "rollback", "withdraw", "unpin", "lock", "unlock", "approve_release"}
)
_OF_PROJECTS = {
    "variable": "variable",
    "environment": "environment",
    "hook": "hook",
    "schedule": "schedule",
    "member": "member",
    "deploy_key": "key",
}
_OF_TEAMS = {"key": "key", "policy": "policy", "role": "member", "member": "member"}
_OF_SUBJECT = {
    "deployments": "deployment",
    "rollouts": "rollout",
    "projects": "project",
    "uploads": "upload",
    "protection": "protection",
    "git": "repository",
    "domains": "domain",
    "teams": "team",
    "audit": "audit",
    "admin": "team",
    "supply": "supply",
}
_PERMISSIONS = {
    "variable": "env.read",
    "key": "key.read",
    "policy": "policy.read",
    "member": "member.read",
    "domain": "domain.read",
    "audit": "audit.read",
    "sso": "sso.read",
    "deployment": "deployment.read",
    "pull": "deployment.read",
    "hook": "hook.manage",
    "repository": "git.read",
}
_ID = re.compile(r"[a-z]{2,6}_[0-7][0-9a-hjkmnp-tv-z]{25}\Z")


@dataclass(frozen=True)
class Change:
    """Something of a team is not what it was. `project` is empty for the team's own things.

    `deployment` says that it is the state of that deployment; then the whole of it is told.
    """

    team: str
    project: str
    what: str
    id: str
    at: str
    deployment: str = ""

    @property
    def permission(self) -> str:
        """What somebody has to be allowed, to hear of it."""
        asked = _PERMISSIONS.get(self.what)
        if asked is None and _is_id(self.id, "dpl"):
            return "deployment.read"
        return asked or ("project.read" if self.project else "team.read")

    def message(self) -> dict[str, Any]:
        """What a watcher gets."""
        return {
            "type": "changed",
            "team": None if self.team == INSTALLATION else self.team,
            "project": self.project or None,
            "what": self.what,
            "id": self.id,
            "at": self.at,
        }


def change_of(entry: Mapping[str, Any]) -> Change | None:
    """What an entry of the audit log tells those who watch its log; None when it is not for them.

    Of sign-ins, what people change about themselves, and everything in the log of the
    installation those who may read that log hear that there is another entry, and no more. So it
    is with a refusal, which changed nothing, except that a domain which is found broken is written
    down as one. Names that somebody chose, such as that of a variable, are not told: only ids and
    hosts of domains.
    """
    team = str(entry.get("team", ""))
    at = str(entry.get("recorded_at") or entry.get("at", ""))
    if team == INSTALLATION:
        return Change(INSTALLATION, "", "audit", INSTALLATION, at)
    subject, _, verb = str(entry.get("action", "")).partition(".")
    what = _what(subject, verb)
    refused = entry.get("outcome") == "refused" and subject != "domains"
    if not _is_id(team, "team"):
        return None
    if not what or refused:
        return Change(team, "", "audit", team, at)
    resource, of = str(entry.get("resource", "")), str(entry.get("of", ""))
    project = next((one for one in (resource, of) if _is_id(one, "prj")), "")
    told = resource if _ID.match(resource) or what == "domain" else project or team
    return Change(team, project, what, told, at)


def _what(subject: str, verb: str) -> str:
    if subject == "deployments" and verb in _POINTER:
        return "pointer"
    if subject == "accounts":
        return "sso" if verb.endswith(("_sso", "_domain")) else ""
    endings = {"projects": _OF_PROJECTS, "teams": _OF_TEAMS}.get(subject, {})
    found = next((what for ending, what in endings.items() if ending in verb), "")
    if subject == "teams" and ("invit" in verb or verb.startswith("transfer")):
        found = "member"
    return found or _OF_SUBJECT.get(subject, "")


def _is_id(text: str, prefix: str) -> bool:
    return text.startswith(f"{prefix}_") and bool(_ID.match(text))
