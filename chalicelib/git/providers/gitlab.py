"""GitLab, at gitlab.com or anywhere else, with a token (project, group or personal).

https://docs.gitlab.com/api/rest/ and https://docs.gitlab.com/user/project/integrations/webhooks/
say what is spoken here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

from chalicelib.git.providers import (
    Delivery,
    Link,
    Refused,
    Report,
    Repository,
    Tip,
    payloads,
    signatures,
    wire,
)
from chalicelib.git.providers.rest import Api, path_of, quoted
from chalicelib.git.rules import PullRequest, branch_fault, is_commit

DEVELOPER = 30
"""The access level from which on somebody may push."""

DESCRIPTION = 255
_ACTIONS = {"open": "opened", "reopen": "reopened", "close": "closed", "merge": "closed"}
_STATES = {
    "pending": "running",
    "success": "success",
    "failure": "failed",
    "skipped": "skipped",
}
_MARKER = "<!--"


class GitLab:
    """The provider `gitlab`. Pull requests are merge requests here."""

    name = "gitlab"

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: list[str]) -> None:
        """A signature where the webhook has a signing token, else the secret token itself."""
        if "webhook-signature" in headers:
            signatures.check_standard(headers, body, secrets)
        else:
            signatures.check_token(headers.get("x-gitlab-token", ""), secrets)

    def read(self, headers: Mapping[str, str], body: bytes, project: str, now: int) -> Delivery:
        """`push`, `tag_push` and `merge_request`."""
        data = payloads.parse(body)
        # the same in every attempt to deliver; older versions have the event's id only
        identifier = headers.get("idempotency-key") or headers.get("x-gitlab-event-uuid", "")
        if not identifier:
            raise ValueError("Idempotency-Key is missing")
        repository = str(payloads.number(data, "project", "id"))
        kind = payloads.text(data, "object_kind")
        if kind in {"push", "tag_push"}:
            return _push(data, identifier, repository, (project, now))
        pulls = [_pull_told(data, project, now)] if kind == "merge_request" else []
        return payloads.delivery(identifier, repository, pulls)

    def repository(self, link: Link) -> Repository:
        """By its path; the id stays when it is renamed."""
        found = _api(link).must("GET", f"projects/{quoted(link.repository)}")
        return Repository(
            identity=str(payloads.number(found, "id")),
            name=payloads.needed(found, "path_with_namespace"),
            default_branch=payloads.text(found, "default_branch"),
            private=payloads.text(found, "visibility") != "public",
            url=payloads.text(found, "web_url", most=500),
        )

    def tip(self, link: Link, ref: str) -> Tip | None:
        """A branch and a tag may have the same name, so each is asked for as what it is."""
        api, project = _api(link), _project(link)
        kind, _, name = ref.removeprefix("refs/").partition("/")
        if is_commit(ref):
            found = api.get(f"{project}/repository/commits/{ref}")
        else:
            place = "branches" if kind == "heads" else "tags"
            found = payloads.at(api.get(f"{project}/repository/{place}/{quoted(name)}"), "commit")
        if found is None:
            api.must("GET", project)  # no such ref, or no such project any more
            return None
        commit = payloads.commit(found, "id")
        signature = api.get(f"{project}/repository/commits/{commit}/signature")
        return Tip(
            commit,
            payloads.text(found, "message", most=payloads.MESSAGE),
            payloads.text(found, "author_name"),
            payloads.text(found, "committed_date"),
            payloads.text(signature, "verification_status") == "verified",
            _is_bot(payloads.text(found, "author_email").partition("@")[0]),
        )

    def heads(self, link: Link) -> dict[str, str]:
        """Asked of git, which has no pages."""
        return wire.heads(_git(link))

    def pull(self, link: Link, number: int) -> PullRequest | None:
        """With the author's present right to push."""
        api, project = _api(link), _project(link)
        found = api.get(f"{project}/merge_requests/{number}")
        if found is None:
            return None
        author = payloads.number(found, "author", "id")
        member = api.get(f"{project}/members/all/{author}")
        level = payloads.at(member, "access_level")
        state = payloads.text(found, "state")
        source = payloads.at(found, "source_project_id")
        return PullRequest(
            project=link.project,
            number=number,
            action="updated" if state == "opened" else "closed",
            commit=payloads.commit(found, "sha"),
            branch=payloads.needed(found, "source_branch"),
            base=payloads.needed(found, "target_branch"),
            repository=str(source or ""),
            fork=source != payloads.number(found, "target_project_id"),
            author=payloads.text(found, "author", "username"),
            member=isinstance(level, int) and level >= DEVELOPER,
            bot=_is_bot(payloads.text(found, "author", "username")),
            sequence=0,
            title=payloads.text(found, "title", most=payloads.TITLE),
            merged=state == "merged",
            provider="gitlab",
        )

    def fetch(self, link: Link, commit: str, into: BinaryIO, limit: int) -> None:
        """Over HTTPS, with the token for this one conversation."""
        wire.fetch(_git(link), commit, into, limit)

    def hook(self, link: Link, url: str, secret: str) -> bool:
        """Needs a token of a maintainer; False with less."""
        api, place = _api(link), f"{_project(link)}/hooks"
        wanted = {
            "url": url,
            "token": secret,
            "push_events": True,
            "tag_push_events": True,
            "merge_requests_events": True,
            "enable_ssl_verification": True,
        }
        try:
            known = _hook(api, place, url)
            api.must("PUT" if known else "POST", f"{place}/{known}" if known else place, wanted)
        except Refused:
            return False
        return True

    def unhook(self, link: Link, url: str) -> None:
        """Remove the webhook that `hook` made."""
        api, place = _api(link), f"{_project(link)}/hooks"
        known = _hook(api, place, url)
        if known:
            api.send("DELETE", f"{place}/{known}", also=(404,))

    def report(self, link: Link, report: Report) -> str:
        """A commit status; the same name on the same commit is one status."""
        api, project = _api(link), _project(link)
        wanted = {
            "state": _STATES[report.state],
            "name": report.name,
            "target_url": report.details,
            "description": report.title[:DESCRIPTION],
        }
        reply = api.send("POST", f"{project}/statuses/{report.commit}", wanted, also=(400,))
        if reply.status == 400 and _status(api, project, report) != wanted["state"]:
            raise OSError("GitLab does not take this status now")
        return report.name

    def comment(self, link: Link, number: int, text: str, known: str = "") -> str:
        """A note below the merge request."""
        api, place = _api(link), f"{_project(link)}/merge_requests/{number}/notes"
        known = known if known.isascii() and known.isdigit() else _lost(api, place, text)
        if known:
            reply = api.send("PUT", f"{place}/{known}", {"body": text}, also=(404,))
            if reply.status < 300:
                return known
        return str(payloads.number(api.must("POST", place, {"body": text}), "id"))


def _api(link: Link) -> Api:
    headers = {"Authorization": f"Bearer {link.secret}"} if link.secret else {}
    what = f"{link.repository} at {link.base.partition('://')[2]}"
    return Api(f"{link.base}/api/v4", what, headers)


def _project(link: Link) -> str:
    """The project's id, which outlives its path."""
    return f"projects/{quoted(link.identity or link.repository)}"


def _git(link: Link) -> wire.Http:
    opened = wire.basic(link.user or "oauth2", link.secret) if link.secret else {}
    return wire.Http(f"{link.base}/{path_of(link.repository)}.git", opened)


def _push(data: dict[str, Any], identifier: str, repository: str, of: tuple[str, int]) -> Delivery:
    new = payloads.needed(data, "after")
    if payloads.gone(new):
        return payloads.delivery(identifier, repository, [], otherwise="deleted")
    commits = payloads.items(data, "commits")
    event = payloads.moved(
        payloads.needed(data, "ref"),
        payloads.text(data, "checkout_sha") or new,  # of an annotated tag `after` is the tag
        project=of[0],
        provider="gitlab",
        sequence=of[1],
        bot=_is_bot(payloads.text(data, "user_username")),
        pusher=payloads.text(data, "user_username"),
        message=payloads.text(commits[-1], "message", most=payloads.MESSAGE) if commits else "",
        previous=payloads.text(data, "before"),
    )
    return payloads.delivery(identifier, repository, [event])


def _pull_told(data: dict[str, Any], project: str, now: int) -> PullRequest | None:
    """What a webhook tells. It does not say whether the author may push."""
    told = payloads.at(data, "object_attributes")
    action = payloads.text(told, "action")
    meaning = _ACTIONS.get(action, "")
    if action == "update":
        if payloads.at(data, "changes", "target_branch") is not None:
            meaning = "retargeted"
        elif payloads.text(told, "oldrev"):
            meaning = "updated"
    if not meaning or branch_fault(payloads.needed(told, "source_branch")):
        return None
    user, state = payloads.text(data, "user", "username"), payloads.text(told, "state")
    author = payloads.at(told, "author_id")
    return PullRequest(
        project=project,
        number=payloads.number(told, "iid"),
        action=meaning,
        commit=payloads.commit(told, "last_commit", "id"),
        branch=payloads.needed(told, "source_branch"),
        base=payloads.needed(told, "target_branch"),
        repository=payloads.text(told, "source", "path_with_namespace"),
        fork=payloads.at(told, "source_project_id") != payloads.number(told, "target_project_id"),
        # who did this is named; the author only by number
        author=user if author == payloads.at(data, "user", "id") else str(author or ""),
        member=False,
        bot=_is_bot(user),
        sequence=now,
        title=payloads.text(told, "title", most=payloads.TITLE),
        merged=state == "merged",
        provider="gitlab",
    )


def _is_bot(user: str) -> bool:
    """Users of project and group tokens are called so; GitLab gives the name to nobody else."""
    parts = user.split("_")
    return len(parts) >= 3 and parts[0] in {"project", "group"} and parts[2] == "bot"


def _hook(api: Api, place: str, url: str) -> int:
    for entry in api.pages(f"{place}?per_page=100"):
        if entry.get("url") == url:
            return payloads.number(entry, "id")
    return 0


def _status(api: Api, project: str, report: Report) -> str:
    """The state that a status has; GitLab refuses to set a state a second time."""
    place = f"{project}/repository/commits/{report.commit}/statuses?name={quoted(report.name)}"
    found = payloads.items({"all": api.get(place)}, "all")
    return payloads.text(found[0], "status") if found else ""


def _lost(api: Api, place: str, text: str) -> str:
    """The id of a note that we wrote and were not told of."""
    marker = text.split("\n", 1)[0]
    if not marker.startswith(_MARKER):
        return ""
    ours = payloads.at(api.get("user"), "id")
    for entry in api.pages(f"{place}?per_page=100"):
        mine = ours is not None and payloads.at(entry, "author", "id") == ours
        if mine and payloads.text(entry, "body", most=1000).startswith(marker):
            return str(payloads.number(entry, "id"))
    return ""


def make() -> Any:
    """The provider, for the registry."""
    return GitLab()
