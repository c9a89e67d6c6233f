"""CodeCommit as a git host: its events come through EventBridge, and IAM opens it.

Git itself is asked over HTTPS with a password that is signed for one repository and good for a
quarter of an hour, as the AWS CLI's credential helper makes it. Needs `codecommit:GitPull`.
"""

# ruff: noqa: ARG002  # a provider is told all of this, whether or not its host has a place for it

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from chalicelib.clouds.aws.session import client, code_of, credentials
from chalicelib.core import clock
from chalicelib.git.providers import (
    Delivery,
    Forged,
    Link,
    Refused,
    Report,
    Repository,
    Tip,
    payloads,
    wire,
)
from chalicelib.git.rules import PullRequest, branch_fault, is_commit

REPOSITORY_EVENT = "CodeCommit Repository State Change"
PULL_EVENT = "CodeCommit Pull Request State Change"
COMMENT = 10_000

_PULLS = {
    "pullRequestCreated": "opened",
    "pullRequestSourceBranchUpdated": "updated",
    "pullRequestStatusChanged": "closed",
    "pullRequestMergeStatusUpdated": "closed",
}
_NO_REF = {"BranchDoesNotExistException", "CommitIdDoesNotExistException"}
_NO_PULL = {"PullRequestDoesNotExistException", "InvalidPullRequestIdException"}
_AWAY = {"ThrottlingException", "RequestLimitExceeded", "ServiceUnavailable", "InternalFailure"}


class CodeCommit:
    """The provider `codecommit`; a link's identity is the repository's ARN."""

    name = "codecommit"

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: list[str]) -> None:
        """CodeCommit calls nobody, so whoever says to be it is not."""
        raise Forged("signature_invalid", "CodeCommit's events come through EventBridge.")

    def read(self, headers: Mapping[str, str], body: bytes, project: str, now: int) -> Delivery:
        """An event of EventBridge."""
        event = payloads.parse(body)
        identifier = payloads.needed(event, "id")
        repository = next((r for r in payloads.items(event, "resources") if isinstance(r, str)), "")
        detail, kind = event.get("detail"), event.get("detail-type")
        if kind == REPOSITORY_EVENT:
            new = payloads.text(detail, "commitId")
            moved = payloads.moved(
                payloads.needed(detail, "referenceFullName"),
                new if payloads.text(detail, "event") != "referenceDeleted" else "",
                project=project,
                provider="codecommit",
                sequence=now,
                bot=False,  # who may write, IAM says
                pusher=_name(payloads.text(detail, "callerUserArn")),
                previous=payloads.text(detail, "oldCommitId"),
            )
            gone = payloads.text(detail, "event") == "referenceDeleted"
            otherwise = "deleted" if gone else "ignored"
            return payloads.delivery(identifier, repository, [moved], otherwise=otherwise)
        pulls = [_told(detail, project, now)] if kind == PULL_EVENT else []
        return payloads.delivery(identifier, repository, pulls)

    def repository(self, link: Link) -> Repository:
        """By its name."""
        found = _call(link, "get_repository", repositoryName=link.repository)
        data = found["repositoryMetadata"]
        return Repository(
            identity=data["Arn"],
            name=data["repositoryName"],
            default_branch=data.get("defaultBranch", ""),
            url=f"{link.base}/v1/repos/{link.repository}",
        )

    def tip(self, link: Link, ref: str) -> Tip | None:
        """Tags are asked of git, because the API does not know them."""
        try:
            commit = _commit_of(link, ref)
            if not commit:
                return None
            found = _call(link, "get_commit", repositoryName=link.repository, commitId=commit)
        except _NoneThere:
            return None
        data = found["commit"]
        seconds = str(data.get("committer", {}).get("date", "")).split(" ")[0]
        return Tip(
            commit,
            data.get("message", "").strip()[: payloads.MESSAGE],
            data.get("author", {}).get("name", "")[: payloads.NAME],
            clock.iso(int(seconds) * 1000) if seconds.isdigit() else "",
        )

    def heads(self, link: Link) -> dict[str, str]:
        """Asked of git: the API has one request for each branch."""
        return wire.heads(_git(link))

    def pull(self, link: Link, number: int) -> PullRequest | None:
        """Nobody from outside the account can make one, so there are no forks."""
        try:
            found = _call(link, "get_pull_request", pullRequestId=str(number))["pullRequest"]
        except _NoneThere:
            return None
        target = _target(found, link)
        if target is None:
            return None
        return PullRequest(
            project=link.project,
            number=number,
            action="updated" if found["pullRequestStatus"] == "OPEN" else "closed",
            commit=target["sourceCommit"],
            branch=target["sourceReference"].removeprefix("refs/heads/"),
            base=target["destinationReference"].removeprefix("refs/heads/"),
            repository=link.repository,
            fork=False,
            author=_name(found.get("authorArn", "")),
            member=True,
            bot=False,
            sequence=0,
            title=found.get("title", "")[: payloads.TITLE],
            merged=bool(target.get("mergeMetadata", {}).get("isMerged")),
            provider="codecommit",
        )

    def fetch(self, link: Link, commit: str, into: BinaryIO, limit: int) -> None:
        """The tree of a commit."""
        wire.fetch(_git(link), commit, into, limit)

    def hook(self, link: Link, url: str, secret: str) -> bool:
        """The installation has a rule for all repositories of its account and region."""
        return True

    def unhook(self, link: Link, url: str) -> None:
        """The rule stays; events of a repository that nobody connected lead to nothing."""

    def report(self, link: Link, report: Report) -> str:
        """CodeCommit has no statuses."""
        return ""

    def comment(self, link: Link, number: int, text: str, known: str = "") -> str:
        """Below the pull request, at its newest commit."""
        text = text[:COMMENT]
        if known:
            try:
                _call(link, "update_comment", commentId=known, content=text)
                return known
            except _NoneThere:
                pass
        found = _call(link, "get_pull_request", pullRequestId=str(number))["pullRequest"]
        target = _target(found, link)
        if target is None:
            raise Refused("repo_not_found", "The pull request is not one of this repository.")
        made = _call(
            link,
            "post_comment_for_pull_request",
            pullRequestId=str(number),
            repositoryName=link.repository,
            beforeCommitId=target["destinationCommit"],
            afterCommitId=target["sourceCommit"],
            content=text,
            clientRequestToken=sha256(f"{link.project}/{number}".encode()).hexdigest(),
        )
        return str(made["comment"]["commentId"])


class _NoneThere(Exception):  # noqa: N818  # a state of things
    """What was asked for is not there."""


def _commit_of(link: Link, ref: str) -> str:
    if is_commit(ref):
        return ref
    if ref.startswith("refs/tags/"):
        return wire.refs(_git(link), [ref]).get(ref, "")
    branch = ref.removeprefix("refs/heads/")
    found = _call(link, "get_branch", repositoryName=link.repository, branchName=branch)
    return str(found["branch"]["commitId"])


def _call(link: Link, operation: str, **arguments: Any) -> dict[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = getattr(client("codecommit", region_of(link)), operation)(**arguments)
    except ClientError as error:
        raise _told_error(link, error) from None
    except BotoCoreError as error:
        raise OSError(f"CodeCommit does not answer: {type(error).__name__}") from None
    return dict(answer)


def _told_error(link: Link, error: Exception) -> Exception:
    code = code_of(error)
    if code in _NO_REF | _NO_PULL | {"CommentDoesNotExistException", "CommentDeletedException"}:
        return _NoneThere(code)
    if code == "RepositoryDoesNotExistException":
        return Refused(
            "repo_not_found",
            f"CodeCommit has no repository {link.repository} in {region_of(link)}.",
            "Look at its name and region.",
        )
    if code in {"AccessDeniedException", "AccessDenied", "UnrecognizedClientException"}:
        return Refused(
            "repo_access_denied",
            f"The installation may not read the repository {link.repository}.",
            "Only repositories of the installation's own account and region can be connected.",
        )
    if code in _AWAY:
        return OSError(f"CodeCommit does not answer: {code}")
    return OSError(f"CodeCommit refused: {code}")


def region_of(link: Link) -> str:
    """The region in `https://git-codecommit.<region>.amazonaws.com`."""
    return str(urlsplit(link.base).hostname).split(".")[1]


def _git(link: Link) -> wire.Http:
    url = f"{link.base}/v1/repos/{link.repository}"
    return wire.Http(url, wire.basic(*signed_password(url, region_of(link))))


def signed_password(url: str, region: str) -> tuple[str, str]:
    """User and password (Signature Version 4 of a `GIT` request) that open one repository."""
    found = credentials().get_frozen_credentials()
    moment = datetime.fromtimestamp(clock.epoch(), UTC).strftime("%Y%m%dT%H%M%S")
    parts = urlsplit(url)
    asked = f"GIT\n{parts.path}\n\nhost:{parts.hostname}\n\nhost\n"
    scope = f"{moment[:8]}/{region}/codecommit/aws4_request"
    digest = sha256(asked.encode()).hexdigest()
    key = f"AWS4{found.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), sha256).digest()
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}"
    signature = hmac.new(key, text.encode(), sha256).hexdigest()
    user = f"{found.access_key}%{found.token}" if found.token else str(found.access_key)
    return user, f"{moment}Z{signature}"


def _target(found: dict[str, Any], link: Link) -> dict[str, Any] | None:
    targets = found.get("pullRequestTargets", [])
    return next((t for t in targets if t.get("repositoryName") == link.repository), None)


def _told(detail: Any, project: str, now: int) -> PullRequest | None:
    event = payloads.text(detail, "event")
    meaning = _PULLS.get(event, "")
    opened = payloads.text(detail, "pullRequestStatus") == "Open"
    if not meaning or (meaning == "closed") == opened:
        return None
    number = payloads.needed(detail, "pullRequestId")
    branch = payloads.needed(detail, "sourceReference").removeprefix("refs/heads/")
    if not number.isascii() or not number.isdigit() or branch_fault(branch):
        return None
    names = payloads.items(detail, "repositoryNames")
    return PullRequest(
        project=project,
        number=int(number),
        action=meaning,
        commit=payloads.commit(detail, "sourceCommit"),
        branch=branch,
        base=payloads.needed(detail, "destinationReference").removeprefix("refs/heads/"),
        repository=str(names[0]) if names else "",
        fork=False,
        author=_name(payloads.text(detail, "author")),
        member=True,
        bot=False,
        sequence=now,
        title=payloads.text(detail, "title", most=payloads.TITLE),
        merged=payloads.text(detail, "isMerged") == "True",
        provider="codecommit",
    )


def _name(arn: str) -> str:
    """The user's name at the end of an ARN."""
    return arn.rpartition("/")[2] or arn


def make() -> Any:
    """The provider, for the registry."""
    return CodeCommit()
