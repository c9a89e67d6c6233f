"""What git hosts are told of a deployment, in words. Pure.

Branches, names and messages come from strangers: in Markdown they are text, never markup, never a
mention of anybody, and never longer than a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

MARKER = "<!-- clouddeck: previews of this pull request -->"
"""First line of our comment, by which it can be told from others."""

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~@:&$^=\"'/])")
_URL = re.compile(r"https?://[A-Za-z0-9._:-]{1,255}(?:/[A-Za-z0-9._~%/-]{0,500})?")

STATES = {"success": "Ready", "failure": "Failed", "pending": "Building", "skipped": "Skipped"}


def state_of(state: str) -> str:
    """A deployment's state as hosts know it: `pending`, `success`, `failure` or `skipped`."""
    known = {"ready": "success", "failed": "failure"}
    return known.get(state, "skipped" if state in {"cancelled", "superseded"} else "pending")


def plain(text: str, longest: int = 100) -> str:
    """A stranger's text as Markdown that shows exactly its printable characters, on one line."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    cut = flat if len(flat) <= longest else flat[: longest - 1] + "…"
    return _SPECIAL.sub(lambda found: f"&#{ord(found[1])};", cut)


def link(text: str, url: str) -> str:
    """A link, or the text alone when the address is none that we would make."""
    return f"[{plain(text)}]({url})" if _URL.fullmatch(url) else plain(text)


def title(detail: Mapping[str, Any]) -> str:
    """One line for a check or a status: plain text, not Markdown."""
    state = state_of(str(detail["state"]))
    where = str(detail.get("environment") or detail.get("target") or "preview")
    if state == "failure":
        error = detail.get("error") or {}
        return f"Deployment to {where} failed: {error.get('code', 'unknown')}"[:140]
    said = {"success": "is ready", "pending": "is on its way", "skipped": "was not needed"}
    return f"Deployment to {where} {said[state]}"


def summary(detail: Mapping[str, Any]) -> str:
    """Markdown below the title."""
    state, url = state_of(str(detail["state"])), _address(detail)
    lines = [f"**{STATES[state]}** · {plain(str(detail['slug']))}"]
    if state == "success":
        lines.append(link(url, url))
    if state == "failure":
        error = detail.get("error") or {}
        lines.append(
            f"{plain(str(error.get('code', '')))}: {plain(str(error.get('message', '')), 500)}"
        )
    lines.append(f"Deployment `{_identifier(detail)}`")
    return "\n\n".join(lines)


def entry(detail: Mapping[str, Any]) -> dict[str, str]:
    """What the comment of a pull request keeps of a project."""
    return {
        "deployment": _identifier(detail),
        "slug": str(detail["slug"])[:100],
        "state": state_of(str(detail["state"])),
        "url": _address(detail),
        "commit": str(detail.get("commit") or "")[:64],
        "at": str(detail.get("finished_at") or "")[:30],
    }


def newer(known: Mapping[str, str] | None, given: Mapping[str, str]) -> bool:
    """Whether an entry takes the place of the known one: events come twice and out of order."""
    if known is None or known["deployment"] < given["deployment"]:
        return True
    same = known["deployment"] == given["deployment"]
    return same and known["state"] == "pending" and given["state"] != "pending"


def comment(entries: Iterable[Mapping[str, str]]) -> str:
    """The comment below a pull request: a row for each project of the repository."""
    lines = [MARKER, "", "| Project | State | Preview | Commit |", "| --- | --- | --- | --- |"]
    for one in sorted(entries, key=lambda e: (e["slug"], e["deployment"])):
        shown = link("Visit", one["url"]) if one["state"] == "success" else ""
        commit = one["commit"][:7] if re.fullmatch(r"[0-9a-f]{40,64}", one["commit"]) else ""
        lines.append(f"| {plain(one['slug'])} | {STATES[one['state']]} | {shown} | {commit} |")
    return "\n".join(lines) + "\n"


def _address(detail: Mapping[str, Any]) -> str:
    return str(detail.get("alias_url") or detail.get("url") or "")[:800]


def _identifier(detail: Mapping[str, Any]) -> str:
    found = str(detail["deployment"])
    return found if re.fullmatch(r"dpl_[0-9a-z]{26}", found) else ""
