"""What the request function tells the response function: headers that ride along with the request.

Every value is short ASCII of a closed kind, so nothing that a repository names can break out of a
header. Whatever a visitor sent under these names is dropped before they are written.
"""

from __future__ import annotations

from dataclasses import dataclass

from functions.edge.origin.answer import Headers, first, headers

PREFIX = "x-clouddeck-"


@dataclass(frozen=True, slots=True)
class Notes:
    """How a blob is to be answered: `status` is 200 or that of a not-found page."""

    deployment: str
    site: str
    media_type: str
    caching: str
    status: int
    size: int
    preview: bool

    def written(self) -> Headers:
        """As request headers."""
        return headers(
            {
                "X-CloudDeck-Deployment": self.deployment,
                "X-CloudDeck-Site": self.site,
                "X-CloudDeck-Type": self.media_type,
                "X-CloudDeck-Caching": self.caching,
                "X-CloudDeck-Status": str(self.status),
                "X-CloudDeck-Size": str(self.size),
                "X-CloudDeck-Preview": "1" if self.preview else "0",
            }
        )


def drop(of: Headers) -> None:
    """Forget what a visitor may have sent under our names."""
    for name in [name for name in of if name.startswith(PREFIX)]:
        del of[name]


def read(of: Headers) -> Notes | None:
    """The notes among request headers; None when there are none."""
    if PREFIX + "status" not in of:
        return None
    return Notes(
        deployment=first(of, PREFIX + "deployment"),
        site=first(of, PREFIX + "site"),
        media_type=first(of, PREFIX + "type"),
        caching=first(of, PREFIX + "caching"),
        status=int(first(of, PREFIX + "status")),
        size=int(first(of, PREFIX + "size")),
        preview=first(of, PREFIX + "preview") == "1",
    )
