"""Rows of web push: the browsers of a person, and which of them were told of what."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import islice
from typing import Any

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DeleteError, PutError

from chalicelib.core import clock
from chalicelib.core.table import CoreRow, find, find_mixed, lost_condition
from chalicelib.identity.rows import UniqueRow

TOLD_SECONDS = 2 * 86_400
"""An event comes again within a day, if it does."""

Browser = dict[str, Any]
"""`endpoint p256dh auth events teams session agent created_at failing_since`."""


class PushRow(CoreRow):
    """The browsers of a person, at most ten: `USER#id` / `PUSH`; read for many people at once."""

    browsers = JSONAttribute(default=dict)
    version = NumberAttribute(default=0)

    @property
    def user(self) -> str:
        """Whose they are."""
        return self.pk.partition("#")[2]


class ToldRow(CoreRow):
    """That a browser is told of an event: `PUSHED#hash of the event's key` / browser."""

    browser = UnicodeAttribute()


def of_user(user: str) -> PushRow:
    """The browsers of a person, read consistently; an empty row when there are none."""
    return find(*_key(user)) or PushRow(f"USER#{user}", "PUSH")


def of_users(users: Iterator[str]) -> Iterator[PushRow]:
    """The rows of many people, a hundred in a read; who has no browsers has none."""
    while batch := list(islice(users, 100)):
        for row in find_mixed([_key(user) for user in batch]):
            if isinstance(row, PushRow):
                yield row


def save(row: PushRow, browsers: dict[str, Browser]) -> bool:
    """Write a person's browsers; False when somebody else wrote meanwhile."""
    before = int(row.version)
    kept = PushRow(row.pk, row.sk, browsers=browsers, version=before + 1)
    condition = PushRow.version == before if before else PushRow.pk.does_not_exist()
    try:
        kept.save(condition=condition)
    except PutError as error:
        if lost_condition(error):
            return False
        raise
    return True


def owner_of(endpoint: str) -> UniqueRow | None:
    """Whose an endpoint is: a browser that somebody else uses now tells the one before nothing."""
    return find(UniqueRow, _unique(endpoint).pk)


def take(endpoint: str, user: str, before: str | None) -> bool:
    """An endpoint is somebody's from now on, if it is still whose it was; False when it is not."""
    row = _unique(endpoint)
    row.owner = user
    nobody = UniqueRow.pk.does_not_exist()
    try:
        row.save(condition=nobody if before is None else UniqueRow.owner == before)
    except PutError as error:
        if lost_condition(error):
            return False
        raise
    return True


def drop(endpoint: str, user: str) -> None:
    """An endpoint is nobody's any more, unless somebody else took it meanwhile."""
    try:
        _unique(endpoint).delete(condition=UniqueRow.owner == user)
    except DeleteError as error:
        if not lost_condition(error):
            raise


def claim(key: str, browser: str) -> bool:
    """Say that a browser is about to be told; False when that was said before."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:40]
    row = ToldRow(f"PUSHED#{digest}", browser, browser=browser, ttl=clock.epoch(TOLD_SECONDS))
    try:
        row.save(condition=ToldRow.pk.does_not_exist())
    except PutError as error:
        if lost_condition(error):
            return False
        raise
    return True


def _unique(endpoint: str) -> UniqueRow:
    return UniqueRow(f"UNIQ#push#{hashlib.sha256(endpoint.encode()).hexdigest()}", "META")


def _key(user: str) -> tuple[type[PushRow], str, str]:
    return PushRow, f"USER#{user}", "PUSH"
