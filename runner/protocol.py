"""The runner API: one method per call, every one of them safe to repeat."""

import contextlib
import json
import re
from typing import Any, NamedTuple

from runner.client import Client, Request
from runner.errors import ApiError, BuildClosed

Json = dict[str, Any]
REPORTS = frozenset({"logs", "complete", "fail"})
"""Calls whose texts are for people: what no text may hold there costs a sign, not the report."""

_FORBIDDEN = re.compile("[\x00\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
"""NUL, lone surrogates, and what turns the direction of a text: the API takes none of them."""

ENDED = frozenset({"build_closed", "already_claimed"})


def _readable(value: Any) -> Any:
    """The same with a replacement character for every one that is forbidden."""
    if isinstance(value, str):
        return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {_readable(name): _readable(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_readable(one) for one in value]
    return value


class Limits(NamedTuple):
    """What this build may produce; sizes in bytes."""

    log_bytes: int = 10 * 1024 * 1024
    output_files: int = 100_000
    output_bytes: int = 5 * 1024**3
    file_bytes: int = 512 * 1024**2


class Claim(NamedTuple):
    """The job, as the API described it.

    `gate` is what a secret in the output does: "block", "warn" or "off".
    """

    build: str
    deployment: str
    slug: str
    deadline_ms: int
    source: Json
    inspect: list[str]
    env: dict[str, str]
    secrets: list[str]
    limits: Limits
    list_url: str
    list_headers: dict[str, str]
    gate: str = "block"


class Step(NamedTuple):
    """One command of the build.

    `stage` is "install", "check" or "build"; `junit` are globs of test reports, below the folder
    it runs in; `folder` is relative to the tree, None is the plan's root. With `allow_failure` the
    build goes on when it fails; `always` runs it even after a failure.
    """

    name: str
    stage: str
    run: str
    allow_failure: bool = False
    always: bool = False
    junit: tuple[str, ...] = ()
    folder: str | None = None


class Kept(NamedTuple):
    """An archive between builds; `url` and `sha256` are None when there is none to restore."""

    kind: str
    key: str
    paths: list[str]
    url: str | None
    sha256: str | None
    write: bool


class Plan(NamedTuple):
    """How to build this tree, as decided by the API.

    `outputs` are the folders to publish from, the first that exists. `install_cached` does what
    the step `install` does in less time once its cache is restored.
    """

    framework: str
    name: str
    why: list[str]
    root: str
    steps: list[Step]
    outputs: list[str]
    caches: list[Kept]
    env: dict[str, str]
    install_cached: str | None = None
    warnings: tuple[str, ...] = ()
    node: str | None = None
    python: str | None = None


class Api:
    """Calls of the build token's holder."""

    def __init__(self, base: str, token: str, client: Client) -> None:
        self._base = base.rstrip("/") + "/v1/runner/"
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.client = client

    def call(self, name: str, body: Json, *, patience: float = 60.0) -> Json:
        """POST one call and return its answer.

        Raises BuildClosed when nobody waits for this build, ApiError for any other refusal,
        Unreachable when no answer came within `patience` seconds.
        """
        told = _readable(body) if name in REPORTS else body
        data = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        raw = data.encode("utf-8", "replace")
        answer = self.client.send(
            Request("POST", self._base + name, self._headers, raw), patience=patience
        )
        parsed = _json(answer.body)
        if 200 <= answer.status < 300:
            return parsed
        code = str(parsed.get("code") or f"http_{answer.status}")
        if answer.status == 409 and code in ENDED:
            self.client.closed.set()
            raise BuildClosed(code)
        detail = str(parsed.get("detail") or parsed.get("title") or "no explanation was given")
        raise ApiError(answer.status, code, detail, str(parsed.get("hint") or ""))

    def claim(self, instance: str, version: str, sandbox: list[str]) -> Claim:
        """Take the job. The same `instance` may ask again; another one is told BuildClosed."""
        raw = self.call("claim", {"instance": instance, "version": version, "sandbox": sandbox})
        given = raw.get("limits") or {}
        limits = {name: int(given[name]) for name in Limits._fields if given.get(name)}
        upload = raw.get("upload") or {}
        return Claim(
            build=str(raw.get("build", "")),
            deployment=str(raw.get("deployment", "")),
            slug=str((raw.get("project") or {}).get("slug", "")),
            deadline_ms=int(raw["deadline_ms"]),
            source=raw["source"],
            inspect=[str(path) for path in raw.get("inspect") or []],
            env=_texts(raw.get("env")),
            secrets=[str(name) for name in raw.get("secrets") or []],
            limits=Limits(**limits),
            list_url=str(upload.get("list_url", "")),
            list_headers=_texts(upload.get("list_headers")),
            gate=str(raw.get("gate") or "block"),
        )

    def plan(self, root_files: list[str], files: Json) -> Plan:
        """Describe the tree and learn how to build it."""
        raw = self.call("plan", {"root_files": root_files, "files": files})
        return Plan(
            framework=str(raw.get("framework") or "static"),
            name=str(raw.get("name") or raw.get("framework") or "static"),
            why=[str(line) for line in raw.get("why") or []],
            root=str(raw.get("root") or "."),
            steps=[_step(given) for given in raw.get("steps") or []],
            outputs=_outputs(raw),
            caches=[_kept(given) for given in raw.get("caches") or []],
            env=_texts(raw.get("env")),
            install_cached=raw.get("install_cached") or None,
            warnings=tuple(str(line) for line in raw.get("warnings") or []),
            node=raw.get("node") or None,
            python=raw.get("python") or None,
        )


def _step(raw: Json) -> Step:
    return Step(
        name=str(raw["name"]),
        stage=str(raw["stage"]),
        run=str(raw["run"]),
        allow_failure=bool(raw.get("allow_failure")),
        always=bool(raw.get("always")),
        junit=tuple(str(glob) for glob in raw.get("junit") or []),
        folder=raw.get("folder") or None,
    )


def _kept(raw: Json) -> Kept:
    return Kept(
        kind=str(raw["kind"]),
        key=str(raw["key"]),
        paths=[str(path) for path in raw.get("paths") or []],
        url=raw.get("url") or None,
        sha256=raw.get("sha256") or None,
        write=bool(raw.get("write")),
    )


def _outputs(raw: Json) -> list[str]:
    first = str(raw.get("output") or ".")
    others = [str(path) for path in raw.get("output_candidates") or []]
    return list(dict.fromkeys([first, *others]))


def _texts(raw: Json | None) -> dict[str, str]:
    return {str(name): str(value) for name, value in (raw or {}).items()}


def _json(body: bytes) -> Json:
    with contextlib.suppress(ValueError):
        parsed = json.loads(body or b"{}")
        if isinstance(parsed, dict):
            return parsed
    return {}
