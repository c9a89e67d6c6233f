"""Headers and generated answers in the shape that CloudFront wants them."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from chalicelib.edge.rules import pages, tags, types
from chalicelib.edge.rules.pages import Notice

Headers = dict[str, list[dict[str, str]]]
"""Lower-case name -> values, as Lambda@Edge events have them."""


def headers(pairs: dict[str, str]) -> Headers:
    """Plain headers as an event's."""
    return {name.lower(): [{"key": name, "value": value}] for name, value in pairs.items()}


def first(of: Headers, name: str) -> str:
    """The first value of a header; empty when absent."""
    values = of.get(name)
    return values[0]["value"] if values else ""


def caching(browsers: str, edge_seconds: int) -> str:
    """What browsers are told, and for how long CloudFront keeps it.

    The function towards the visitor takes `s-maxage` off, for there may be shared caches beyond.
    """
    return f"{browsers},s-maxage={edge_seconds}"


@dataclass(frozen=True, slots=True)
class Whose:
    """Out of which deployment an answer is, empty for none, and by which tags it is dropped."""

    deployment: str = ""
    site: str = ""
    preview: bool = False
    more_tags: tuple[str, ...] = ()

    @property
    def tags(self) -> str:
        """The value of its Cache-Tag header."""
        named = [tags.of_deployment(self.deployment)] if self.deployment else []
        named += [tags.of_site(self.site)] if self.site else []
        return ",".join((*named, *self.more_tags))

    @property
    def pairs(self) -> dict[str, str]:
        """The headers that say so."""
        return {
            **({"X-CloudDeck-Deployment": self.deployment} if self.deployment else {}),
            **({"Cache-Tag": self.tags} if self.tags else {}),
            **({"X-Robots-Tag": "noindex"} if self.preview else {}),
            "X-Content-Type-Options": "nosniff",
        }


def redirect(
    status: int, location: str, caching: str, *, carry: bool, more: dict[str, str]
) -> dict[str, Any]:
    """A move elsewhere. With `carry` its query is put back on the visitor's side."""
    carried = {"X-CloudDeck-Carry": "1"} if carry else {}
    return made(status, {"Location": location, "Cache-Control": caching, **carried, **more}, "")


def page(notice: Notice, edge_seconds: int, more: dict[str, str]) -> dict[str, Any]:
    """A page of our own; 0 seconds means that nobody keeps it."""
    keep = caching(types.REVALIDATE, edge_seconds) if edge_seconds else "no-store"
    return made(
        notice.status,
        {
            "Content-Type": "text/html; charset=utf-8",
            "Cache-Control": keep,
            "Content-Security-Policy": pages.POLICY,
            "X-CloudDeck-Error": notice.code,
            **more,
        },
        pages.html(notice),
    )


def made(status: int, pairs: dict[str, str], body: str) -> dict[str, Any]:
    """An answer that CloudFront gives in the place of the origin's."""
    return {
        "status": str(status),
        "statusDescription": HTTPStatus(status).phrase,
        "headers": headers(pairs),
        "body": body,
        "bodyEncoding": "text",
    }
