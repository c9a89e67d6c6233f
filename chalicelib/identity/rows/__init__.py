"""Rows of identity; the keys of the table live here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    ListAttribute,
    NumberAttribute,
    UnicodeAttribute,
)

from chalicelib.core import clock
from chalicelib.core.table import CoreRow, find, find_mixed
from chalicelib.identity.rules import REFRESH_SECONDS, digest


class UserRow(CoreRow):
    """A person: `USER#id` / `PROFILE`."""

    email = UnicodeAttribute()
    name = UnicodeAttribute()
    password_hash = UnicodeAttribute(null=True)
    home = UnicodeAttribute()
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute(null=True)
    avatar_url = UnicodeAttribute(null=True)
    status = UnicodeAttribute(default="active")
    """`pending` until the e-mail is verified, `active`, `suspended`."""
    verified_at = UnicodeAttribute(null=True)
    admin = BooleanAttribute(default=False)
    """Whether this person runs the installation (`/v1/admin`)."""
    factors = NumberAttribute(default=0)
    """How many second factors and passkeys are confirmed; with none, a password is enough."""
    sessions_from = NumberAttribute(default=0)
    """Milliseconds since 1970: sessions that began before are over, all at once."""
    version = NumberAttribute(default=1)

    @property
    def id(self) -> str:
        """The user's id."""
        return self.pk.partition("#")[2]


class UniqueRow(CoreRow):
    """A name that one thing at a time may have: `UNIQ#kind#value` / `META`."""

    owner = UnicodeAttribute()


class SessionRow(CoreRow):
    """A signed-in person: `SESSION#id` / `META`; read at every request, so its end is immediate."""

    user = UnicodeAttribute()
    home = UnicodeAttribute()
    family_hash = UnicodeAttribute()
    refresh_hash = UnicodeAttribute()
    previous_hash = UnicodeAttribute(null=True)
    rotated_at = NumberAttribute()
    expires_at = NumberAttribute()
    revoked = UnicodeAttribute(null=True)
    created_at = UnicodeAttribute()
    began = NumberAttribute(default=0)
    """Milliseconds since 1970, compared with the user's `sessions_from`."""
    via = UnicodeAttribute(default="password")
    """What signed it in: `password`, `passkey`, `sso`, `device`, or a provider such as `github`."""
    proved_at = NumberAttribute(default=0)
    mfa_at = NumberAttribute(default=0)
    sso = UnicodeAttribute(default="")
    """The team whose identity provider signed it in."""
    ip = UnicodeAttribute(default="")
    agent = UnicodeAttribute(default="")
    seen_at = NumberAttribute(default=0)

    @property
    def id(self) -> str:
        """The session's id."""
        return self.pk.partition("#")[2]


class ApiKeyRow(CoreRow):
    """A key of a machine: `KEY#hash` / `META`, listed by team.

    An `api_key` acts for its user, a `service` token for the team with a role of its own, a
    `deploy_key` for one project.
    """

    id = UnicodeAttribute()
    name = UnicodeAttribute()
    kind = UnicodeAttribute(default="api_key")
    user = UnicodeAttribute(default="")
    team = UnicodeAttribute()
    project = UnicodeAttribute(default="")
    role = UnicodeAttribute(default="")
    created_by = UnicodeAttribute(default="")
    rate_per_minute = NumberAttribute(default=0)
    scopes = ListAttribute(of=UnicodeAttribute)
    prefix = UnicodeAttribute()
    created_at = UnicodeAttribute()
    expires_at = NumberAttribute(null=True)
    last_used = NumberAttribute(null=True)
    revoked_at = NumberAttribute(null=True)


class FailureRow(CoreRow):
    """Attempts to sign in as somebody in one window: `LOGIN#hash of e-mail#window` / `META`."""

    made = NumberAttribute(default=0)


def new_user(user: str, email: str, name: str, password_hash: str | None, home: str) -> UserRow:
    """A user that is not saved yet."""
    return UserRow(
        f"USER#{user}",
        "PROFILE",
        email=email,
        name=name,
        password_hash=password_hash,
        home=home,
        created_at=clock.iso(),
    )


def user_of(user: str) -> UserRow | None:
    """A user by id."""
    return find(UserRow, f"USER#{user}", "PROFILE")


def user_named(user: str) -> UserRow:
    """A user to update without reading them."""
    return UserRow(f"USER#{user}", "PROFILE")


def profile_key(user: str) -> tuple[type[UserRow], str, str]:
    """What `table.find_mixed` needs to read a user beside other rows."""
    return UserRow, f"USER#{user}", "PROFILE"


def unique(kind: str, value: str, owner: str) -> UniqueRow:
    """A claim on a name that is not saved yet."""
    return UniqueRow(f"UNIQ#{kind}#{value}", "META", owner=owner)


def owner_of(kind: str, value: str) -> str | None:
    """Who has a name."""
    row = find(UniqueRow, f"UNIQ#{kind}#{value}")
    return row.owner if row else None


def session_of(session: str) -> SessionRow | None:
    """A session by id."""
    return find(SessionRow, f"SESSION#{session}")


def session_named(session: str) -> SessionRow:
    """A session to update without reading it."""
    return SessionRow(f"SESSION#{session}", "META")


def sessions_of(user: str) -> Iterator[SessionRow]:
    """The sessions of a user; one that began within the last second may be missing."""
    yield from SessionRow.by1.query(f"USER#{user}", SessionRow.gsi1sk.startswith("SESSION#"))


@dataclass(frozen=True)
class Proof:
    """How somebody proved who they are: by what, at which strength, from where.

    `strong` is a second factor, a passkey, or an identity provider that says it asked for one;
    `sso` is the team whose own identity provider it was.
    """

    via: str = "password"
    strong: bool = False
    sso: str = ""
    ip: str = ""
    agent: str = ""


def new_session(session: str, user: UserRow, family: str, secret: str, proof: Proof) -> SessionRow:
    """A session that is not saved yet."""
    now = clock.epoch()
    expires = now + REFRESH_SECONDS
    return SessionRow(
        f"SESSION#{session}",
        "META",
        gsi1pk=user.pk,
        gsi1sk=f"SESSION#{session}",
        user=user.id,
        home=user.home,
        family_hash=digest(family),
        refresh_hash=digest(secret),
        rotated_at=now,
        expires_at=expires,
        ttl=expires,
        created_at=clock.iso(),
        began=clock.now_ms(),
        via=proof.via,
        proved_at=now,
        mfa_at=now if proof.strong else 0,
        sso=proof.sso,
        ip=proof.ip,
        agent=proof.agent,
        seen_at=now,
    )


def session_and_user(session: str, user: str) -> tuple[SessionRow | None, UserRow | None]:
    """A session and a person in one consistent read."""
    found: list[Any] = find_mixed(
        [(SessionRow, f"SESSION#{session}", "META"), (UserRow, f"USER#{user}", "PROFILE")]
    )
    return found[0], found[1]


def new_api_key_row(secret: str, identifier: str, team: str) -> ApiKeyRow:
    """A key's row without its other attributes."""
    created = clock.iso()
    return ApiKeyRow(
        f"KEY#{digest(secret)}",
        "META",
        gsi1pk=f"TEAM#{team}",
        gsi1sk=f"KEY#{created}#{identifier}",
        id=identifier,
        team=team,
        created_at=created,
    )


def api_key_of(secret: str) -> ApiKeyRow | None:
    """A key by its secret."""
    return find(ApiKeyRow, f"KEY#{digest(secret)}")


def api_key_by_id(identifier: str) -> ApiKeyRow | None:
    """A key by its id, through the unique name that was made with it."""
    pk = owner_of("key", identifier)
    return find(ApiKeyRow, pk) if pk else None


def api_keys_of(team: str, **at: Any) -> Any:
    """The keys of a team, newest first, a page at a time (`limit`, `last_evaluated_key`)."""
    return ApiKeyRow.by1.query(
        f"TEAM#{team}",
        ApiKeyRow.gsi1sk.startswith("KEY#"),
        filter_condition=ApiKeyRow.revoked_at.does_not_exist(),
        scan_index_forward=False,
        **at,
    )


def failures(email: str, window: int) -> FailureRow:
    """The counter of an e-mail in a window; the e-mail itself is not stored."""
    return FailureRow(f"LOGIN#{sha256(email.encode()).hexdigest()}#{window}", "META")
