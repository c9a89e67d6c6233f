"""An entry as a sentence for people: "Ada promoted dpl_... of blog"."""

from __future__ import annotations

import re
from typing import Any

SAID: dict[str, str] = {
    "deployments.deploy": "started a deployment of {label}",
    "deployments.push": "pushed {after.branch} of {label}, which started {resource}",
    "deployments.cancel": "cancelled {resource}",
    "deployments.promote": "promoted {after.deployment} of {label}",
    "deployments.go_live": "made {after.deployment} of {label} live",
    "deployments.rollback": "rolled {label} back",
    "deployments.ready": "finished {resource} of {label}",
    "deployments.failed": "could not finish {resource} of {label}: {after.error}",
    "deployments.cancelled": "ended {resource} of {label}, which was cancelled",
    "deployments.superseded": "ended {resource} of {label}, a newer push took its place",
    "projects.create": "created the project {after.name}",
    "projects.update": "changed the project {label}",
    "projects.delete": "deleted the project {label}",
    "projects.put_variable": "set the variable {resource} of {label}",
    "projects.remove_variable": "removed the variable {resource} of {label}",
    "artifacts.open_upload": "began an upload to {label}",
    "identity.login": "signed in",
    "identity.logout": "signed out",
    "identity.answer_challenge": "signed in with a second factor",
    "identity.sign_in_with_passkey": "signed in with a passkey",
    "identity.confirm_totp": "added the authenticator app {after.name}",
    "identity.add_passkey": "added the passkey {after.name}",
    "identity.remove_factor": "removed the second factor {before.name}",
    "identity.renew_recovery_codes": "made new recovery codes",
    "identity.end_session": "ended the session {resource}",
    "identity.end_other_sessions": "ended all their other sessions",
    "identity.step_up": "proved again who they are",
    "teams.create_key": "made the key {after.name}",
    "teams.delete_key": "deleted the key {resource}",
    "teams.create_team": "created the team {after.name}",
    "teams.rename_team": "renamed the team to {after.name}",
    "teams.update_team": "changed the team",
    "teams.delete_team": "deleted the team",
    "teams.invite": "invited {after.email} as {after.role}",
    "audit.put_stream": "set the stream {resource} of the log",
    "audit.delete_stream": "removed the stream {resource} of the log",
    "audit.test_stream": "sent a test to the stream {resource}",
    "audit.put_retention": "set how long the log is kept: {after.days} days",
}
"""Action -> what somebody did. What an entry does not say is left out by the fallback."""

_PLACE = re.compile(r"{([\w.]+)}")
_LONGEST = 100


def sentence(entry: dict[str, Any], who: str) -> str:
    """One line about an entry; `who` is the name of its actor."""
    template = SAID.get(str(entry.get("action", "")), "")
    filled = _filled(template, entry) if template else None
    line = f"{who} {filled or _plainly(entry)}"
    if entry.get("outcome") == "unknown":
        return f"{line}; whether it was done is not known"
    return f"{line}; it was refused" if entry.get("outcome") == "refused" else line


def _filled(template: str, entry: dict[str, Any]) -> str | None:
    """The template with an entry's own words; None when one of them is missing."""
    missing = False

    def value(place: re.Match[str]) -> str:
        nonlocal missing
        found: Any = entry
        for part in place[1].split("."):
            found = found.get(part) if isinstance(found, dict) else None
        if place[1] == "label":
            found = found or entry.get("of") or entry.get("resource")
        missing = missing or not found
        return _line(found)

    text = _PLACE.sub(value, template)
    return None if missing else text


def _plainly(entry: dict[str, Any]) -> str:
    subject, _, verb = str(entry.get("action", "")).partition(".")
    did = f"did “{verb.replace('_', ' ')}” ({subject})"
    resource = entry.get("resource")
    return f"{did}: {_line(resource)}" if resource else did


def _line(value: object) -> str:
    text = "".join(c if c.isprintable() else " " for c in str(value))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
