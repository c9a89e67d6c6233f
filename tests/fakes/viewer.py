"""The viewer half of CloudFront: our two functions, as they are deployed, in one Node process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import rjsmin

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "functions" / "edge"
Fields = dict[str, dict[str, Any]]


def deployed(name: str, domain: str) -> str:
    """The text of `viewer_request` or `viewer_response` as CloudFront gets it."""
    source = (SOURCES / f"{name}.js").read_text()
    text: str = rjsmin.jsmin(source)
    return text.replace("%SITES_DOMAIN%", domain)


def event_request(
    host: str, target: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> dict[str, Any]:
    """A request as CloudFront shows it to a function.

    `target` is path and query as they were sent. Names that came more than once are one field
    whose `value` is the first; cookies are no headers. `rawQueryString` stands for the method.
    """
    path, mark, query = target.partition("?")
    given = {"host": host, **{name.lower(): text for name, text in (headers or {}).items()}}
    cookies = given.pop("cookie", "")
    return {
        "method": method,
        "uri": path,
        "querystring": _fields(query.split("&")) if query else {},
        "headers": {name: {"value": text} for name, text in given.items()},
        "cookies": _fields(part.strip(" \t") for part in cookies.split(";") if "=" in part),
        "rawQueryString": query if mark else None,
    }


def set_cookies(answer: dict[str, Any]) -> list[str]:
    """The Set-Cookie lines of a response."""
    cookies: dict[str, dict[str, str]] = answer.get("cookies", {})
    return [f"{name}={it['value']}; {it['attributes']}" for name, it in cookies.items()]


def _fields(pairs: Iterable[str]) -> Fields:
    """Name and value pairs in CloudFront's shape."""
    found: Fields = {}
    for pair in pairs:
        name, _, text = pair.partition("=")
        if not name:
            continue
        if name not in found:
            found[name] = {"value": text}
            continue
        first = {"value": found[name]["value"]}
        found[name].setdefault("multiValue", [first]).append({"value": text})
    return found


class Viewer:
    """The functions of one distribution; `reads` are the keys that the last call read.

    Everything goes over the pipe of one process, so a Viewer belongs to one thread at a time.
    """

    def __init__(self, domain: str) -> None:
        self.reads: list[str] = []
        self.notes: list[str] = []
        self._process = subprocess.Popen(
            [
                "node",
                "--experimental-vm-modules",
                "--no-warnings",
                str(Path(__file__).with_suffix(".mjs")),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._say(
            {
                "request": deployed("viewer_request", domain),
                "response": deployed("viewer_response", domain),
            }
        )

    def request(
        self,
        request: dict[str, Any],
        kvs: dict[str, Any] | None,
        context: dict[str, Any] | None = None,
        *,
        tenant: dict[str, str] | None = None,
        now: int | None = None,
    ) -> dict[str, Any]:
        """What viewer-request answers: a request, or a response (it has a `statusCode`).

        `kvs` holds records by slug (None: no store at all), `tenant` the parameters of the
        distribution tenant (None: the ordinary distribution), `now` milliseconds.
        """
        records = None if kvs is None else {key: _text(record) for key, record in kvs.items()}
        asked = dict(request)
        call = {"kvs": records, "tenant": tenant, "now": now}
        if "rawQueryString" in asked:
            call["raw_query"] = asked.pop("rawQueryString")
        event = _event("viewer-request", context, request=asked)
        return self._call({"call": "request", "event": event, **call})

    def response(
        self,
        request: dict[str, Any],
        response: dict[str, Any],
        context: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """What viewer-response makes of an answer to `request`; CloudFront asks below 400 only."""
        event = _event("viewer-response", context, request=request, response=response)
        return self._call({"call": "response", "event": event})

    def _call(self, call: dict[str, Any]) -> dict[str, Any]:
        self._say(call)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"node ended with {self._process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        self.reads, self.notes = answer["reads"], answer["notes"]
        result: dict[str, Any] = answer["result"]
        return result

    def _say(self, document: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(document) + "\n")
        self._process.stdin.flush()

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _text(record: Any) -> str:
    return record if isinstance(record, str) else json.dumps(record, separators=(",", ":"))


def _event(kind: str, context: dict[str, Any] | None, **parts: Any) -> dict[str, Any]:
    return {
        "version": "1.0",
        "context": {
            "distributionDomainName": "d111111abcdef8.cloudfront.net",
            "distributionId": "EDFDVBD6EXAMPLE",
            "eventType": kind,
            "requestId": "a-request-of-the-tests",
            **(context or {}),
        },
        "viewer": {"ip": "198.51.100.11"},
        **parts,
    }
