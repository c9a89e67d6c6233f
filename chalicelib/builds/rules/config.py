"""clouddeck.toml: the schema, the reader and its error sentences. docs/config.md describes it."""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.builds.rules.model import FoundFile, PlanError
from chalicelib.builds.rules.paths import CONFIG
from chalicelib.builds.rules.pointer import pointed

MAX_BYTES = 64 * 1024
MAX_COMMAND = 4096
MAX_DOTS = 100


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
        "cache": Key(bool, "cache", "false"),
        "env": Key(dict, "env", '{ SITE_NAME = "Tides" }'),
    },
    "site": {
        "spa": Key(bool, "spa", "true"),
        "clean_urls": Key(bool, "clean_urls", "false"),
    },
}
TYPES = {str: "text", bool: "true or false", dict: "a table"}
GIVEN = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "a table",
    str: "text",
}
# What tomllib says, and what usually helps.
FIXES = (
    ("Expected '=' after a key", 'Write key = value, for example command = "npm run build".'),
    ("Invalid value", 'Put text in double quotes, for example output = "dist".'),
    ("Illegal character '\\n'", "Close the quotes on the same line."),
    ("Unterminated string", "Close the quotes."),
    ("Unescaped '\\'", "Write a backslash twice, or put the text in single quotes."),
    ("Expected newline", "Put one key = value on each line."),
    ("Expected ']'", "Close the section name with a bracket: [build]."),
    ("Cannot declare", "Write every [section] once."),
    ("Cannot overwrite", "Write every key once."),
    ("Duplicate inline table key", "Write every key once."),
    ("Unclosed array", "Close the list with a bracket."),
)


@dataclass(frozen=True)
class Wishes:
    """What people asked for, from wherever; None means "find out", empty text means "nothing"."""

    framework: str | None = None
    root: str | None = None
    install: str | None = None
    build: str | None = None
    output: str | None = None
    cache: bool | None = None
    env: dict[str, str] = field(default_factory=dict)
    spa: bool | None = None
    clean_urls: bool | None = None

    def or_else(self, other: Wishes) -> Wishes:
        """These wishes, and the other's where these say nothing."""
        missing = {
            name: getattr(other, name)
            for name in self.__dataclass_fields__
            if name != "env" and getattr(self, name) is None
        }
        return replace(self, env={**other.env, **self.env}, **missing)


def read_config(file: FoundFile | None) -> tuple[Wishes, list[str]]:
    """The wishes of clouddeck.toml and warnings about keys nobody reads; raises PlanError."""
    if file is None:
        return Wishes(), []
    if file.text is None or len(file.text) > MAX_BYTES:
        raise _too_complex(f"is larger than {MAX_BYTES // 1024} KiB, or is not text")
    document = _parse(file.text)
    warnings: list[str] = []
    values: dict[str, Any] = {}
    for section, content in document.items():
        if section not in SCHEMA:
            warnings.append(_unknown_section(section))
            continue
        if not isinstance(content, dict):
            raise _wrong_type(file.text, "", section, content, Key(dict, "", f"[{section}]"))
        for name, value in content.items():
            key = SCHEMA[section].get(name)
            if key is None:
                warnings.append(_unknown_key(section, name))
                continue
            _check_type(file.text, section, name, value, key)
            values[key.field] = value
    _check_env(values.get("env", {}))
    return Wishes(**values), warnings


def _parse(text: str) -> dict[str, Any]:
    # The parser takes quadratic time over dotted keys and recurses into brackets.
    if any(line.count(".") > MAX_DOTS for line in text.split("\n")):
        raise _too_complex(f"has a line with more than {MAX_DOTS} dots")
    try:
        return tomllib.loads(text.replace("\r\n", "\n").removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(text, str(error)) from None
    except (RecursionError, ValueError, OverflowError):
        raise _too_complex("is too deeply nested, or a number is too long") from None


def _not_toml(text: str, said: str) -> PlanError:
    place = re.search(r"\(at line (\d+), column (\d+)\)$", said)
    lines = text.split("\n")
    line, column = (int(place[1]), int(place[2])) if place else (len(lines), len(lines[-1]) + 1)
    what = re.sub(r" \(at [^()]*\)$", "", said)
    fix = next((fix for start, fix in FIXES if what.startswith(start)), "")
    return PlanError(
        "config_invalid",
        pointed(CONFIG, text, line, column, what),
        fix or "Compare the line with the example in docs/config.md.",
    )


def _too_complex(what: str) -> PlanError:
    return PlanError(
        "config_too_complex",
        f"{CONFIG} {what}.",
        "Keep it to the keys of docs/config.md; it has a dozen lines at most.",
    )


def _check_type(text: str, section: str, name: str, value: object, key: Key) -> None:
    if type(value) is not key.type:
        raise _wrong_type(text, section, name, value, key)
    if isinstance(value, str):
        check_command(value, f"{CONFIG}: {name}")


def check_command(value: str, what: str) -> None:
    """Refuse text that no shell would take; raises PlanError."""
    if len(value) > MAX_COMMAND or any(
        (ord(c) < 32 and c not in "\n\t") or ord(c) == 127 for c in value
    ):
        raise PlanError(
            "config_invalid",
            f"{what} is longer than {MAX_COMMAND} characters or has control characters.",
            "Put long commands into a script in the repository.",
        )


def _check_env(env: dict[str, Any]) -> None:
    for name, value in env.items():
        fits = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,127}", name)
        reserved = name == "PATH" or name.startswith("CLOUDDECK_")
        if not fits or reserved or not isinstance(value, str) or "\0" in value:
            raise PlanError(
                "config_invalid",
                f"{CONFIG}: [build.env] cannot set {name[:80]!a}.",
                "Names are letters, digits and _, not PATH or CLOUDDECK_...; values are text.",
            )


def _wrong_type(text: str, section: str, name: str, value: object, key: Key) -> PlanError:
    given = GIVEN.get(type(value), "a date")
    line, column = _place(text, section, name)
    what = f"{name} must be {TYPES[key.type]}, not {given}"
    example = f"{name} = {key.example}" if section else key.example
    return PlanError(
        "config_invalid", pointed(CONFIG, text, line, column, what), f"Write {example}."
    )


def _place(text: str, section: str, name: str) -> tuple[int, int]:
    """Where the value of a key stands; the first line when the key is written in an unusual way."""
    current = ""
    for number, line in enumerate(text.split("\n"), 1):
        header = re.match(r"[ \t]*\[+[ \t]*([^\]#]*?)[ \t]*\]", line)
        if header:
            current = header[1]
            if current == f"{section}.{name}".strip("."):
                return number, 1
            continue
        key = re.match(rf"[ \t]*[\"']?{re.escape(name)}[\"']?[ \t]*=[ \t]*", line)
        if key and current == section:
            return number, key.end() + 1
    return 1, 1


def _nearest(name: str, known: list[str]) -> str | None:
    found = difflib.get_close_matches(name[:80].lower(), known, n=1)
    return found[0] if found else None


def _unknown_section(name: str) -> str:
    home = next((s for s, keys in SCHEMA.items() if name.lower() in keys), None)
    near = _nearest(name, list(SCHEMA))
    meant = f"; {name.lower()} belongs into [{home}]" if home else ""
    meant = meant or (f"; did you mean [{near}]?" if near else "")
    return f"{CONFIG}: nothing reads {_quoted(name)}{meant}".rstrip(".")


def _unknown_key(section: str, name: str) -> str:
    near = _nearest(name, list(SCHEMA[section]))
    home = next((s for s, keys in SCHEMA.items() if name.lower() in keys and s != section), None)
    meant = f"; {name.lower()} belongs into [{home}]" if home else ""
    meant = meant or (f"; did you mean {near}?" if near else "")
    return f"{CONFIG}: nothing reads {_quoted(name)} in [{section}]{meant}"


def _quoted(name: str) -> str:
    return f'"{ascii(name[:80])[1:-1]}"'
