"""Every error code that the code can give, found by reading it.

A code is a text that reaches a parameter, a dataclass field or a dictionary entry called `code`;
so whoever writes `Conflict("slug_taken", ...)` or `{"code": "timeout"}` is found without a list.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from chalicelib.core.http import TABLE

ROOT = Path(__file__).parents[3]
PACKAGES = ("adapters", "cdk/install", "chalicelib", "cli", "functions", "runner")
ALONE = ("cdk/gateway_responses.py",)
"""Modules that give codes in packages that give none otherwise."""

CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
LISTS = {"FAILURES", "OWN_FAULTS", "FAULTS", "_OS_HINTS"}
"""Constants that hold codes: as values of a dictionary or tuple, or as keys of FAULTS."""

Tree = tuple[str, ast.Module]


def trees() -> list[Tree]:
    """Every module of the product, by its path."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    paths += [ROOT / name for name in ALONE]
    return [(str(path.relative_to(ROOT)), ast.parse(path.read_text())) for path in paths]


@lru_cache(maxsize=1)
def codes() -> dict[str, str]:
    """Each code and one place that gives it."""
    found: dict[str, str] = {}
    modules = trees()
    takers = _takers(modules)
    for path, module in modules:
        for node in ast.walk(module):
            for code in _of_node(node, takers):
                found.setdefault(code, f"{path}:{getattr(node, 'lineno', 0)}")
    for route in TABLE:
        for name in re.findall(r"{(\w+)}", route.path):
            found.setdefault(f"{name}_not_found", route.path)
    return found


def _takers(modules: list[Tree]) -> dict[str, int | None]:
    """Callables with a parameter or field `code`, and its place; None = by keyword only."""
    takers: dict[str, int | None] = {"BadPath": 1}  # the edge shows its reason as the code
    bases: dict[str, set[str]] = {}
    for _, module in modules:
        for node in ast.walk(module):
            if isinstance(node, ast.ClassDef):
                bases.setdefault(node.name, set()).update(map(_name, node.bases))
                takers |= _of_class(node)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                names = [argument.arg for argument in node.args.args if argument.arg != "self"]
                if "code" in names and node.name != "__init__":
                    takers[node.name] = names.index("code")
                elif any(argument.arg == "code" for argument in node.args.kwonlyargs):
                    takers[node.name] = None
    grown = True
    while grown:
        heirs = {c for c, parents in bases.items() if c not in takers and parents & set(takers)}
        for heir in heirs:
            takers[heir] = next(takers[parent] for parent in bases[heir] if parent in takers)
        grown = bool(heirs)
    return takers


def _of_class(node: ast.ClassDef) -> dict[str, int | None]:
    fields = [
        item.target.id
        for item in node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    ]
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and item.name == "__init__":
            fields = [argument.arg for argument in item.args.args[1:]]
    return {node.name: fields.index("code")} if "code" in fields else {}


def _of_node(node: ast.AST, takers: dict[str, int | None]) -> Iterator[str]:
    if isinstance(node, ast.Call):
        yield from _of_call(node, takers)
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "code":
                yield from _texts(value)
    elif isinstance(node, ast.FunctionDef) and node.name.endswith("_fault"):
        for inner in ast.walk(node):  # "(code, sentence)"
            if isinstance(inner, ast.Return) and isinstance(inner.value, ast.Tuple):
                yield from _texts(inner.value.elts[0])
    elif isinstance(node, ast.Assign):
        yield from _of_assignment(node)


def _of_call(node: ast.Call, takers: dict[str, int | None]) -> Iterator[str]:
    name = _name(node.func)
    if name == "not_found" and node.args:
        yield from (f"{kind}_not_found" for kind in _texts(node.args[0]))
    elif name == "__init__" and node.args:  # super().__init__("code", ...) of an error
        yield from _texts(node.args[0])
    elif name in takers:
        place = takers[name]
        if place is not None and len(node.args) > place:
            yield from _texts(node.args[place])
        for keyword in node.keywords:
            if keyword.arg == "code":
                yield from _texts(keyword.value)


def _of_assignment(node: ast.Assign) -> Iterator[str]:
    target = node.targets[0]
    if isinstance(target, ast.Name) and target.id in LISTS:
        value = node.value
        if isinstance(value, ast.Dict):
            chosen = value.keys if target.id == "FAULTS" else value.values
        else:
            chosen = getattr(value, "elts", [])
        for item in chosen:
            yield from _texts(item.elts[0] if isinstance(item, ast.Tuple) else item)
    elif isinstance(target, ast.Name) and target.id == "code":
        yield from _texts(node.value)
    elif isinstance(target, ast.Tuple) and _name(target.elts[0]) == "code":
        value = node.value
        if isinstance(value, ast.Tuple):
            yield from _texts(value.elts[0])
        elif isinstance(value, ast.Call):  # code, hint = TABLE.get(errno, ("code", "hint"))
            for argument in value.args:
                if isinstance(argument, ast.Tuple):
                    yield from _texts(argument.elts[0])


def _texts(node: ast.AST | None) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.match(node.value):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _texts(value)
    elif isinstance(node, ast.Call) and _name(node.func) == "str" and node.args:
        yield from _texts(node.args[0])


def _name(node: ast.AST) -> str:
    return getattr(node, "id", "") or getattr(node, "attr", "")
