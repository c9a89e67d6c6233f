"""What goes into a plan and what comes out.

PlanError           this repository cannot be built as it is: code, message, hint
└── NeedFilesError  the plan depends on files that nobody has looked at yet
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

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
    """A root named in clouddeck.toml was not inspected: ask again with the files of `inspect`."""

    def __init__(self, root: str, inspect: list[str]) -> None:
        super().__init__(
            "root_not_inspected",
            f'clouddeck.toml sets root = "{root}", but the project does not look there.',
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


@dataclass(frozen=True)
class Cache:
    """What is kept between builds, under a key that changes with the lock file."""

    key: str
    paths: list[str]
    url: str | None = None


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
    cache: Cache | None
    env: dict[str, str]
    spa: bool
    clean_urls: bool
    warnings: list[str]

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
