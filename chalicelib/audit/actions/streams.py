"""Streams of a team: set, listed, removed, tried."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from chalicelib.audit import rows
from chalicelib.audit.rows import streams
from chalicelib.audit.rows.streams import StreamRow
from chalicelib.audit.rules.entries import Draft, entry
from chalicelib.audit.rules.streams import MOST, Kind, address, check_name
from chalicelib.core import clock, crypto, ids, outbound
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, Invalid, not_found
from chalicelib.ports import services


@dataclass(frozen=True)
class Wish:
    """What a stream shall be; without a token it keeps the one it has."""

    kind: Kind
    url: str
    token: str | None = None
    from_start: bool = False


def list_streams(team: str) -> list[StreamRow]:
    """The streams of a team by name."""
    return streams.of_team(team)


def put_stream(team: str, name: str, wish: Wish) -> StreamRow:
    """Set a stream, which runs (again) from now on. One that is there goes on where it was.

    Raises Invalid for an address that may not be asked or a token that is needed, and Conflict
    `too_many_streams`.
    """
    check_name(name)
    url = _checked(wish)
    before = streams.one(team, name)
    if before is None and len(streams.of_team(team)) >= MOST:
        raise Conflict(
            "too_many_streams",
            f"A team has at most {MOST} streams.",
            hint="Remove one first.",
        )
    row = streams.new(
        team,
        name,
        kind=wish.kind,
        url=url,
        token=_sealed(team, name, wish.token, before, url),
        cursor=_begin(team, wish.from_start, before),
        made=ids.new("stm"),
        created_at=before.created_at if before else clock.iso(),
        delivered_at=before.delivered_at if before else None,
    )
    if not streams.save(row, before):
        raise Conflict("conflict", "The stream was changed meanwhile.", hint="Read it again.")
    return row


def delete_stream(team: str, name: str) -> StreamRow:
    """Remove a stream; returns what it was."""
    row = named(team, name)
    streams.remove(row)
    return row


def named(team: str, name: str) -> StreamRow:
    """A stream by name; raises NotFound."""
    row = streams.one(team, name)
    if row is None:
        raise not_found("stream", name)
    return row


def trial(team: str, actor: Actor) -> dict[str, object]:
    """An entry that stands in no log, to try a stream with."""
    from chalicelib.audit.actions.append import who

    draft = Draft(ids.new("req"), clock.iso(), team, "audit.trial", who(actor))
    return entry(draft, rows.head(team).place, clock.iso())


def token_of(row: StreamRow) -> str:
    """The token of a stream, opened."""
    opened = crypto.unseal(services().keys, bytes(row.token), _context(row.team, row.name))
    return opened.decode()


def _checked(wish: Wish) -> str:
    url = address(wish.kind, wish.url)
    try:
        if urlsplit(url).query:  # it would be shown and logged like the rest of the address
            raise outbound.NotAllowed("The address has no query; a key belongs into `token`.")
        return outbound.check_url(url)
    except outbound.NotAllowed as error:
        raise Invalid(
            "address_not_allowed", str(error), hint="Give an address on the public internet."
        ) from None


def _begin(team: str, from_start: bool, before: StreamRow | None) -> int:
    if from_start:
        return 0
    return int(before.cursor) if before else int(rows.head(team).sequence)


def _sealed(team: str, name: str, token: str | None, before: StreamRow | None, url: str) -> bytes:
    """The token under lock; one that is kept never goes to another host than it was given for."""
    if token is not None:
        return crypto.seal(services().keys, token.encode(), _context(team, name))
    if before is None or urlsplit(before.url)[:2] != urlsplit(url)[:2]:
        raise Invalid(
            "token_needed",
            "A stream to a new address needs its token.",
            hint="Send `token`: the API key of Datadog, the HEC token of Splunk, or the secret"
            " that signs what is sent to your own address.",
        )
    return bytes(before.token)


def _context(team: str, name: str) -> dict[str, str]:
    return {"team": team, "stream": name}
