"""What the edge says to requests that never reach a site, in either version of HTTP."""

from chalicelib.edge.rules.pages import Notice

FAULT = Notice(500, "Our fault", "The edge made a mistake. It is in the log.", "internal")
LONG_HEAD = Notice(431, "Too much", "The request's head is too large.", "bad_request")
LONG_BODY = Notice(413, "Too much", "A body of at most 10 MiB can be taken.", "body_too_large")
NO_ROOM = Notice(503, "Too busy", "There is no room for that body now. Try again.", "busy")
MISDIRECTED = Notice(
    421,
    "Wrong connection",
    "This connection was made for another host. Make one for this host.",
    "misdirected",
)


def bad(text: str) -> Notice:
    """For what no browser sends."""
    return Notice(400, "Bad request", text, "bad_request")
