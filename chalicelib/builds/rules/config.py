"""clouddeck.toml: the schema, the reader and its error sentences. docs/config.md describes it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.builds.rules.documents import Document, read_toml
from chalicelib.builds.rules.model import FoundFile, PlanError, Step
from chalicelib.builds.rules.paths import CONFIG, safe_folder
from chalicelib.builds.rules.pointer import pointed
from chalicelib.builds.rules.scope import check_watch
from chalicelib.builds.rules.versions import check_version
from chalicelib.builds.rules.wishes import Wishes, check_command, check_env

MAX_STEPS = 50
STAGES = ("install", "check", "build")
TAKEN = ("install", "build")


@dataclass(frozen=True)
class Key:
    """One key: its type, the field it sets, an example."""

    type: type
    field: str
    example: str


SCHEMA: dict[str, dict[str, Key]] = {
    "build": {
        "framework": Key(str, "framework", '"vite"'),
        "root": Key(str, "root", '"web"'),
        "install": Key(str, "install", '"npm ci"'),
        "command": Key(str, "build", '"npm run build"'),
        "output": Key(str, "output", '"dist"'),
        "node": Key(str, "node", '"20"'),
        "python": Key(str, "python", '"3.12"'),
        "watch": Key(list, "watch", '["web/**", "!web/**/*.md"]'),
        "cache": Key(bool, "cache", "false"),
        "env": Key(dict, "env", '{ SITE_NAME = "Tides" }'),
    },
    "site": {
        "spa": Key(bool, "spa", "true"),
        "clean_urls": Key(bool, "clean_urls", "false"),
        "trailing_slash": Key(str, "", '"never"'),
        "not_found": Key(str, "", '"404.html"'),
    },
}
"""Section -> its keys; one without a field is no matter of the build."""

ROUTES = ("redirects", "rewrites", "headers", "auth", "backends", "i18n")
"""Tables that say what a request for a path leads to; `routing` reads them."""
OF_RELEASES = ("schedules",)
"""Tables that are put in force with a release; `projects/rules/declared.py` reads them."""
STEP: dict[str, Key] = {
    "name": Key(str, "name", '"test"'),
    "run": Key(str, "run", '"npm test"'),
    "stage": Key(str, "stage", '"check"'),
    "folder": Key(str, "folder", '"web"'),
    "junit": Key(list, "junit", '["reports/*.xml"]'),
    "allow_failure": Key(bool, "allow_failure", "true"),
    "always": Key(bool, "always", "true"),
}
TYPES = {str: "text", bool: "true or false", dict: "a table", list: "a list of texts"}
GIVEN = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "a table",
    str: "text",
}


def read_config(file: FoundFile | None) -> tuple[Wishes, list[str]]:
    """The wishes of clouddeck.toml and warnings about keys nobody reads; raises PlanError."""
    if file is None:
        return Wishes(), []
    document = read_toml(CONFIG, file.text)
    warnings: list[str] = []
    values: dict[str, Any] = {}
    for section, content in document.value.items():
        if section == "steps":
            values["steps"] = list(_steps(document, content, warnings))
            continue
        if section in ROUTES + OF_RELEASES:
            continue
        if section not in SCHEMA:
            warnings.append(_unknown_section(section))
            continue
        if not isinstance(content, dict):
            raise _wrong_type(document, (section,), content, Key(dict, "", f"[{section}]"))
        for name, value in content.items():
            key = SCHEMA[section].get(name)
            if key is None:
                warnings.append(_unknown_key(name, SCHEMA[section], f"[{section}]", section))
                continue
            _check_type(document, (section, name), value, key)
            if key.field:
                values[key.field] = value
    _check_values(values)
    return Wishes(**values), warnings


def _check_values(values: dict[str, Any]) -> None:
    check_env(values.get("env", {}), f"{CONFIG}: [build.env]")
    if "watch" in values:
        check_watch(values["watch"], f"{CONFIG}: watch")
    for name in ("node", "python"):
        if name in values:
            values[name] = check_version(values[name], f"{CONFIG}: {name}")


def _steps(document: Document, content: object, warnings: list[str]) -> Iterator[Step]:
    if not isinstance(content, list) or not all(isinstance(step, dict) for step in content):
        raise _refused(document, ("steps",), "steps are written one by one", "Write [[steps]].")
    if len(content) > MAX_STEPS:
        raise _refused(
            document,
            ("steps", MAX_STEPS),
            f"more than {MAX_STEPS} steps",
            "Put several commands into one script.",
        )
    names: set[str] = set()
    for number, raw in enumerate(content):
        for name, value in raw.items():
            if name in STEP:
                _check_type(document, ("steps", number, name), value, STEP[name])
            else:
                warnings.append(_unknown_key(name, STEP, "[[steps]]", ""))
        yield _step(document, number, {k: v for k, v in raw.items() if k in STEP}, names)


def _step(document: Document, number: int, raw: dict[str, Any], names: set[str]) -> Step:
    place = ("steps", number)
    if not raw.get("run", "").strip():
        raise _refused(document, place, "a step needs a command", 'Write run = "npm test".')
    if raw.get("stage", "check") not in STAGES:
        hint = 'Write stage = "check" (or "install", or "build").'
        raise _refused(document, (*place, "stage"), "there is no such stage", hint)
    name = raw.get("name") or f"step {number + 1}"
    if len(name) > 60 or not name.isprintable() or name in TAKEN or name in names:
        what = f"a step cannot be called {name[:80]!a}"
        hint = "Every step has a name of its own, of at most 60 characters, not install or build."
        raise _refused(document, (*place, "name"), what, hint)
    names.add(name)
    folder = raw.get("folder")
    return Step(
        name=name,
        stage=raw.get("stage", "check"),
        run=raw["run"].strip(),
        allow_failure=raw.get("allow_failure", False),
        always=raw.get("always", False),
        junit=check_watch(raw.get("junit", []), f"{CONFIG}: junit"),
        folder=None if folder is None else safe_folder(folder, "folder"),
    )


def _check_type(document: Document, path: tuple[str | int, ...], value: object, key: Key) -> None:
    listed = isinstance(value, list) and not all(isinstance(entry, str) for entry in value)
    if type(value) is not key.type or listed:
        raise _wrong_type(document, path, value, key)
    if isinstance(value, str):
        check_command(value, f"{CONFIG}: {path[-1]}")


def _wrong_type(
    document: Document, path: tuple[str | int, ...], value: object, key: Key
) -> PlanError:
    given = GIVEN.get(type(value), "a date")
    what = f"{path[-1]} must be {TYPES[key.type]}, not {given}"
    example = f"{path[-1]} = {key.example}" if len(path) > 1 else key.example
    return _refused(document, path, what, f"Write {example}.")


def _refused(document: Document, path: tuple[str | int, ...], what: str, hint: str) -> PlanError:
    """`config_invalid` that points at the value of a key, or at the line of its section."""
    line = document.line(*path) or 1
    written = document.text.split("\n")[line - 1]
    name, equals, value = written.partition("=")
    # The key may be further up when the value was written in an unusual way.
    fits = equals and name.strip(" \t\"'").split(".")[-1].strip("\"'") == str(path[-1])
    column = len(written) - len(value.lstrip()) + 1 if fits else 1
    return PlanError("config_invalid", pointed(CONFIG, document.text, line, column, what), hint)


def _nearest(name: str, known: list[str]) -> str | None:
    found = difflib.get_close_matches(name[:80].lower(), known, n=1)
    return found[0] if found else None


def _unknown_section(name: str) -> str:
    home = next((s for s, keys in SCHEMA.items() if name.lower() in keys), None)
    near = _nearest(name, [*SCHEMA, "steps", *ROUTES])
    meant = f"; {name.lower()} belongs into [{home}]" if home else ""
    meant = meant or (f"; did you mean [{near}]?" if near else "")
    return f"{CONFIG}: nothing reads {_quoted(name)}{meant}".rstrip(".")


def _unknown_key(name: str, known: dict[str, Key], where: str, section: str) -> str:
    near = _nearest(name, list(known))
    home = next((s for s, keys in SCHEMA.items() if name.lower() in keys and s != section), None)
    meant = f"; {name.lower()} belongs into [{home}]" if home else ""
    meant = meant or (f"; did you mean {near}?" if near else "")
    return f"{CONFIG}: nothing reads {_quoted(name)} in {where}{meant}"


def _quoted(name: str) -> str:
    return f'"{ascii(name[:80])[1:-1]}"'
