"""What every reader of a foreign file does: take wishes, and say what became of each key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.builds.rules.documents import Document
from chalicelib.builds.rules.model import PlanError, Said, Step, Verdict
from chalicelib.builds.rules.paths import safe_folder
from chalicelib.builds.rules.wishes import Wishes, check_command, settable

MOST_SAID = 200
ROUTES = "rules of its routes: `deck rules check` shows what they come to"
ROUTING = "rules of routes are not read here; write them into clouddeck.toml or _redirects"
SERVER = "CloudDeck serves files; this needs a server"
KEPT_ELSEWHERE = "the value is kept elsewhere; set it with `deck env add`"
ELSEWHERE = "this is a matter of the project, not of the repository"
INSTALL = re.compile(
    r"(?:npm (?:ci|i|install)|yarn(?: install)?|pnpm (?:i|install)|bun install)"
    r"(?: --?[a-z][a-z-]*(?:=[a-z-]+)?){0,6}"
)
Path = tuple[str | int, ...]


@dataclass
class Reading:
    """One file while it is read."""

    document: Document
    values: dict[str, Any] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    report: list[tuple[Said, str]] = field(default_factory=list)
    _sure: set[Path] = field(default_factory=set)

    @property
    def value(self) -> dict[str, Any]:
        """The file's content."""
        return self.document.value

    def say(self, path: Path, verdict: Verdict, why: str, wish: str = "") -> None:
        """Note what became of a key; `wish` is what it set."""
        self._sure.add(path)
        if len(self.report) < MOST_SAID:
            shown = ".".join(str(part) for part in path)[:200]
            line = self.document.line(*path)
            self.report.append((Said(self.document.file, shown, verdict, why, line), wish))

    def used(self, path: Path, why: str, wish: str = "") -> None:
        """This key decides something."""
        self.say(path, "used", why, wish)

    def ignored(self, path: Path, why: str) -> None:
        """This key changes nothing here."""
        self.say(path, "ignored", why)

    def impossible(self, path: Path, why: str) -> None:
        """This key asks for something that cannot be had."""
        self.say(path, "impossible", why)

    def at(self, path: Path) -> Any:
        """The value at a path, or None."""
        found: Any = self.value
        for part in path:
            inside = isinstance(found, dict | list) and (
                part in found if isinstance(found, dict) else isinstance(part, int)
            )
            if not inside or (isinstance(found, list) and int(part) >= len(found)):
                return None
            found = found[part]
        return found

    def table(self, path: Path) -> dict[str, Any]:
        """The table at a path, or an empty one; anything else is said to be ignored."""
        found = self.at(path)
        if found is not None and not isinstance(found, dict):
            self.ignored(path, "it must be keys and values")
        return found if isinstance(found, dict) else {}

    def listed(self, path: Path) -> list[Any]:
        """The list at a path, or an empty one; anything else is said to be ignored."""
        found = self.at(path)
        if found is not None and not isinstance(found, list):
            self.ignored(path, "it must be a list")
        return found if isinstance(found, list) else []

    def text(self, path: Path, wish: str, why: str) -> None:
        """Take a command, a folder or a name; what does not fit is said and left."""
        found = self.at(path)
        if found is None:
            return
        if not isinstance(found, str) or not found.strip():
            self.ignored(path, "it says nothing")
            return
        try:
            check_command(found, str(path[-1]))
            folder = wish in {"root", "output"}
            self.values[wish] = safe_folder(found, wish) if folder else found.strip()
            self.used(path, why, wish)
        except PlanError as error:
            self.ignored(path, error.message)

    def flag(self, path: Path, wish: str, why: str) -> None:
        """Take a true or false."""
        found = self.at(path)
        if isinstance(found, bool):
            self.values[wish] = found
            self.used(path, why, wish)
        elif found is not None:
            self.ignored(path, "it must be true or false")

    def build_command(self, path: Path) -> None:
        """Take a build command, without the install in front of it, which is done anyway."""
        self.text(path, "build", "the build command")
        written = self.values.get("build", "")
        first, sign, rest = (
            re.split(r"(&&|;)", written, maxsplit=1)
            if re.search("&&|;", written)
            else (written, "", "")
        )
        if INSTALL.fullmatch(first.strip()) and (rest.strip() or not sign):
            self.values["build"] = rest.strip()
            self.used(path, "the build command; its install is done before, from the lock file")

    def variable(self, path: Path, name: str, value: object) -> None:
        """Take one variable; a version of Node.js or Python becomes that."""
        shown = (
            {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value
        )
        if isinstance(shown, int | float):
            shown = str(shown)
        if not settable(name) or not isinstance(shown, str) or "\0" in shown or len(shown) > 8192:
            self.ignored(path, "a build cannot have a variable of this name or value")
            return
        tool = {"NODE_VERSION": "node", "PYTHON_VERSION": "python"}.get(name)
        if tool and re.fullmatch(r"v?\d{1,3}(\.\d{1,3}){0,2}(\.x)?", shown):
            self.values[tool] = shown.removeprefix("v").removesuffix(".x")
            self.used(path, f"the version of {'Node.js' if tool == 'node' else 'Python'}", tool)
            return
        self.env[name] = shown
        self.used(path, "a variable of the build")

    def variables(self, path: Path) -> None:
        """Take a table of variables."""
        for name, value in self.table(path).items():
            self.variable((*path, name), str(name), value)

    def commands(self, path: Path) -> str:
        """The commands of a phase as one script that ends at the first failure; may be empty."""
        found = self.at(path)
        listed = found if isinstance(found, list) else [found] if isinstance(found, str) else []
        kept: list[str] = []
        for number, command in enumerate(listed):
            place = (*path, number)
            if not isinstance(command, str) or not command.strip():
                self.ignored(place, "it is no text; put a command with a colon in quotes")
            elif re.match(r"aws\s|amplify\s|amplifyPush\b", command):
                self.ignored(place, "CloudDeck publishes by itself, and a build has no AWS account")
            else:
                if re.match(r"(?:sudo\s+)?docker\b", command):
                    self.impossible(place, "a build machine runs no containers")
                kept.append(command.strip())
        script = "\n".join(kept)
        try:
            check_command(script, ".".join(str(part) for part in path))
        except PlanError as error:
            self.ignored(path, error.message)
            return ""
        return f"set -e\n{script}" if len(kept) > 1 else script

    def others(
        self, path: Path, reasons: Mapping[str, tuple[Verdict, str]], known: Iterable[str]
    ) -> None:
        """Say what became of the keys of a table that nobody took."""
        for name in self.table(path):
            key = (*path, name)
            if name in reasons:
                self.say(key, *reasons[name])
            elif name not in known:
                self.ignored(key, "CloudDeck does not know this key")

    def wishes(self) -> Wishes:
        """What was taken."""
        return replace(Wishes(**self.values), env=self.env, steps=self.steps or None)
