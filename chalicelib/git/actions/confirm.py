"""What a webhook says is a hint; where the branch is now, its host is asked.

So an older delivery never brings back an older commit, whatever order deliveries come in, and a
replayed one deploys what is there anyway.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar, cast

from chalicelib.core.errors import Conflict
from chalicelib.core.observe import logger
from chalicelib.git.actions import opening
from chalicelib.git.actions.events import Event
from chalicelib.git.providers import Link, Provider, Refused, Tip
from chalicelib.git.rows import links as rows
from chalicelib.git.rules import PullRequest, Push, Tag, branch_fault, is_commit

E = TypeVar("E", Push, Tag, PullRequest)

MESSAGE = 4096


def confirm(event: E) -> E | None:
    """The event with what its host says now; None when the ref went away meanwhile.

    Its `sequence` stays that of the moment the webhook came, which is before the host was asked:
    what is read is at least as new. Events of the built-in remote, and of a project that is not
    connected to that host any more, come back as they are. So do those that the host refuses to
    speak about: their deployment fails with the reason, where people see it. Raises OSError when
    the host does not answer; the bus tries again.
    """
    row = rows.of(event.project)
    if event.provider == "builtin" or row is None or row.provider != event.provider:
        return event
    try:
        return cast("E | None", _asked(event, opening.provider_of(row), opening.link_of(row)))
    except (Refused, Conflict) as refused:
        logger().info("unconfirmed", extra={"project": event.project, "code": refused.code})
        return event


def _asked(event: Event, provider: Provider, link: Link) -> Event | None:
    if isinstance(event, PullRequest):
        return _pull(event, provider.pull(link, event.number))
    ref = f"refs/heads/{event.branch}" if isinstance(event, Push) else f"refs/tags/{event.name}"
    tip = provider.tip(link, ref)
    if tip is None or not is_commit(tip.commit):
        return None
    message = tip.message[:MESSAGE] or event.message
    if isinstance(event, Tag):
        return replace(event, commit=tip.commit, message=message)
    # of another commit than its own an event does not tell who pushed it
    bot = tip.bot or (event.bot and tip.commit == event.commit)
    return replace(event, commit=tip.commit, message=message, bot=bot)


def _pull(event: PullRequest, now: PullRequest | None) -> PullRequest:
    """A pull request as it is now; whether it was opened or retargeted only the event knows."""
    if now is None:
        return replace(event, action="closed")
    closed = now.action == "closed"
    action = "closed" if closed else ("updated" if event.action == "closed" else event.action)
    return replace(now, project=event.project, action=action, sequence=event.sequence)


def head(project: str, reference: str) -> Tip | None:
    """The commit that a branch or commit id names at the host of a connected repository.

    None when the project has none, or the host knows no such thing. Raises Conflict when the host
    says no, OSError when it does not answer. What cannot be a branch is not asked for: a name with
    `..` would lead to another place of the host's API.
    """
    row = rows.of(project)
    if row is None or (not is_commit(reference) and branch_fault(reference)):
        return None
    ref = reference if is_commit(reference) else f"refs/heads/{reference}"
    try:
        return opening.provider_of(row).tip(opening.link_of(row), ref)
    except Refused as refused:
        raise opening.problem_of(refused) from None


def heads(project: str) -> dict[str, str]:
    """Branch -> commit at the host; nothing for a project that is not connected. As `head`."""
    row = rows.of(project)
    if row is None:
        return {}
    try:
        return opening.provider_of(row).heads(opening.link_of(row))
    except Refused as refused:
        raise opening.problem_of(refused) from None
