"""Webhooks of GitHub in our words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib.git.providers import Delivery, payloads
from chalicelib.git.rules import PullRequest, branch_fault

_MEMBERS = {"OWNER", "MEMBER", "COLLABORATOR"}
_ACTIONS = {
    "opened": "opened",
    "reopened": "reopened",
    "synchronize": "updated",
    "closed": "closed",
}


def read(headers: Mapping[str, str], body: bytes, project: str, now: int) -> Delivery:
    """A delivery; raises ValueError for what GitHub would not send."""
    identifier, event = headers.get("x-github-delivery", ""), headers.get("x-github-event", "")
    if not identifier or not event:
        raise ValueError("X-GitHub-Delivery and X-GitHub-Event are missing")
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise ValueError("the webhook has to send application/json")
    data = payloads.parse(body)
    found = data.get("repository")
    repository = str(payloads.number(found, "id")) if found else ""
    installation = payloads.at(data, "installation", "id")
    told = {"installation": str(installation) if isinstance(installation, int) else ""}
    if event == "push":
        return _push(data, identifier, repository, (project, now), told)
    if event == "pull_request":
        pulls = [_pull(data, project, now)]
        return payloads.delivery(identifier, repository, pulls, **told)
    kind = {"ping": "ping", "delete": "deleted"}.get(event, "ignored")
    return payloads.delivery(identifier, repository, [], otherwise=kind, **told)


def pull_of(data: Any, project: str, action: str, sequence: int) -> PullRequest:
    """A pull request as the API and webhooks describe it."""
    head, base = payloads.at(data, "head"), payloads.at(data, "base")
    ours, theirs = payloads.number(base, "repo", "id"), payloads.at(head, "repo", "id")
    return PullRequest(
        project=project,
        number=payloads.number(data, "number"),
        action=action,
        commit=payloads.commit(head, "sha"),
        branch=payloads.needed(head, "ref"),
        base=payloads.needed(base, "ref"),
        repository=payloads.text(head, "repo", "full_name"),
        fork=theirs != ours,  # a fork that was deleted has no repository at all
        author=payloads.text(data, "user", "login"),
        member=payloads.text(data, "author_association") in _MEMBERS,
        bot=payloads.text(data, "user", "type") != "User",
        sequence=sequence,
        title=payloads.text(data, "title", most=payloads.TITLE),
        merged=payloads.at(data, "merged") is True,
        provider="github",
    )


def with_member(pull: PullRequest, member: bool) -> PullRequest:
    """The same, with what is known of its author's rights."""
    return replace(pull, member=member)


def _push(
    data: dict[str, Any],
    identifier: str,
    repository: str,
    of: tuple[str, int],
    told: dict[str, str],
) -> Delivery:
    ref, new = payloads.needed(data, "ref"), payloads.needed(data, "after")
    if data.get("deleted") is True or payloads.gone(new):
        return payloads.delivery(identifier, repository, [], otherwise="deleted", **told)
    if ref.startswith("refs/tags/"):  # `after` of an annotated tag is the tag, not its commit
        new = payloads.text(data, "head_commit", "id") or new
    event = payloads.moved(
        ref,
        new,
        project=of[0],
        provider="github",
        sequence=of[1],
        bot=payloads.text(data, "sender", "type") != "User",
        pusher=payloads.text(data, "pusher", "name"),
        message=payloads.text(data, "head_commit", "message", most=payloads.MESSAGE),
        previous=payloads.text(data, "before"),
    )
    return payloads.delivery(identifier, repository, [event], **told)


def _pull(data: dict[str, Any], project: str, now: int) -> PullRequest | None:
    action = payloads.text(data, "action")
    meaning = _ACTIONS.get(action, "")
    if action == "edited" and payloads.at(data, "changes", "base") is not None:
        meaning = "retargeted"
    if not meaning:
        return None
    pull = pull_of(data.get("pull_request"), project, meaning, now)
    return None if branch_fault(pull.branch) else pull
