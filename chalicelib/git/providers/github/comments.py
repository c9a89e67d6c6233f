"""One comment below a pull request, written again in place."""

from __future__ import annotations

from chalicelib.git.providers import Link, Refused, payloads
from chalicelib.git.providers.rest import Api, path_of

_MARKER = "<!--"


def write(api: Api, link: Link, number: int, text: str, known: str) -> str:
    """Write or replace; one whose id was lost on its way to us is found by its first line."""
    place = f"repos/{path_of(link.repository)}/issues"
    known = known if known.isascii() and known.isdigit() else _lost(api, link, number, text)
    if known:
        reply = api.send("PATCH", f"{place}/comments/{known}", {"body": text}, also=(404, 410))
        if reply.status < 300:
            return known
    made = api.must("POST", f"{place}/{number}/comments", {"body": text})
    return str(payloads.number(made, "id"))


def _lost(api: Api, link: Link, number: int, text: str) -> str:
    marker = text.split("\n", 1)[0]
    if not marker.startswith(_MARKER):
        return ""
    ours = _ours(api, link)
    place = f"repos/{path_of(link.repository)}/issues/{number}/comments?per_page=100"
    for entry in api.pages(place):
        if not payloads.text(entry, "body", most=1000).startswith(marker):
            continue
        author = payloads.at(entry, "performed_via_github_app", "id")
        if link.credential != "app":
            author = payloads.at(entry, "user", "id")
        if ours and str(author) == ours:
            return str(payloads.number(entry, "id"))
    return ""


def _ours(api: Api, link: Link) -> str:
    """Who writes: a comment that looks like ours may be somebody else's."""
    if link.credential == "app":
        return link.user
    try:
        return str(payloads.number(api.must("GET", "user"), "id"))
    except (Refused, ValueError):
        return ""
