"""What the routes of the log take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from chalicelib.audit import actions
from chalicelib.audit.rules.chain import millis
from chalicelib.core.http import Input, Output, secret_field
from chalicelib.core.paging import PageQuery

Text = Annotated[str, Field(max_length=200)]


def _moment(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            "A moment is a date or an ISO 8601 time, such as 2026-01-31T12:00:00Z."
        ) from None
    return text


Moment = Annotated[str, Field(max_length=40), AfterValidator(_moment)]


class ListQuery(PageQuery):
    """Which entries; without a filter all of them."""

    action: Text = Field("", description="an action, or the beginning of one: `projects.`")
    actor: Text = Field("", description="id of a user, key or session")
    resource: Text = Field("", description="id or name of what was changed, or what it belongs to")
    since: Moment | None = Field(None, alias="from", description="inclusive")
    until: Moment | None = Field(None, alias="to", description="exclusive")

    def wanted(self) -> actions.Wanted:
        """The filter as the actions have it."""
        return actions.Wanted(
            self.action,
            self.actor,
            self.resource,
            millis(self.since) if self.since else 0,
            millis(self.until) if self.until else 0,
        )


class ActorView(Output):
    """Who did it, and from where; `credential` is the id of the session or key."""

    kind: str
    id: str
    user: str
    ip: str
    agent: str
    credential: str


class EntryView(Output):
    """An entry, and a sentence about it that is not part of it."""

    version: int
    team: str
    sequence: int
    id: str = Field(description="of the request, or of the event that caused it")
    at: str
    recorded_at: str
    actor: ActorView
    action: str
    resource: str
    of: str = Field(description="what the resource belongs to")
    label: str
    before: dict[str, Any]
    after: dict[str, Any]
    outcome: Literal["ok", "refused", "unknown"]
    prev: str
    hash: str
    sentence: str


class ActivityItem(Output):
    """What somebody did."""

    sequence: int
    at: str
    user: str
    action: str
    resource: str
    outcome: str
    sentence: str


class ActivityView(Output):
    """The last 24 hours, newest first; the newest 100 of them."""

    items: list[ActivityItem]


class VerifyQuery(Input):
    """Where to begin: behind an entry that was verified before."""

    after: int = Field(0, ge=0, lt=10**12)


class VerdictView(Output):
    """Whether the log is whole. With `more` ask again with `after` = `last`."""

    ok: bool
    entries: int
    first: int
    last: int
    head_hash: str
    signed_until: int = Field(description="newest entry that a signature of ours is over")
    broken_at: int | None
    why: str
    more: bool


class ExportQuery(Input):
    """In which form, and from where on."""

    format: Literal["jsonl", "csv"] = "jsonl"
    cursor: str | None = Field(None, max_length=4000, description="`X-Next-Cursor` of the answer")
    limit: int = Field(1000, ge=1, le=1000)


class Exported(Output):
    """Entries, oldest first, one a line."""


class Retention(Input):
    """How long entries are kept that are written from now on."""

    days: int = Field(ge=actions.SHORTEST_DAYS, le=actions.LONGEST_DAYS)


class RetentionView(Output):
    """How long entries are kept from their writing on."""

    days: int


def _token(text: str) -> str:
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("A token has printable ASCII characters and no spaces.")
    return text


class NewStream(Input):
    """Where to send entries."""

    kind: Literal["datadog", "splunk", "https"]
    url: str = Field(min_length=8, max_length=2000)
    token: Annotated[str, AfterValidator(_token)] | None = secret_field(
        None, min_length=8, max_length=500, description="may be left out while the host is the same"
    )
    from_start: bool = Field(False, description="also everything that is in the log already")


class StreamView(Output):
    """A stream, without its token."""

    name: str
    kind: str
    url: str
    state: Literal["running", "failing", "paused"]
    delivered: int = Field(description="sequence of the last entry that arrived")
    delivered_at: str | None
    error: str
    failing_since: str | None
    next_try_at: str | None
    created_at: str


class StreamList(Output):
    """The streams of a team."""

    items: list[StreamView]


class TriedView(Output):
    """How a try ended."""

    ok: bool
    status: int | None
    error: str
