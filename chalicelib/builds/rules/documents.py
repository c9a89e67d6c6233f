"""TOML, JSON and YAML that strangers wrote: read within bounds, with the line of every key.

PyYAML is the one library among these rules: it turns text into events and touches nothing else.
The tree is built here, from events that were counted, because its own loader would follow
references without end (an alias bomb) and make objects of tags.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chalicelib.builds.rules.model import PlanError
from chalicelib.builds.rules.pointer import pointed
from chalicelib.builds.rules.yaml_tree import MAX_DEPTH, Path, Tree, too_complex

MAX_BYTES = 256 * 1024
"""Of a TOML or JSON file: thousands of rules may stand in one."""
MAX_YAML = 64 * 1024
MAX_DOTS = 100

# What tomllib says, and what usually helps.
TOML_FIXES = (
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
JSON_FIXES = (
    ("Expecting property name", "Remove the comma before the closing brace; quote every name."),
    ("Expecting ',' delimiter", "Put a comma between two entries."),
    ("Expecting ':' delimiter", 'Write "name": value.'),
    ("Expecting value", "Write text in double quotes; JSON has no comments."),
    ("Illegal trailing comma", "Remove the comma before the closing bracket."),
)
YAML_FIXES = (
    ("found character '\\t'", "Indent with spaces; YAML allows no tabs."),
    ("found character", "Put the text in quotes."),
    ("mapping values are not allowed", "Quote text that has a colon; check the indentation."),
    ("could not find expected ':'", "Write key: value, with a space after the colon."),
    ("expected <block end>", "Indent this line like the lines above it."),
)


@dataclass(frozen=True)
class Document:
    """A file that was read. Scalars of YAML are text, apart from true, false and nothing."""

    file: str
    text: str
    value: dict[str, Any]
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, *path: str | int) -> int | None:
        """The line of a key, or that of the nearest key above it that has one."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return None


def read_toml(file: str, text: str | None) -> Document:
    """A TOML file; raises PlanError `config_invalid` with the place, or `config_too_complex`."""
    text = _bounded(file, text)
    # The parser takes quadratic time over dotted keys and recurses into brackets.
    if any(line.count(".") > MAX_DOTS for line in text.split("\n")):
        raise too_complex(file, f"has a line with more than {MAX_DOTS} dots")
    try:
        value = tomllib.loads(text.replace("\r\n", "\n").removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(file, text, str(error)) from None
    except (RecursionError, ValueError, OverflowError):
        raise too_complex(file, "is too deeply nested, or a number is too long") from None
    return Document(file, text, value, dict(_toml_lines(text)))


def read_json(file: str, text: str | None) -> Document:
    """A JSON file whose top is an object; raises PlanError like `read_toml`."""
    text = _bounded(file, text).removeprefix("\ufeff")
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise broken(file, text, (error.lineno, error.colno), error.msg, JSON_FIXES) from None
    except (RecursionError, ValueError):
        raise too_complex(file, "is too deeply nested, or a number is too long") from None
    if not isinstance(value, dict):
        raise broken(file, text, (1, 1), "the top must be an object", ())
    return Document(file, text, value, _json_lines(text))


def read_yaml(file: str, text: str | None) -> Document:
    """A YAML file whose top is a mapping; raises PlanError like `read_toml`."""
    import yaml

    text = _bounded(file, text, MAX_YAML).removeprefix("\ufeff")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    tree = Tree(file)
    try:
        for event in yaml.parse(text, Loader=loader):
            tree.add(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = error.problem or error.context or "this is not YAML"
        raise broken(file, text, place, what, YAML_FIXES) from None
    except yaml.YAMLError:
        raise broken(file, text, (1, 1), "a character is not allowed in YAML", ()) from None
    except (RecursionError, ValueError, OverflowError):
        raise too_complex(file, "is too deeply nested") from None
    if tree.top is None:
        return Document(file, text, {})
    if not isinstance(tree.top, dict):
        raise broken(file, text, (1, 1), "the top must be keys and values", ())
    return Document(file, text, tree.top, tree.lines)


def broken(
    file: str, text: str, place: tuple[int, int], what: str, fixes: tuple[tuple[str, str], ...]
) -> PlanError:
    """`config_invalid` that points at a line and column (from 1), with the usual remedy."""
    fix = next((fix for start, fix in fixes if what.startswith(start)), "")
    return PlanError(
        "config_invalid",
        pointed(file, text, *place, what[:1].upper() + what[1:]),
        fix or f"Correct {file} at this place, or remove it; docs/config.md says what is read.",
    )


def _bounded(file: str, text: str | None, most: int = MAX_BYTES) -> str:
    if text is None or len(text) > most:
        raise too_complex(file, f"is larger than {most // 1024} KiB, or is not text")
    return text


def _not_toml(file: str, text: str, said: str) -> PlanError:
    place = re.search(r"\(at line (\d+), column (\d+)\)$", said)
    lines = text.split("\n")
    at = (int(place[1]), int(place[2])) if place else (len(lines), len(lines[-1]) + 1)
    return broken(file, text, at, re.sub(r" \(at [^()]*\)$", "", said), TOML_FIXES)


def _toml_lines(text: str) -> Iterator[tuple[Path, int]]:
    """Where sections and keys stand, as far as they are written one to a line."""
    section: Path = ()
    seen: dict[Path, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        header = re.match(r"[ \t]*(\[\[?)[ \t]*([^\]#]{1,300}?)[ \t]*\]", line)
        if header:
            section = tuple(part.strip(" \t\"'") for part in header[2].split("."))
            if header[1] == "[[":
                seen[section] = seen.get(section, -1) + 1
                if not seen[section]:
                    yield section, number
                section = (*section, seen[section])
            yield section, number
            continue
        key = re.match(r"[ \t]*([\w.\"'-]{1,300}?)[ \t]*=", line)
        if key:
            yield (*section, *(part.strip("\"'") for part in key[1].split("."))), number


def _json_lines(text: str) -> dict[Path, int]:
    """The first line on which a name at the top, or one below it, is written."""
    lines: dict[Path, int] = {}
    depth, names = 0, [""] * (MAX_DEPTH + 1)
    number = 1
    for token in re.finditer(r'"(?:[^"\\\n]|\\.)*"(?=(\s*:)?)|[{}\[\]\n]', text):
        found = token[0]
        if found == "\n":
            number += 1
        elif found in "{[":
            depth += 1
        elif found in "}]":
            depth -= 1
        elif token[1] and 0 < depth <= 3:
            names[depth] = found[1:-1]
            lines.setdefault(tuple(names[1 : depth + 1]), number)
    return lines
