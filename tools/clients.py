"""`python -m tools.clients FILE`: the routes of the API as Python, for clients/python.

One class per subject, one method per route, a TypedDict per schema. What a client is by itself
(token, repeating, problems) stands in clients/python/clouddeck_client and is written by hand.
"""

from __future__ import annotations

import json
import keyword
import re
import sys
from pathlib import Path
from typing import Any

from tools.openapi import document

_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def written(api: dict[str, Any]) -> str:
    """The module."""
    parts = [
        '"""Made of the OpenAPI document by tools/clients.py; changes here are lost."""\n',
        "# ruff: noqa",
        "from __future__ import annotations\n",
        "from collections.abc import Callable",
        # List, because a class with a method `list` means that one where it says `list`
        "from typing import Any, List, Literal, NotRequired, TypedDict\n",
        "Ask = Callable[[str, str, dict[str, str], dict[str, Any], Any], Any]\n",
    ]
    parts += [_schema(name, shape) for name, shape in api["components"]["schemas"].items()]
    subjects: dict[str, list[str]] = {}
    used: set[tuple[str, str]] = set()
    for path, methods in api["paths"].items():
        for method, said in methods.items():
            if said["security"] == [{"build": []}]:
                continue  # a runner's, which nobody else can call
            tag = said["tags"][0]
            name = _name(said, tag)
            if (tag, name) in used:
                name = said["operationId"].removeprefix(f"{tag}_")
            used.add((tag, name))
            subjects.setdefault(tag, []).append(_method(name, method.upper(), path, said))
    for tag, members in subjects.items():
        parts.append(f"class {tag.capitalize()}:\n    def __init__(self, ask: Ask) -> None:\n")
        parts[-1] += "        self._ask = ask\n\n" + "\n".join(members)
    lines = [f"        self.{tag} = {tag.capitalize()}(ask)" for tag in subjects]
    parts.append("class Routes:\n    def __init__(self, ask: Ask) -> None:\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _name(said: dict[str, Any], tag: str) -> str:
    """What a route is called in its subject: `projects_list_projects` is `projects.list`."""
    words = str(said["operationId"]).removeprefix(f"{tag}_").split("_")
    left = [word for word in words if word and word not in {tag, tag.removesuffix("s")}]
    name = "_".join(left or words)
    return f"{name}_" if keyword.iskeyword(name) else name


def _class(name: str) -> str:
    plain = re.sub(r"^Page_(\w+)_$", r"\1Page", name)
    return re.sub(r"\W", "", plain.replace("-Input", "Input").replace("-Output", "Output"))


def _schema(name: str, shape: dict[str, Any]) -> str:
    if "properties" not in shape:
        return f"{_class(name)} = {_type(shape)}"
    required = set(shape.get("required", ()))
    fields = {
        key: _type(part) if key in required else f"NotRequired[{_type(part)}]"
        for key, part in shape["properties"].items()
    }
    inner = ", ".join(f"{key!r}: {kind!r}" for key, kind in fields.items())
    return f"{_class(name)} = TypedDict({_class(name)!r}, {{{inner}}})"


def _type(shape: dict[str, Any]) -> str:
    if "$ref" in shape:
        return _class(shape["$ref"].rpartition("/")[2])
    if "anyOf" in shape:
        return " | ".join(dict.fromkeys(_type(part) for part in shape["anyOf"]))
    if "const" in shape or "enum" in shape:
        values = shape.get("enum", [shape.get("const")])
        return f"Literal[{', '.join(repr(value) for value in values)}]"
    kind = shape.get("type")
    if kind == "array":
        return f"List[{'Any' if 'prefixItems' in shape else _type(shape.get('items', {}))}]"
    if kind == "object":
        values = shape.get("additionalProperties")
        return f"dict[str, {_type(values) if isinstance(values, dict) else 'Any'}]"
    return _PLAIN.get(str(kind), "Any")


def _method(name: str, method: str, path: str, said: dict[str, Any]) -> str:
    names = [part["name"] for part in said["parameters"] if part["in"] == "path"]
    query = [part for part in said["parameters"] if part["in"] == "query"]
    body = next(iter(said.get("requestBody", {}).get("content", {}).values()), None)
    takes = ["self", *(f"{part}: str" for part in names)]
    if body is not None:
        takes.append(f"body: {_type(body['schema'])}")
    if query:
        takes.append("*")
        takes += [
            f"{_safe(part['name'])}: {_type(part['schema'])}"
            + ("" if part["required"] else _or_none(_type(part["schema"])))
            for part in query
        ]
    answers = [said["responses"][code] for code in said["responses"] if code.startswith("2")]
    content = answers[0].get("content", {}) if answers else {}
    kind = _type(next(iter(content.values()))["schema"]) if content else "None"
    given = "{" + ", ".join(f"{part!r}: {part}" for part in names) + "}"
    asked = "{" + ", ".join(f"{part['name']!r}: {_safe(part['name'])}" for part in query) + "}"
    text = f"{said['summary']}\n\n        `{method} {path}`".replace("\\", "")
    sent = "body" if body is not None else "None"
    call = f"self._ask({method!r}, {path!r}, {given}, {asked}, {sent})"
    does = f"found: {kind} = {call}\n        return found" if kind != "None" else call
    return (
        f"    def {name}({', '.join(takes)}) -> {kind}:\n"
        f'        """{text}\n        """\n'
        f"        {does}\n"
    )


def _or_none(kind: str) -> str:
    return " = None" if kind.endswith("None") else " | None = None"


def _safe(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name


if __name__ == "__main__":
    place = Path(sys.argv[1])
    place.write_text(written(json.loads(document())))
