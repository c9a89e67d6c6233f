"""The pages an edge speaks for itself, in one voice wherever it runs."""

from dataclasses import dataclass
from html import escape
from http import HTTPStatus

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Content-Security-Policy of these pages: nothing of a site's runs in them."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What such a page says; `code` is what programs read (`X-CloudDeck-Error`)."""

    status: int
    title: str
    text: str
    code: str


METHOD = Notice(405, "Not allowed", "This address can only be read.", "method")
UNKNOWN_HOST = Notice(
    404,
    "No site here",
    "There is no site at this address. Check the spelling, or deploy one.",
    "unknown_host",
)
NOT_PUBLISHED = Notice(
    404,
    "Nothing here yet",
    "This site exists, but nothing has been published yet.",
    "not_published",
)
NO_DEPLOYMENT = Notice(
    404, "No deployment here", "This site has no such deployment.", "unknown_deployment"
)
NOT_FOUND = Notice(404, "Page not found", "This site has no page at this address.", "not_found")
NO_SUCH_PART = Notice(
    416, "No such part", "The file is shorter than the part that was asked for.", "range"
)
CONDITION_FAILED = Notice(
    412, "Not as expected", "The file is not the one that was asked about.", "condition"
)
ROUTE_UNAVAILABLE = Notice(
    502,
    "Site not available",
    "Which version of this site is the current one cannot be read right now. "
    "Please try again in a moment.",
    "route_unavailable",
)
CREDENTIALS = Notice(
    401, "Name and password", "This page opens with a name and a password.", "credentials"
)
UNUSABLE_RULE = Notice(
    502,
    "Site not available",
    "A rule of this site cannot be carried out. Whoever runs the site has to change it.",
    "rule_unusable",
)
_RULED = {
    401: "This page is not open to everybody.",
    403: "This page is not open to you.",
    410: "There was a page at this address. It was taken down for good.",
    451: "This page may not be shown for legal reasons.",
}


def ruled(status: int) -> Notice:
    """For a path that a rule answers with a status, and no file lies there to say it."""
    if status not in _RULED:
        return NOT_FOUND
    return Notice(status, HTTPStatus(status).phrase, _RULED[status], f"status_{status}")


def bad_address(status: int, reason: str) -> Notice:
    """For a path that could mean two things, or is too long."""
    return Notice(status, "Bad address", "This address cannot be understood.", reason)


def unavailable(deployment: str, *, missing: bool = False) -> Notice:
    """For a file that the store does not give; another deployment's is no substitute."""
    return Notice(
        502,
        "File not available",
        f"A file of deployment {deployment} cannot be read from the store right now. "
        "The rest of the site is not affected; please try again in a moment.",
        "blob_missing" if missing else "store_unavailable",
    )


def html(notice: Notice) -> str:
    """The page."""
    return _PAGE.format(title=escape(notice.title), text=escape(notice.text), status=notice.status)


_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 17px/1.5 system-ui, sans-serif; max-width: 34em; margin: 18vh auto }}
h1 {{ font-size: 1.4em }} p {{ color: #555 }} small {{ color: #888 }}
</style>
<h1>{title}</h1>
<p>{text}</p>
<small>{status} &middot; CloudDeck</small>
</html>
"""
