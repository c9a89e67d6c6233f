"""What goes into a plan and what comes out.

PlanError           this repository cannot be built as it is: code, message, hint
└── NeedFilesError  the plan depends on files that nobody has looked at yet
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Stage = Literal["install", "check", "build"]
Verdict = Literal["used", "ignored", "impossible"]

MAX_TEXT = 256 * 1024
MAX_FILES = 5_000


class PlanError(Exception):
    """The repository cannot be built as it is: `code` for programs, the rest for people."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


class NeedFilesError(PlanError):
    """A root named in a file was not inspected: ask again with the files of `inspect`."""

    def __init__(self, root: str, inspect: list[str], file: str = "clouddeck.toml") -> None:
        super().__init__(
            "root_not_inspected",
            f'{file} sets root = "{root}", but the project does not look there.',
            f'Set the root of the project to "{root}" as well.',
        )
        self.inspect = inspect


@dataclass(frozen=True)
class FoundFile:
    """An inspected file; `text` is None when it is larger than 256 KiB or not text."""

    sha256: str
    text: str | None = None


@dataclass(frozen=True)
class Found:
    """The names at the top of a repository, and those of the inspected files that exist."""

    root_files: list[str] = field(default_factory=list)
    files: Mapping[str, FoundFile] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """What the project says. None and empty text mean "find out"."""

    framework: str | None = None
    root: str | None = None
    install_command: str | None = None
    build_command: str | None = None
    output_directory: str | None = None
    spa: bool | None = None
    watch: list[str] | None = None
    node_version: str | None = None
    python_version: str | None = None
    size: str | None = None
    gate: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Step:
    """One command of a build.

    The step named `install` is the one that an exact cache makes needless and `install_cached`
    replaces. With `allow_failure` the build goes on when it fails; with `always` it runs even
    after a failure. `junit` are globs of reports, relative to the folder it runs in; `folder` is
    relative to the tree, None is the plan's root.
    """

    name: str
    stage: Stage
    run: str
    allow_failure: bool = False
    always: bool = False
    junit: list[str] = field(default_factory=list)
    folder: str | None = None


@dataclass(frozen=True)
class Cache:
    """What is kept between builds, under a key that changes with the lock file.

    `url` and `sha256` are filled in by whoever knows what is kept, `write` by who may.
    """

    kind: Literal["dependencies", "framework"]
    key: str
    paths: list[str]
    url: str | None = None
    sha256: str | None = None
    write: bool = True


@dataclass(frozen=True)
class Said:
    """What a configuration of another platform says at one key, and what became of it."""

    file: str
    key: str
    verdict: Verdict
    why: str
    line: int | None = None


@dataclass(frozen=True)
class Scope:
    """What a build depends on: folders (`web/`), files and globs; `**` is the whole tree."""

    paths: list[str] = field(default_factory=lambda: ["**"])
    why: str = "nothing narrows it down"


@dataclass(frozen=True)
class Plan:
    """Everything the runner needs to know. Paths and commands are relative to `root`.

    `output_candidates` starts with `output`; the runner takes the first that exists. With a
    restored cache `install_cached`, where there is one, does what `install` does in less time.
    """

    framework: str
    name: str
    why: list[str]
    root: str
    install: str | None
    install_cached: str | None
    build: str | None
    output: str
    output_candidates: list[str]
    package_manager: str | None
    steps: list[Step]
    caches: list[Cache]
    env: dict[str, str]
    spa: bool
    clean_urls: bool
    warnings: list[str]
    node: str | None = None
    python: str | None = None
    report: list[Said] = field(default_factory=list)
    scope: Scope = field(default_factory=Scope)

    def to_json(self) -> dict[str, Any]:
        """The answer of the `plan` call."""
        return asdict(self)


def read_found(body: object) -> Found:
    """The body of the `plan` and `detect` calls as a Found; raises PlanError `invalid_request`."""
    if not isinstance(body, dict):
        raise PlanError("invalid_request", "The body must be an object.")
    names, files = body.get("root_files", []), body.get("files", {})
    if not isinstance(names, list) or not all(isinstance(n, str) for n in names):
        raise PlanError("invalid_request", "root_files must be a list of names.")
    if not isinstance(files, dict) or len(files) > MAX_FILES:
        raise PlanError("invalid_request", f"files must be an object of at most {MAX_FILES} files.")
    return Found(names, {path: _read_file(path, raw) for path, raw in files.items()})


def _read_file(path: str, raw: object) -> FoundFile:
    sha256 = raw.get("sha256", "") if isinstance(raw, dict) else None
    text = raw.get("text") if isinstance(raw, dict) else None
    if not isinstance(sha256, str) or not (text is None or isinstance(text, str)):
        raise PlanError("invalid_request", f"files/{path} must be an object of sha256 and text.")
    return FoundFile(sha256, text if text is not None and len(text) <= MAX_TEXT else None)
