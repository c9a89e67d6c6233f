"""Bitbucket Data Center (https://developer.atlassian.com/server/bitbucket/rest/)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from chalicelib.core import clock
from chalicelib.git.providers import (
    Delivery,
    Link,
    Refused,
    Report,
    Repository,
    Tip,
    payloads,
    wire,
)
from chalicelib.git.providers.bitbucket import keys
from chalicelib.git.providers.rest import PAGES, Api, path_of, quoted
from chalicelib.git.rules import PullRequest, Push, Tag, branch_fault

EVENTS = [
    "repo:refs_changed",
    "pr:opened",
    "pr:from_ref_updated",
    "pr:modified",
    "pr:reopened",
    "pr:merged",
    "pr:declined",
    "pr:deleted",
]
_ACTIONS = {
    "pr:opened": "opened",
    "pr:from_ref_updated": "updated",
    "pr:reopened": "reopened",
    "pr:merged": "closed",
    "pr:declined": "closed",
    "pr:deleted": "closed",
}
_STATES = {
    "pending": "INPROGRESS",
    "success": "SUCCESSFUL",
    "failure": "FAILED",
    "skipped": "CANCELLED",
}


class Server:
    """An installation of Bitbucket Data Center, with an HTTP access token."""

    def read(self, headers: Mapping[str, str], body: bytes, project: str, now: int) -> Delivery:
        """`repo:refs_changed` and pull requests; `diagnostics:ping` is its test."""
        data, event = payloads.parse(body), headers.get("x-event-key", "")
        identifier = headers.get("x-request-id", "")
        if event == "diagnostics:ping":
            return payloads.delivery(identifier or "ping", "", [], otherwise="ping")
        if not identifier:
            raise ValueError("X-Request-Id is missing")
        if event == "repo:refs_changed":
            changes = payloads.items(data, "changes")
            moved = [_change(change, (project, now), data.get("actor")) for change in changes]
            repository = str(payloads.number(data, "repository", "id"))
            kind = "deleted" if changes else "ignored"
            return payloads.delivery(identifier, repository, moved, otherwise=kind)
        pull = data.get("pullRequest")
        target = payloads.at(pull, "toRef", "repository", "id")
        repository = str(target) if isinstance(target, int) else ""
        meaning = _ACTIONS.get(event, "")
        if event == "pr:modified" and _was(data) != payloads.text(pull, "toRef", "id"):
            meaning = "retargeted"
        if not meaning or branch_fault(_branch(pull, "fromRef")):
            return payloads.delivery(identifier, repository, [])
        return payloads.delivery(identifier, repository, [_pull_of(pull, project, meaning, now)])

    def repository(self, link: Link) -> Repository:
        """By its project and slug."""
        api = _api(link)
        found = api.must("GET", _repo(link))
        default = api.get(f"{_repo(link)}/default-branch")
        return Repository(
            identity=str(payloads.number(found, "id")),
            name=f"{payloads.needed(found, 'project', 'key')}/{payloads.needed(found, 'slug')}",
            default_branch=payloads.text(default, "displayId"),
            private=payloads.at(found, "public") is not True,
            url=_web(link),
        )

    def tip(self, link: Link, ref: str) -> Tip | None:
        """The newest commit of a ref; annotated tags are followed by the server."""
        api = _api(link)
        found = api.get(f"{_repo(link)}/commits?limit=1&until={quoted(ref)}")
        values = payloads.items(found, "values")
        if not values:
            api.must("GET", _repo(link))  # no such ref, or no such repository any more
            return None
        moment = payloads.at(values[0], "committerTimestamp")
        return Tip(
            payloads.commit(values[0], "id"),
            payloads.text(values[0], "message", most=payloads.MESSAGE),
            payloads.text(values[0], "author", "name"),
            clock.iso(moment) if isinstance(moment, int) and 0 < moment < 2**42 else "",
        )

    def pull(self, link: Link, number: int) -> PullRequest | None:
        """As the API describes it, which is as webhooks do."""
        found = _api(link).get(f"{_repo(link)}/pull-requests/{number}")
        if found is None:
            return None
        action = "updated" if payloads.text(found, "state") == "OPEN" else "closed"
        return _pull_of(found, link.project, action, 0)

    def git(self, link: Link) -> wire.Http:
        """The repository itself; tokens open git as they open the API."""
        return wire.Http(f"{link.base}/scm/{path_of(link.repository.lower())}.git", _opened(link))

    def fetch(self, link: Link, commit: str, into: BinaryIO, limit: int) -> None:
        """The tree of a commit."""
        wire.fetch(self.git(link), commit, into, limit)

    def hook(self, link: Link, url: str, secret: str) -> bool:
        """False when the token may not."""
        api, place = _api(link), f"{_repo(link)}/webhooks"
        wanted = {
            "name": "CloudDeck",
            "url": url,
            "active": True,
            "events": EVENTS,
            "configuration": {"secret": secret},
        }
        try:
            known = _hook(api, place, url)
            where = f"{place}/{known}" if known else place
            api.must("PUT" if known else "POST", where, wanted)
        except Refused:
            return False
        return True

    def unhook(self, link: Link, url: str) -> None:
        """Remove the webhook that `hook` made."""
        api, place = _api(link), f"{_repo(link)}/webhooks"
        known = _hook(api, place, url)
        if known:
            api.send("DELETE", f"{place}/{known}", also=(404,))

    def report(self, link: Link, report: Report) -> str:
        """A build status; the same key on the same commit is one."""
        key = keys.key_of(link, report)
        data = {
            "key": key,
            "state": _STATES[report.state],
            "name": report.name,
            "url": report.details,
            "description": report.title[: keys.DESCRIPTION],
        }
        _api(link).must("POST", f"{_repo(link)}/commits/{report.commit}/builds", data)
        return key

    def comment(self, link: Link, number: int, text: str, known: str = "") -> str:
        """Below the pull request; an edit names the version that it replaces."""
        api, place = _api(link), f"{_repo(link)}/pull-requests/{number}/comments"
        text = text.removeprefix(keys.marker_of(text)).lstrip("\n")
        if known.isascii() and known.isdigit():
            found = api.get(f"{place}/{known}")
            if found is not None:
                version = payloads.at(found, "version")
                api.must("PUT", f"{place}/{known}", {"text": text, "version": version})
                return known
        return str(payloads.number(api.must("POST", place, {"text": text}), "id"))


def _api(link: Link) -> Api:
    what = f"{link.repository} at {link.base.partition('://')[2]}"
    return Api(f"{link.base}/rest/api/latest", what, _opened(link))


def _opened(link: Link) -> dict[str, str]:
    if link.secret and link.user:
        return wire.basic(link.user, link.secret)
    return {"Authorization": f"Bearer {link.secret}"} if link.secret else {}


def _repo(link: Link) -> str:
    project, _, slug = link.repository.partition("/")
    return f"projects/{quoted(project)}/repos/{quoted(slug)}"


def _web(link: Link) -> str:
    return f"{link.base}/{_repo(link)}"


def _was(data: Any) -> str:
    """The full ref that a pull request aimed at before it was modified."""
    return payloads.text(data, "previousTarget", "id") or payloads.text(
        data, "pullRequest", "toRef", "id"
    )


def _change(change: Any, of: tuple[str, int], actor: Any) -> Push | Tag | None:
    if payloads.text(change, "type") == "DELETE":
        return None
    return payloads.moved(
        payloads.needed(change, "ref", "id"),
        payloads.needed(change, "toHash"),
        project=of[0],
        provider="bitbucket",
        sequence=of[1],
        bot=payloads.text(actor, "type") != "NORMAL",
        pusher=payloads.text(actor, "name"),
        previous=payloads.text(change, "fromHash"),
    )


def _pull_of(data: Any, project: str, action: str, sequence: int) -> PullRequest:
    ours = payloads.number(data, "toRef", "repository", "id")
    theirs = payloads.number(data, "fromRef", "repository", "id")
    source = payloads.at(data, "fromRef", "repository")
    user = payloads.at(data, "author", "user")
    return PullRequest(
        project=project,
        number=payloads.number(data, "id"),
        action=action,
        commit=payloads.commit(data, "fromRef", "latestCommit"),
        branch=_branch(data, "fromRef"),
        base=_branch(data, "toRef"),
        repository=f"{payloads.text(source, 'project', 'key')}/{payloads.text(source, 'slug')}",
        fork=theirs != ours,
        author=payloads.text(user, "name"),
        # what is in our own repository, somebody pushed who may; no more is told
        member=theirs == ours,
        bot=payloads.text(user, "type") != "NORMAL",
        sequence=sequence,
        title=payloads.text(data, "title", most=payloads.TITLE),
        merged=payloads.text(data, "state") == "MERGED",
        provider="bitbucket",
    )


def _branch(data: Any, side: str) -> str:
    return payloads.needed(data, side, "id").removeprefix("refs/heads/")


def _hook(api: Api, place: str, url: str) -> int:
    for entry in _pages(api, place):
        if entry.get("url") == url:
            return payloads.number(entry, "id")
    return 0


def _pages(api: Api, path: str) -> Iterator[dict[str, Any]]:
    start = 0
    for _ in range(PAGES):
        data = api.must("GET", f"{path}?limit=100&start={start}")
        yield from (entry for entry in payloads.items(data, "values") if isinstance(entry, dict))
        following = payloads.at(data, "nextPageStart")
        if payloads.at(data, "isLastPage") is not False or not isinstance(following, int):
            return
        start = following
