"""People, and the names that one thing at a time may have."""

from __future__ import annotations

from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import TransactWriteError

from chalicelib.core import census, clock, directory
from chalicelib.core.table import CoreRow, find, lost_condition, write

_LIST = "USERS"


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
    status_before = UnicodeAttribute(null=True)
    """What `status` was when the account was suspended."""
    verified_at = UnicodeAttribute(null=True)
    admin = BooleanAttribute(default=False)
    """Whether this person runs the installation (`/v1/admin`)."""
    factors = NumberAttribute(default=0)
    """How many second factors and passkeys are confirmed; with none, a password is enough."""
    sessions_from = NumberAttribute(default=0)
    """Milliseconds since 1970, raised to end all sessions at once; see `SessionRow.began`."""
    version = NumberAttribute(default=1)
    counted = BooleanAttribute(null=True)
    """Whether the census has them."""

    @property
    def id(self) -> str:
        """The user's id."""
        return self.pk.partition("#")[2]


class UniqueRow(CoreRow):
    """A name that one thing at a time may have: `UNIQ#kind#value` / `META`."""

    owner = UnicodeAttribute()


def new_user(user: str, email: str, name: str, password_hash: str | None, home: str) -> UserRow:
    """A user that is not saved yet; whoever saves one counts it in the census."""
    return UserRow(
        f"USER#{user}",
        "PROFILE",
        email=email,
        name=name,
        password_hash=password_hash,
        home=home,
        created_at=clock.iso(),
        counted=True,
        gsi2pk=directory.shard(_LIST, user),
        gsi2sk=email,
    )


def users_page(**at: Any) -> list[UserRow]:
    """Everybody, by e-mail, a page at a time (`limit`, `after`, `prefix`)."""
    return directory.page(UserRow, _LIST, **at)


def count_user(user: UserRow) -> bool:
    """Count somebody who was made before people were counted; False when they are counted."""
    if user.counted:
        return False
    kind = UserRow
    try:
        with write() as transaction:
            transaction.update(
                user_named(user.id),
                actions=[kind.counted.set(True)],
                condition=kind.pk.exists() & kind.counted.does_not_exist(),
            )
            census.count(transaction, user.id, {"users": 1})
    except TransactWriteError as error:
        if not lost_condition(error):
            raise
        return False
    return True


def keep_listed(user: UserRow) -> None:
    """List somebody who is not yet, or under another e-mail."""
    directory.keep(user, _LIST, user.id, user.email)


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
