"""Webhooks of git hosts: signed, taken once, and put on the bus in our own words."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from chalicelib.core.errors import Invalid, NotFound, Unauthenticated, not_found
from chalicelib.git import providers, rows
from chalicelib.git.actions import app_settings, sealed
from chalicelib.git.actions.events import Event, publish
from chalicelib.git.providers import Delivery, Forged, Provider
from chalicelib.git.rows import apps
from chalicelib.git.rows import links as link_rows
from chalicelib.git.rows.links import LinkRow
from chalicelib.git.rules.trust import same_id
from chalicelib.projects import actions as projects


@dataclass(frozen=True)
class Webhook:
    """A request of a git host: its headers with lower-case names, and the bytes that it signed."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Taken:
    """What came of a webhook: how many events, or why there are none."""

    delivery: str
    events: int = 0
    reason: str = ""

    @property
    def is_ping(self) -> bool:
        """Whether the host only tried the address."""
        return self.reason == "ping"


def of_project(provider: str, project: str, webhook: Webhook) -> Taken:
    """Take a webhook that was sent to the address of one project.

    Raises Unauthenticated `signature_missing`, `signature_invalid` or `signature_expired`, also
    for a project that there is not, after the same work; NotFound for another repository than the
    connected one, Invalid for what is not the host's format.
    """
    now = time.time_ns()
    row = link_rows.of(project)
    if row is not None and (row.provider != provider or row.credential == "app"):
        row = None
    speaker = _speaker(provider)
    _verify(speaker, webhook, sealed.webhook_secrets(row))
    if row is None:  # nobody knows the secret that was compared
        raise _forged("signature_invalid")
    delivery = _read(speaker, webhook, project, now)
    if row.state == "waiting":  # for its deploy key: nothing could be read yet
        return Taken(delivery.identifier, reason="waiting")
    if delivery.repository and not same_id(delivery.repository, row.identity):
        raise not_found("repository", delivery.repository)
    link_rows.delivered(row)
    return _take(f"{provider}:{project}", delivery, webhook, [row])


def of_app(webhook: Webhook) -> Taken:
    """Take a webhook of the GitHub App; it is for every project that the repository is connected
    with through that installation. Raises as `of_project`."""
    now = time.time_ns()
    app = apps.app()
    speaker = _speaker("github")
    _verify(speaker, webhook, [app_settings.webhook_secret(app)] if app else [_nobody()])
    if app is None:
        raise _forged("signature_invalid")
    delivery = _read(speaker, webhook, "", now)
    if not delivery.events:
        return Taken(delivery.identifier, reason=delivery.kind or "ignored")
    found = [row for row in _connected(delivery) if row.base == app.base]
    if not found:
        raise not_found("repository", delivery.repository)
    for row in found:
        link_rows.delivered(row)
    return _take("github:app", delivery, webhook, found)


def _connected(delivery: Delivery) -> Iterable[LinkRow]:
    for row in link_rows.of_repository("github", delivery.repository):
        if row.credential == "app" and same_id(row.installation, delivery.installation):
            yield row


def _speaker(provider: str) -> Provider:
    try:
        return providers.of(provider)
    except LookupError:
        raise not_found("provider", provider) from None


def _verify(speaker: Provider, webhook: Webhook, secrets: list[str]) -> None:
    try:
        speaker.verify(webhook.headers, webhook.body, secrets)
    except Forged as forged:
        raise _forged(forged.code) from None


_SAID = {
    "signature_missing": "The webhook carries no signature.",
    "signature_invalid": "The signature does not belong to this body.",
    "signature_expired": "The signature is too old or from the future.",
}


def _forged(code: str) -> Unauthenticated:
    return Unauthenticated(
        code,
        _SAID[code],
        hint="Give the host the secret of `deck git secret`, and the exact address.",
    )


def _nobody() -> str:
    return sealed.webhook_secrets(None)[0]


def _read(speaker: Provider, webhook: Webhook, project: str, now: int) -> Delivery:
    try:
        return speaker.read(webhook.headers, webhook.body, project, now)
    except ValueError as error:
        raise Invalid(
            "invalid_delivery",
            f"This is not a webhook that we know: {str(error)[:200]}",
            hint="Choose JSON as its content type, and the events push, tag and pull request.",
        ) from None


def _take(source: str, delivery: Delivery, webhook: Webhook, found: list[LinkRow]) -> Taken:
    """Publish the events of a delivery once for each project; one that comes again is told so."""
    if not delivery.events:
        return Taken(delivery.identifier, reason=delivery.kind or "ignored")
    told = delivery.identifier or hashlib.sha256(webhook.body).hexdigest()
    # what a stranger chose becomes part of a key: only as a hash
    known = hashlib.sha256(told.encode()).hexdigest()
    if not rows.first_time(source, known):
        return Taken(delivery.identifier, reason="duplicate")
    events = [e for row in found for e in _of(row, delivery.events)]
    try:
        for event in events:
            publish(event)
    except Exception:
        rows.forget(source, known)
        raise
    return Taken(delivery.identifier, len(events))


def _of(row: LinkRow, events: Iterable[Event]) -> list[Event]:
    """The events as those of one project, while there is one."""
    try:
        projects.resolve(row.project)
    except NotFound:
        return []
    return [replace(e, project=row.project, provider=row.provider) for e in events]
