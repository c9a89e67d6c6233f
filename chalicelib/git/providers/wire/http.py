"""Git over HTTP (gitprotocol-http(5)), to addresses that were checked."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from chalicelib.core import outbound
from chalicelib.core.outbound import Sink
from chalicelib.git.providers import Refused
from chalicelib.git.providers.rest import RECONNECT
from chalicelib.git.providers.wire.protocol import ADVERTISEMENT_BYTES, Session

SECONDS = 20.0
FETCH_SECONDS = 240.0
_SERVICE = "git-upload-pack"


def basic(user: str, password: str) -> dict[str, str]:
    """The header that opens a repository to a user."""
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


@dataclass(frozen=True)
class Http:
    """The repository at a URL, opened by headers."""

    url: str
    headers: dict[str, str] = field(default_factory=dict, repr=False)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Ask what the server can do; each request after that stands alone."""
        into = io.BytesIO()
        self._request(
            "GET", f"info/refs?service={_SERVICE}", {}, (into, ADVERTISEMENT_BYTES, SECONDS)
        )
        yield _Answering(self, into.getvalue())

    def _request(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        answer: tuple[Sink, int, float],
        body: bytes | None = None,
    ) -> None:
        into, limit, seconds = answer
        sent = {"Git-Protocol": "version=2", **headers, **self.headers}
        try:
            reply = outbound.request(
                method,
                f"{self.url}/{path}",
                headers=sent,
                body=body,
                seconds=seconds,
                into=into,
                limit=limit,
            )
        except outbound.NotAllowed as error:
            raise Refused("git_url_not_allowed", str(error)) from None
        except outbound.TooLarge:
            raise too_large(limit) from None
        self._check(reply.status)

    def _check(self, status: int) -> None:
        parts = urlsplit(self.url)
        if status in {401, 403}:
            raise Refused(
                "repo_access_denied", f"{parts.hostname} does not let us read it.", RECONNECT
            )
        if status in {404, 410}:
            raise Refused(
                "repo_not_found", f"{parts.hostname} has no such repository for us.", RECONNECT
            )
        if 300 <= status < 400:
            raise Refused(
                "repo_not_found",
                f"{parts.hostname} says that the repository is elsewhere, which we do not follow.",
                "Connect it by the address where it is now.",
            )
        if status != 200:
            raise OSError(f"{parts.hostname} answers {status} to git")


def too_large(limit: int) -> Refused:
    """A repository that is larger than what we take."""
    return Refused(
        "source_too_large",
        f"The source is larger than {limit // (1024 * 1024)} MiB.",
        "Keep large files out of the repository, for example with Git LFS.",
    )


class _Answering:
    def __init__(self, way: Http, opening: bytes) -> None:
        self._way = way
        self.opening = opening

    def ask(self, request: bytes, version: int, into: Sink, limit: int) -> None:
        headers = {
            "Content-Type": f"application/x-{_SERVICE}-request",
            "Accept": f"application/x-{_SERVICE}-result",
            "Git-Protocol": f"version={version}",
        }
        self._way._request("POST", _SERVICE, headers, (into, limit, FETCH_SECONDS), request)
