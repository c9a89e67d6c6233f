"""Bitbucket Cloud (https://developer.atlassian.com/cloud/bitbucket/rest/)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

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
from chalicelib.git.rules import PullRequest, Push, Tag, branch_fault, is_commit

EVENTS = [
    "repo:push",
    "pullrequest:created",
    "pullrequest:updated",
    "pullrequest:fulfilled",
    "pullrequest:rejected",
]
_ACTIONS = {
    "pullrequest:created": "opened",
    "pullrequest:updated": "updated",
    "pullrequest:fulfilled": "closed",
    "pullrequest:rejected": "closed",
}
_STATES = {
    "pending": "INPROGRESS",
    "success": "SUCCESSFUL",
    "failure": "FAILED",
    "skipped": "STOPPED",
}
_SHORT = re.compile(r"[0-9a-f]{12,64}")


class Cloud:
    """bitbucket.org, with an access token (alone) or an API token (with its owner's e-mail)."""

    def __init__(self, home: str, api: str) -> None:
        self._home = home
        self._api_url = api

    def read(self, headers: Mapping[str, str], body: bytes, project: str, now: int) -> Delivery:
        """`repo:push`, of which one may hold many refs, and pull requests."""
        data, event = payloads.parse(body), headers.get("x-event-key", "")
        identifier = headers.get("x-request-uuid", "")
        repository = payloads.needed(data, "repository", "uuid")
        if event == "repo:push":
            changes = payloads.items(data, "push", "changes")
            moved = [_change(change, (project, now), data.get("actor")) for change in changes]
            kind = "deleted" if changes else "ignored"
            return payloads.delivery(identifier, repository, moved, otherwise=kind)
        pulls = []
        if event in _ACTIONS and not branch_fault(_branch(data.get("pullrequest"), "source")):
            pulls = [_pull_of(data.get("pullrequest"), project, _ACTIONS[event], now)]
        return payloads.delivery(identifier, repository, pulls)

    def repository(self, link: Link) -> Repository:
        """By its name now."""
        found = self._api(link).must("GET", f"repositories/{path_of(link.repository)}")
        return Repository(
            identity=payloads.needed(found, "uuid"),
            name=payloads.needed(found, "full_name"),
            default_branch=payloads.text(found, "mainbranch", "name"),
            private=payloads.at(found, "is_private") is not False,
            url=payloads.text(found, "links", "html", "href", most=500),
        )

    def tip(self, link: Link, ref: str) -> Tip | None:
        """The end of a branch or tag, or a commit."""
        api = self._api(link)
        kind, _, name = ref.removeprefix("refs/").partition("/")
        if is_commit(ref):
            found = api.get(f"{_repo(link)}/commit/{ref}")
        else:
            place = "branches" if kind == "heads" else "tags"
            found = payloads.at(api.get(f"{_repo(link)}/refs/{place}/{path_of(name)}"), "target")
        if found is None:
            api.must("GET", _repo(link))  # no such ref, or no such repository any more
            return None
        return Tip(
            payloads.commit(found, "hash"),
            payloads.text(found, "message", most=payloads.MESSAGE),
            payloads.text(found, "author", "raw").partition(" <")[0],
            payloads.text(found, "date"),
            bot=payloads.text(found, "author", "user", "type") == "app_user",
        )

    def pull(self, link: Link, number: int) -> PullRequest | None:
        """Its commit is shortened in the answer, and asked for in full."""
        api = self._api(link)
        found = api.get(f"{_repo(link)}/pullrequests/{number}")
        if found is None:
            return None
        short = payloads.needed(found, "source", "commit", "hash")
        where = payloads.text(found, "source", "repository", "full_name") or link.repository
        full = api.get(f"repositories/{path_of(where)}/commit/{quoted(short)}")
        if full is None:  # a fork that we may not see: our repository has the commit as well
            full = api.must("GET", f"{_repo(link)}/commit/{quoted(short)}")
        found["source"]["commit"] = {"hash": payloads.commit(full, "hash")}
        action = "updated" if payloads.text(found, "state") == "OPEN" else "closed"
        return _pull_of(found, link.project, action, 0)

    def git(self, link: Link) -> wire.Http:
        """The repository itself."""
        user = link.user or "x-token-auth"
        user = "x-bitbucket-api-token-auth" if "@" in user else user
        opened = wire.basic(user, link.secret) if link.secret else {}
        return wire.Http(f"{self._home}/{path_of(link.repository)}.git", opened)

    def fetch(self, link: Link, commit: str, into: BinaryIO, limit: int) -> None:
        """The tree of a commit."""
        wire.fetch(self.git(link), commit, into, limit)

    def hook(self, link: Link, url: str, secret: str) -> bool:
        """False when the token may not."""
        api, place = self._api(link), f"{_repo(link)}/hooks"
        wanted = {
            "description": "CloudDeck",
            "url": url,
            "active": True,
            "secret": secret,
            "events": EVENTS,
        }
        try:
            known = _hook(api, place, url)
            where = f"{place}/{quoted(known)}" if known else place
            api.must("PUT" if known else "POST", where, wanted)
        except Refused:
            return False
        return True

    def unhook(self, link: Link, url: str) -> None:
        """Remove the webhook that `hook` made."""
        api, place = self._api(link), f"{_repo(link)}/hooks"
        known = _hook(api, place, url)
        if known:
            api.send("DELETE", f"{place}/{quoted(known)}", also=(404,))

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
        place = f"{_repo(link)}/commit/{report.commit}/statuses/build"
        self._api(link).must("POST", place, data)
        return key

    def comment(self, link: Link, number: int, text: str, known: str = "") -> str:
        """Bitbucket shows no HTML, so a mark in the first line is left away there."""
        api, place = self._api(link), f"{_repo(link)}/pullrequests/{number}/comments"
        marker = keys.marker_of(text)
        data = {"content": {"raw": text.removeprefix(marker).lstrip("\n")}}
        if known.isascii() and known.isdigit():
            reply = api.send("PUT", f"{place}/{known}", data, also=(404, 410))
            if reply.status < 300:
                return known
        return str(payloads.number(api.must("POST", place, data), "id"))

    def _api(self, link: Link) -> Api:
        opened: dict[str, str] = {}
        if link.secret and link.user:
            opened = wire.basic(link.user, link.secret)
        elif link.secret:
            opened = {"Authorization": f"Bearer {link.secret}"}
        return Api(self._api_url, f"{link.repository} at Bitbucket", opened)


def _repo(link: Link) -> str:
    """By its id, which no other repository gets, whatever it is called."""
    if not link.identity:
        return f"repositories/{path_of(link.repository)}"
    return f"repositories/{quoted(link.repository.partition('/')[0])}/{quoted(link.identity)}"


def _change(change: Any, of: tuple[str, int], actor: Any) -> Push | Tag | None:
    new = payloads.at(change, "new")
    if new is None:
        return None
    kind = "heads" if payloads.text(new, "type") in {"branch", "named_branch"} else "tags"
    return payloads.moved(
        f"refs/{kind}/{payloads.needed(new, 'name')}",
        payloads.needed(new, "target", "hash"),
        project=of[0],
        provider="bitbucket",
        sequence=of[1],
        bot=payloads.text(actor, "type") != "user",
        pusher=payloads.text(actor, "nickname"),
        message=payloads.text(new, "target", "message", most=payloads.MESSAGE),
        previous=payloads.text(change, "old", "target", "hash"),
    )


def _pull_of(data: Any, project: str, action: str, sequence: int) -> PullRequest:
    """A pull request. In webhooks its commit is the first twelve digits of the id."""
    commit = payloads.needed(data, "source", "commit", "hash")
    if not _SHORT.fullmatch(commit):
        raise ValueError("source.commit.hash is not a commit id")
    theirs = payloads.text(data, "source", "repository", "uuid")
    return PullRequest(
        project=project,
        number=payloads.number(data, "id"),
        action=action,
        commit=commit,
        branch=_branch(data, "source"),
        base=_branch(data, "destination"),
        repository=payloads.text(data, "source", "repository", "full_name"),
        fork=theirs != payloads.needed(data, "destination", "repository", "uuid"),
        author=payloads.text(data, "author", "nickname"),
        # what is in our own repository, somebody pushed who may; no more is told
        member=theirs == payloads.needed(data, "destination", "repository", "uuid"),
        bot=payloads.text(data, "author", "type") != "user",
        sequence=sequence,
        title=payloads.text(data, "title", most=payloads.TITLE),
        merged=payloads.text(data, "state") == "MERGED",
        provider="bitbucket",
    )


def _branch(data: Any, side: str) -> str:
    return payloads.needed(data, side, "branch", "name")


def _hook(api: Api, place: str, url: str) -> str:
    for entry in _pages(api, f"{place}?pagelen=100"):
        if entry.get("url") == url:
            return payloads.needed(entry, "uuid")
    return ""


def _pages(api: Api, path: str) -> Iterator[dict[str, Any]]:
    for _ in range(PAGES):
        data = api.must("GET", path)
        yield from (entry for entry in payloads.items(data, "values") if isinstance(entry, dict))
        path = payloads.text(data, "next", most=2000)
        if not path:
            return
