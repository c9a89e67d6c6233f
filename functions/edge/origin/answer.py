"""Headers and generated answers in the shape that CloudFront wants them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from chalicelib.edge.rules import pages, types
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


def whose(deployment: str, site: str, *, preview: bool) -> dict[str, str]:
    """The headers that say out of which deployment an answer is, and by which tags to purge it."""
    tags = [f"dep-{deployment.removeprefix('dpl_')}"] if deployment else []
    tags += [f"site-{site}"] if site else []
    return {
        **({"X-CloudDeck-Deployment": deployment} if deployment else {}),
        **({"Cache-Tag": ",".join(tags)} if tags else {}),
        **({"X-Robots-Tag": "noindex"} if preview else {}),
        "X-Content-Type-Options": "nosniff",
    }


def redirect(location: str, edge_seconds: int, more: dict[str, str]) -> dict[str, Any]:
    """A move to another path of the same site. Its query is put back on the visitor's side."""
    return _answer(
        308,
        {"Location": location, "Cache-Control": caching(types.REVALIDATE, edge_seconds), **more},
        "",
    )


def page(notice: Notice, edge_seconds: int, more: dict[str, str]) -> dict[str, Any]:
    """A page of our own; 0 seconds means that nobody keeps it."""
    keep = caching(types.REVALIDATE, edge_seconds) if edge_seconds else "no-store"
    return _answer(
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


def _answer(status: int, pairs: dict[str, str], body: str) -> dict[str, Any]:
    return {
        "status": str(status),
        "statusDescription": HTTPStatus(status).phrase,
        "headers": headers(pairs),
        "body": body,
        "bodyEncoding": "text",
    }
