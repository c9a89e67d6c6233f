"""The events of git: what the bus carries as `git.push`, `git.pull_request` and `git.tag`.

Each detail is `{"version": 1, **fields}`. A field may be added with a default; one that goes away
or changes its meaning makes version 2. `sequence` orders what happens to a project: nanoseconds,
taken before anybody is asked what the newest state is.
"""

from __future__ import annotations

from dataclasses import dataclass

VERSION = 1


@dataclass(frozen=True)
class Push:
    """One branch moved to one commit; `previous` is where it was, as far as that is known.

    `bot` says that a program pushed it, or wrote the commit.
    """

    project: str
    branch: str
    commit: str
    sequence: int
    pusher: str
    message: str = ""
    provider: str = "builtin"
    previous: str = ""
    bot: bool = False


@dataclass(frozen=True)
class Tag:
    """A tag was made or moved; one that was removed is no event."""

    project: str
    name: str
    commit: str
    sequence: int
    pusher: str
    message: str = ""
    provider: str = "builtin"


@dataclass(frozen=True)
class PullRequest:
    """What happened to a pull request (GitLab: merge request).

    `action` is `opened`, `updated`, `reopened`, `retargeted` or `closed`. `branch` is the head in
    `repository`, which is another one than ours when `fork`. `member` says that the provider knows
    the author as somebody who may write to our repository; `bot` that the author is a program.
    """

    project: str
    number: int
    action: str
    commit: str
    branch: str
    base: str
    repository: str
    fork: bool
    author: str
    member: bool
    bot: bool
    sequence: int
    title: str = ""
    merged: bool = False
    provider: str = "github"
