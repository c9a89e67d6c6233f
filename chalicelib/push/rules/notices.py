"""From an event of the bus to a notification: its words, where it leads, and who may see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

Event = Literal[
    "deployment.ready",
    "deployment.failed",
    "rollout.completed",
    "rollout.aborted",
    "rollout.paused",
    "domain.active",
    "domain.failed",
    "domain.expiring",
]
"""What somebody can ask to be told of."""

EVENTS: tuple[str, ...] = get_args(Event)

_LONGEST = 300
"""Characters of a text in a notification; with all else it stays below 3 KB (RFC 8030: 4 KB)."""

_BROKEN = {"failed", "misconfigured", "conflict"}


@dataclass(frozen=True)
class Notice:
    """A notification. `key` is the same whenever the same thing is told again.

    `path` is a page of the console; `site` an address to visit, or empty. `deployment` and
    `environment` say what is to be seen, where it is not the project as a whole.
    """

    event: str
    key: str
    team: str
    project: str
    title: str
    body: str
    path: str
    site: str = ""
    deployment: str = ""
    environment: str = ""

    @property
    def permission(self) -> str:
        """What somebody has to be allowed, to be told."""
        if self.deployment:
            return "deployment.read"
        return "domain.read" if self.event.startswith("domain.") else "project.read"

    @property
    def urgent(self) -> bool:
        """Whether it is worth waking a device for (RFC 8030, section 5.3)."""
        return self.event in {"deployment.failed", "rollout.aborted", "rollout.paused"} or (
            self.event in {"domain.failed", "domain.expiring"}
        )

    def payload(self, at: str) -> dict[str, Any]:
        """What the console's service worker gets."""
        told = {"version": 1, "event": self.event, "title": self.title, "body": self.body}
        where = {"path": self.path, "site": self.site}
        return {**told, **where, "tag": self.key, "team": self.team, "at": at}


def notice_of(kind: str, detail: Mapping[str, Any], identifier: str, slug: str) -> Notice | None:
    """What an event of the bus tells people; None when it is nothing to be told.

    `identifier` is the event's own id, `slug` the project's. Raises KeyError for an event of
    another shape.
    """
    return _KINDS[kind](detail, identifier, slug)


def _deployment(detail: Mapping[str, Any], _identifier: str, slug: str) -> Notice | None:
    state = str(detail["state"])
    if state not in {"ready", "failed"}:
        return None
    what = str(detail.get("tag") or detail.get("branch") or "an upload")
    commit = str(detail.get("commit") or "")[:7]
    named = f"{what} ({commit})" if commit else what
    environment = str(detail.get("environment") or detail["target"])
    error = detail.get("error") or {}
    why = str(error.get("message") or error.get("code") or "Its log says why.")
    return Notice(
        f"deployment.{state}",
        f"{detail['deployment']}:{state}",
        str(detail["team"]),
        str(detail["project"]),
        f"{slug}: {'ready' if state == 'ready' else 'failed'}",
        _cut(f"{named} is ready in {environment}." if state == "ready" else f"{named}: {why}"),
        f"/deployments/{detail['deployment']}",
        str(detail.get("url") or "") if state == "ready" else "",
        str(detail["deployment"]),
        environment,
    )


def _rollout(detail: Mapping[str, Any], _identifier: str, slug: str) -> Notice | None:
    state = str(detail["state"])
    words = {"completed": "rolled out", "aborted": "rollout aborted", "paused": "rollout paused"}
    if state not in words:
        return None
    return Notice(
        f"rollout.{state}",
        f"{detail['rollout']}:{state}:{detail.get('step', 0)}",
        str(detail["team"]),
        str(detail["project"]),
        f"{slug}: {words[state]}",
        _cut(str(detail.get("reason") or "")),
        f"/projects/{detail['project']}/rollouts/{detail['rollout']}",
    )


def _domain(detail: Mapping[str, Any], identifier: str, slug: str) -> Notice | None:
    state, host = str(detail["state"]), str(detail["domain"])
    if state != "active" and state not in _BROKEN:
        return None
    works = state == "active"
    return Notice(
        "domain.active" if works else "domain.failed",
        f"{detail['project']}:{host}:{state}:{identifier}",
        str(detail["team"]),
        str(detail["project"]),
        f"{host} works" if works else f"{host} needs you",
        _cut(f"It shows {slug}." if works else str(detail.get("detail") or f"It is {state}.")),
        f"/projects/{detail['project']}/domains/{host}",
    )


def _expiring(detail: Mapping[str, Any], _identifier: str, _slug: str) -> Notice | None:
    host, left = str(detail["domain"]), int(detail["days_left"])
    return Notice(
        "domain.expiring",
        f"{detail['project']}:{host}:{detail['expires_at']}:{left}",
        str(detail["team"]),
        str(detail["project"]),
        f"The certificate of {host} ends soon",
        f"{left} day{'' if left == 1 else 's'} left.",
        f"/projects/{detail['project']}/domains/{host}",
    )


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


_KINDS: dict[str, Callable[[Mapping[str, Any], str, str], Notice | None]] = {
    "deployment.finished": _deployment,
    "rollout.finished": _rollout,
    "rollout.paused": _rollout,
    "domain.changed": _domain,
    "domain.expiring": _expiring,
}
