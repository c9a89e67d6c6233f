"""What an alias is called: `<alias>--<slug>` is one label of a host name. Pure.

An alias follows the newest ready deployment of its subject: an environment that somebody made, a
pull request, or a branch. Environments and pull requests are called what they are called; a branch
takes what is left, with a few digits of its name's hash where two would be called alike.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container
from dataclasses import dataclass
from typing import Literal

LABEL_MAX = 63
"""Characters of a label. Source: RFC 1035, section 2.3.4."""

DIGITS = 6
Kind = Literal["environment", "pull", "branch"]

_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
_RESERVED = re.compile(r"production|preview|development|pr-?[0-9]+|[0-7][0-9a-hjkmnp-tv-z]{25}")
"""What has a meaning as an alias, and what the edge reads as a deployment."""


@dataclass(frozen=True)
class Subject:
    """What an alias follows: the environment, pull request or branch of that name."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"

    @property
    def takes(self) -> bool:
        """Whether its name is its own, whoever bears it now."""
        return self.kind != "branch"


def subjects(
    *, environment: str, branch: str, pulls: list[int], follows_branch: bool
) -> list[Subject]:
    """What a deployment is the newest of, should it become ready; the most telling first.

    `follows_branch` says that it is of a branch of our own repository, and came by a push.
    """
    found = [Subject("pull", str(number)) for number in pulls]
    if environment == "preview":
        if branch and follows_branch:
            found.append(Subject("branch", branch))
    elif environment not in {"production", "development", ""}:
        found.insert(0, Subject("environment", environment))
    return found


def spell(subject: Subject, slug: str, environments: Container[str] = ()) -> str:
    """The alias that a subject would like; `environments` are those that somebody made."""
    if subject.kind == "environment":
        return subject.name
    if subject.kind == "pull":
        return f"pr-{subject.name}"
    plain = _NOT_PLAIN.sub("-", subject.name.lower()).strip("-")
    fits = 0 < len(plain) <= _room(slug)
    free = not _RESERVED.fullmatch(plain) and plain not in environments
    return plain if fits and free else spell_apart(subject, slug)


def spell_apart(subject: Subject, slug: str) -> str:
    """The alias of a branch that cannot have the plain one: nobody else is called so."""
    plain = _NOT_PLAIN.sub("-", subject.name.lower()).strip("-")
    digits = hashlib.sha256(subject.name.encode()).hexdigest()[:DIGITS]
    short = plain[: _room(slug) - DIGITS - 1].strip("-")
    return f"{short}-{digits}" if short else f"branch-{digits}"


def _room(slug: str) -> int:
    return LABEL_MAX - len("--") - len(slug)
