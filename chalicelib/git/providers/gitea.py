"""Webhooks and pull requests of Gitea, Forgejo and Gogs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.git.providers import Delivery, Link, payloads
from chalicelib.git.providers.rest import Api, path_of
from chalicelib.git.rules import PullRequest, branch_fault

_MAKES = ("gitea", "forgejo", "gogs")
_ACTIONS = {
    "opened": "opened",
    "reopened": "reopened",
    "synchronized": "updated",
    "synchronize": "updated",
    "closed": "closed",
}


def signature(headers: Mapping[str, str]) -> str:
    """HMAC-SHA256 of the body in hex, under whichever name it comes."""
    return _header(headers, "signature")


def event_of(headers: Mapping[str, str]) -> str:
    """The event's name; empty when none of the three sent this."""
    return _header(headers, "event")


def read(headers: Mapping[str, str], body: bytes, project: str, now: int) -> Delivery:
    """`push`, `delete` and `pull_request`. Which repository it is, the project's secret says."""
    data, event = payloads.parse(body), event_of(headers)
    identifier = _header(headers, "delivery")
    if not identifier:
        raise ValueError("X-Gitea-Delivery is missing")
    if event == "push":
        new = payloads.needed(data, "after")
        commits = payloads.items(data, "commits")
        told = data.get("head_commit") or (commits[0] if commits else None)
        moved = payloads.moved(
            payloads.needed(data, "ref"),
            new,
            project=project,
            provider="git",
            sequence=now,
            bot=payloads.text(data, "pusher", "login").endswith("[bot]"),
            pusher=payloads.text(data, "pusher", "username"),
            message=payloads.text(told, "message", most=payloads.MESSAGE),
            previous=payloads.text(data, "before"),
        )
        kind = "deleted" if payloads.gone(new) else "ignored"
        return payloads.delivery(identifier, "", [moved], otherwise=kind)
    pulls = [_told(data, project, now)] if event == "pull_request" else []
    kind = "deleted" if event == "delete" else "ignored"
    return payloads.delivery(identifier, "", pulls, otherwise=kind)


def pull(link: Link, number: int) -> PullRequest | None:
    """A pull request as the API tells it; raises Refused where there is no such API."""
    opened = {"Authorization": f"token {link.secret}"} if link.secret else {}
    api = Api(f"{link.base}/api/v1", f"{link.repository} at this server", opened)
    repo = f"repos/{path_of(link.repository.removesuffix('.git'))}"
    found = api.get(f"{repo}/pulls/{number}")
    if found is None:
        api.must("GET", repo)  # no such pull request, or nobody who could tell
        return None
    closed = payloads.text(found, "state") != "open"
    return _pull_of(found, link.project, "closed" if closed else "updated", 0)


def _told(data: dict[str, Any], project: str, now: int) -> PullRequest | None:
    action = payloads.text(data, "action")
    meaning = _ACTIONS.get(action, "")
    if action == "edited" and payloads.at(data, "changes", "ref") is not None:
        meaning = "retargeted"
    found = data.get("pull_request")
    if not meaning or branch_fault(payloads.needed(found, "head", "ref")):
        return None
    return _pull_of(found, project, meaning, now)


def _pull_of(data: Any, project: str, action: str, sequence: int) -> PullRequest:
    head, base = payloads.at(data, "head"), payloads.at(data, "base")
    theirs, ours = payloads.at(head, "repo", "id"), payloads.number(base, "repo", "id")
    return PullRequest(
        project=project,
        number=payloads.number(data, "number"),
        action=action,
        commit=payloads.commit(head, "sha"),
        branch=payloads.needed(head, "ref"),
        base=payloads.needed(base, "ref"),
        repository=payloads.text(head, "repo", "full_name"),
        fork=theirs != ours,
        author=payloads.text(data, "user", "login"),
        member=theirs == ours,  # what is in our own repository, somebody pushed who may
        bot=payloads.text(data, "user", "login").endswith("[bot]"),
        sequence=sequence,
        title=payloads.text(data, "title", most=payloads.TITLE),
        merged=payloads.at(data, "merged") is True,
        provider="git",
    )


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((headers[k] for m in _MAKES if (k := f"x-{m}-{name}") in headers), "")
