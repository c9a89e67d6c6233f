"""The way to the API: token, waiting, repeating, and answers as Python knows them."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Callable
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from clouddeck_client._problem import Problem
from clouddeck_client._routes import Routes

PASSING = frozenset({429, 502, 503, 504})
LONGEST_SECONDS = 30.0


class _Staying(HTTPRedirectHandler):
    """Follows nowhere: the token is for the API, and would be taken along to any other host."""

    def redirect_request(self, *_: Any) -> None:
        """Leave the answer as it is, which is an HTTPError."""


urlopen = build_opener(_Staying).open


class CloudDeck(Routes):
    """The API of one installation, as its routes: `deck.projects.get("shop")`.

    `api` is its address without `/v1`, else `CLOUDDECK_API`, else the embedded cloud of this
    computer; `token` an API key or an access token, else `CLOUDDECK_TOKEN`. A request is sent
    `attempts` times at most. Whatever the API refuses is raised as Problem; when it cannot be
    reached, OSError.
    """

    def __init__(
        self,
        api: str | None = None,
        token: str | None = None,
        *,
        attempts: int = 4,
        timeout: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._api = (api or os.environ.get("CLOUDDECK_API") or "http://localhost:8080").rstrip("/")
        if not self._api.startswith(("http://", "https://")):
            raise ValueError(f"{self._api!r} is no address of an API")
        self._token = token or os.environ.get("CLOUDDECK_TOKEN") or ""
        self._attempts, self._timeout, self._sleep = attempts, timeout, sleep
        super().__init__(self._ask)

    def _ask(
        self,
        method: str,
        path: str,
        names: dict[str, str],
        query: dict[str, Any],
        body: Any,
    ) -> Any:
        """The answer of a route: JSON, or the text of what is none; None for an empty one."""
        where = self._api + path.format(
            **{key: quote(name, safe="") for key, name in names.items()}
        )
        given = {key: _written(value) for key, value in query.items() if value is not None}
        headers = {"Accept": "application/json", "User-Agent": "clouddeck-client/0.1.0"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        if method == "POST":
            # so that sending it again does nothing again
            headers["Idempotency-Key"] = str(uuid.uuid4())
        request = Request(  # noqa: S310  # `__init__` takes http and https only
            f"{where}?{urlencode(given)}" if given else where,
            None if body is None else json.dumps(body).encode(),
            headers,
            method=method,
        )
        kind, content = self._sent(request)
        if not content:
            return None
        return json.loads(content) if "json" in kind else content.decode()

    def _sent(self, request: Request) -> tuple[str, bytes]:
        """Send a request until it is answered for good; a PATCH again only if nothing was done."""
        again = request.get_method() != "PATCH"
        for attempt in range(1, self._attempts + 1):
            last, told = attempt == self._attempts, ""
            try:
                with urlopen(request, timeout=self._timeout) as answer:
                    return str(answer.headers.get("Content-Type")), answer.read()
            except HTTPError as error:
                found = Problem.of(error.code, _rest(error))
                if last or error.code not in PASSING or not (again or error.code == 429):
                    raise found from None
                told = str(error.headers.get("Retry-After") or "")
            except (OSError, HTTPException) as error:
                if last or not again:
                    raise error if isinstance(error, OSError) else OSError(repr(error)) from error
            waiting = float(told) if told.isdigit() else 0.25 * 2**attempt
            self._sleep(min(waiting, LONGEST_SECONDS))
        raise AssertionError("the last attempt returns or raises")


def _rest(error: HTTPError) -> bytes:
    """What stands in a refusal; nothing when it breaks off."""
    try:
        return error.read()
    except (OSError, HTTPException):
        return b""


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
