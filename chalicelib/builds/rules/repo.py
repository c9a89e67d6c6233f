"""What is known of a repository, seen from its root."""

from __future__ import annotations

import json
import re
from functools import cached_property, lru_cache
from typing import Any

from chalicelib.builds.frameworks import Check
from chalicelib.builds.rules.model import Found, FoundFile, PlanError
from chalicelib.builds.rules.pointer import pointed

_COMMENT = re.compile(r"^[ \t]*(?://|/\*|\*).*$", re.MULTILINE)


class Repo:
    """The inspected files below one root; paths are relative to it."""

    def __init__(self, found: Found, root: str) -> None:
        self.found = found
        self.root = root

    def file(self, path: str) -> FoundFile | None:
        """The inspected file, when it exists."""
        return self.found.files.get(path if self.root == "." else f"{self.root}/{path}")

    def top_file(self, path: str) -> FoundFile | None:
        """The same name at the top of the repository, for workspaces whose lock file lies there."""
        return self.found.files.get(path)

    def exists(self, path: str) -> bool:
        """Whether the file is there, inspected or only listed."""
        return self.file(path) is not None or (self.root == "." and path in self.found.root_files)

    def text(self, path: str) -> str:
        """The text, or nothing when the file is missing or too large."""
        file = self.file(path)
        return (file.text or "") if file else ""

    def first(self, paths: tuple[str, ...]) -> str | None:
        """The first of these paths that exists."""
        return next((path for path in paths if self.exists(path)), None)

    @cached_property
    def _package(self) -> tuple[dict[str, Any], PlanError | None]:
        text = self.text("package.json").removeprefix("\ufeff")
        if not text:
            return {}, None
        try:
            parsed = json.loads(text)
        except json.JSONDecodeError as error:
            return {}, _broken(text, error.lineno, error.colno, error.msg)
        except (RecursionError, ValueError):
            return {}, _broken(text, 1, 1, "Too deeply nested, or a number is too long")
        if not isinstance(parsed, dict):
            return {}, _broken(text, 1, 1, "Expecting an object")
        return parsed, None

    @property
    def package(self) -> dict[str, Any]:
        """package.json, or nothing when it is missing or broken."""
        return self._package[0]

    @property
    def package_error(self) -> PlanError | None:
        """Why package.json cannot be read."""
        return self._package[1]

    @cached_property
    def dependencies(self) -> dict[str, str]:
        """Packages of package.json with their ranges, development ones included."""
        merged: dict[str, str] = {}
        for kind in ("devDependencies", "dependencies"):
            listed = self.package.get(kind)
            if isinstance(listed, dict):
                merged.update({k: v for k, v in listed.items() if isinstance(v, str) and v})
        return merged

    @cached_property
    def scripts(self) -> dict[str, str]:
        """The scripts of package.json."""
        listed = self.package.get("scripts")
        if not isinstance(listed, dict):
            return {}
        return {k: v for k, v in listed.items() if isinstance(v, str) and v.strip()}

    def reason(self, check: Check, *, code: bool = False) -> str | None:
        """In words why the check holds, or None. With `code` commented-out lines do not count."""
        if check.package:
            return self._package_reason(check)
        if check.script:
            found = next((n for n, s in self.scripts.items() if search(check.script, s)), None)
            return f'the script "{found}" of package.json asks for it' if found else None
        for path in check.files:
            if not self.exists(path):
                continue
            if not check.match:
                return f"{path} is here"
            text = self.text(path)
            match = search(check.match, _COMMENT.sub("", text) if code else text)
            if match:
                return f"{path} contains {_shown(match[0])}"
        return None

    def capture(self, check: Check) -> str | None:
        """What the pattern's first group finds in the first file that has it."""
        for path in check.files:
            match = search(check.match, _COMMENT.sub("", self.text(path)))
            if match:
                return match[1].strip()
        return None

    def _package_reason(self, check: Check) -> str | None:
        wanted = self.dependencies.get(check.package)
        if wanted is None or (check.version and not re.fullmatch(check.version, wanted)):
            return None
        return f"package.json depends on {check.package}"


def search(pattern: str, text: str) -> re.Match[str] | None:
    """Search with `^` at every line."""
    return _compiled(pattern).search(text)


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.MULTILINE)


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`"


def _broken(text: str, line: int, column: int, what: str) -> PlanError:
    return PlanError(
        "config_invalid",
        pointed("package.json", text, line, column, what),
        "Correct the file until `npm pkg get name` can read it.",
    )
