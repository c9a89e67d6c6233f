"""Events of git on the bus, and what they lead to."""

from __future__ import annotations

from chalicelib.core import ids
from chalicelib.git.rules import PullRequest, Push, Tag
from chalicelib.git.rules.events import VERSION
from chalicelib.ports import services

Event = Push | Tag | PullRequest

KINDS: dict[type[Event], str] = {
    Push: "git.push",
    Tag: "git.tag",
    PullRequest: "git.pull_request",
}


def publish(event: Event) -> None:
    """Put an event of git on the bus."""
    services().bus.put(KINDS[type(event)], {"version": VERSION, **vars(event)})


def deployment_id(event: Event) -> str:
    """The id of the deployment an event leads to: the same event always gives the same id."""
    ref = event.branch if isinstance(event, Push) else _named(event)
    return ids.new(
        "dpl",
        event.sequence // 1_000_000,
        f"{event.project}:{ref}:{event.commit}:{event.sequence}",
    )


def _named(event: Tag | PullRequest) -> str:
    """A tag and a pull request as no branch can be called."""
    return f"refs/tags/{event.name}" if isinstance(event, Tag) else f"refs/pull/{event.number}"
