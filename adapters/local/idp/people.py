"""The people that the identity provider knows."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from hashlib import sha256

TENANT = str(uuid.UUID(int=0xC10DDEC))
"""The one tenant, for the protocol with tenants."""


@dataclass(frozen=True)
class Person:
    """Somebody; all that is not given follows from the e-mail address."""

    email: str
    verified: bool = True
    name: str = ""
    methods: tuple[str, ...] = ("pwd",)

    @property
    def login(self) -> str:
        """The name before the @."""
        return self.email.partition("@")[0]

    @property
    def shown(self) -> str:
        """A name for people."""
        return self.name or self.login.capitalize()

    @property
    def subject(self) -> str:
        """What OpenID Connect calls them."""
        return sha256(self.email.encode()).hexdigest()[:24]

    @property
    def number(self) -> int:
        """What GitHub calls them."""
        return int(self.subject[:7], 16)

    @property
    def guid(self) -> str:
        """What Bitbucket and Microsoft call them."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{self.email}"))


PEOPLE = (
    Person("ada@example.com", name="Ada Lovelace"),
    Person("grace@example.com", name="Grace Hopper", methods=("pwd", "mfa")),
    Person("mallory@example.com", verified=False, name="Mallory"),
)
