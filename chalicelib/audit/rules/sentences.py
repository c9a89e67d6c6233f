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
    "deployments.withdraw": "took {after.deployment} of {label} back from its visitors",
    "deployments.lock": "locked {label}",
    "deployments.unlock": "unlocked {label}",
    "deployments.unpin": "let pushes of {label} go live again",
    "deployments.approve_release": "approved of {resource}",
    "rollouts.pause": "paused a rollout of {label}",
    "rollouts.resume": "resumed a rollout of {label}",
    "rollouts.advance": "passed a step of a rollout of {label}",
    "rollouts.abort": "aborted a rollout of {label}",
    "deployments.ready": "finished {resource} of {label}",
    "deployments.failed": "could not finish {resource} of {label}: {after.error}",
    "deployments.cancelled": "ended {resource} of {label}, which was cancelled",
    "deployments.superseded": "ended {resource} of {label}, a newer push took its place",
    "uploads.open_upload": "began an upload to {label}",
    "projects.create": "created the project {after.name}",
    "projects.update": "changed the project {label}",
    "projects.delete": "deleted the project {label}",
    "projects.put_variable": "set the variable {resource} of {label}",
    "projects.remove_variable": "removed the variable {resource} of {label}",
    "projects.import_variables": "imported variables of {label}",
    "projects.create_environment": "made the environment {resource} of {label}",
    "projects.update_environment": "described the environment {resource} of {label}",
    "projects.delete_environment": "deleted the environment {resource} of {label}",
    "projects.create_hook": "made the deploy hook {after.name} of {label}",
    "projects.delete_hook": "deleted the deploy hook {before.name} of {label}",
    "protection.set_access": "protected {label}: {after.scope}, by {after.mode}",
    "protection.remove_access": "let everybody see {label}",
    "protection.create_share": "made a share link to {after.host}",
    "protection.set_guard": "changed what {label} refuses",
    "protection.purge_site": "had caches forget answers of {label}",
    "protection.delete_share": "took back a share link to {before.host}",
    "projects.create_schedule": "made the schedule {after.name} of {label}",
    "projects.update_schedule": "changed the schedule {resource} of {label}",
    "projects.delete_schedule": "deleted the schedule {before.name} of {label}",
    "projects.set_member": "gave somebody the role {after.role} in {label}",
    "projects.remove_member": "took somebody's role in {label}",
    "projects.create_deploy_key": "made the deploy key {after.name} of {label}",
    "projects.delete_deploy_key": "deleted the deploy key {before.name} of {label}",
    "git.connect_repository": "connected {label} with {after.url}",
    "git.disconnect_repository": "disconnected {label} from {before.repository}",
    "git.check_repository": "checked the repository of {label}",
    "git.rotate_repository_secret": "made a new webhook secret for {label}",
    "git.connect_github": "connected the account {after.account} at GitHub",
    "git.release_installation": "disconnected the account {before.account} at GitHub",
    "git.configure_github_app": "set up the GitHub App",
    "git.remove_github_app": "removed the GitHub App",
    "identity.login": "signed in",
    "identity.logout": "signed out",
    "identity.answer_challenge": "signed in with a second factor",
    "identity.sign_in_with_passkey": "signed in with a passkey",
    "identity.step_up": "proved again who they are",
    "teams.create_key": "made the key {after.name}",
    "teams.delete_key": "deleted the key {before.name}",
    "teams.create_team": "created the team {after.name}",
    "teams.update_team": "changed the team",
    "teams.delete_team": "deleted the team",
    "teams.transfer_team": "handed the team to {after.to}",
    "teams.invite": "invited {after.email} as {after.role}",
    "teams.revoke_invitation": "took the invitation of {before.email} back",
    "teams.accept_invitation": "joined the team as {after.role}",
    "teams.set_role": "gave {resource} the role {after.role}",
    "teams.remove_member": "took {resource} out of the team",
    "teams.set_policy": "set the policy {resource}",
    "teams.delete_policy": "deleted the policy {resource}",
    "accounts.change_password": "changed their password",
    "accounts.reset_password": "reset their password",
    "accounts.change_profile": "changed their profile",
    "accounts.verify_email": "verified their e-mail address",
    "accounts.approve_device": "let the device {resource} in",
    "accounts.exchange_code": "signed in through another provider",
    "domains.add_domain": "added the domain {resource}",
    "domains.update_domain": "changed the domain {resource}",
    "domains.remove_domain": "removed the domain {resource}",
    "domains.check_domain": "had the domain {resource} looked at",
    "domains.apply_records": "wrote the records of the domain {resource}",
    "domains.bring_certificate": "brought a certificate for {resource}",
    "domains.give_back_certificate": "took the own certificate of {resource} back",
    "domains.state": "the domain {resource} is {after.state} now",
    "domains.expiring": "the certificate of {resource} ends in {after.days_left} days",
    "domains.add_zone": "added the zone {resource}",
    "domains.remove_zone": "removed the zone {resource}",
    "domains.put_records": "set {resource} in the zone {of}",
    "domains.remove_records": "removed {resource} from the zone {of}",
    "accounts.configure_sso": "configured single sign-on",
    "accounts.remove_sso": "removed single sign-on",
    "accounts.claim_domain": "claimed the domain {resource}",
    "accounts.verify_domain": "proved the domain {resource}",
    "accounts.remove_domain": "removed the domain {resource}",
    "accounts.approve_access": "approved the access of {after.email}",
    "accounts.reject_access": "rejected the access of {after.email}",
    "admin.suspend_user": "suspended {label}",
    "admin.restore_user": "restored {label}",
    "admin.suspend_team": "suspended the team {label}",
    "admin.restore_team": "restored the team {label}",
    "admin.grant_plan": "gave the team {label} the plan {after.plan}",
    "admin.release_sso": "let the team {label} in without single sign-on",
    "push.subscribe": "asked for notifications at a browser",
    "push.remove": "took a browser's notifications away",
    "supply.take_in_export": "brought an export of advisories",
    "admin.release_domain": "took a domain from the team {label}",
    "audit.put_stream": "set the stream {resource} of the log",
    "audit.delete_stream": "removed the stream {resource} of the log",
    "audit.test_stream": "sent a test to the stream {resource}",
    "audit.put_retention": "set how long the log is kept: {after.days} days",
    "installation.make_owner": "made {resource} the owner",
    "installation.reset_owner": "gave the owner {resource} a new password",
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
