"""Which modules of ours a program can ever import, read out of its sources.

What only the other functions run needs not lie in the package that a cold start of the API
unpacks. Imports inside functions count as well; a module that is named by a text (`wiring.py`
registers git hosts in that way) counts if the text is the whole name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def reached(root: Path, start: str, room: str) -> set[Path]:
    """Files below `root` that the module `start` may import, itself included.

    `room` is the package whose modules are followed. Raises SyntaxError for what is no Python.
    """
    known = {start: root / f"{start}.py", **_modules(root, room)}
    found: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _imported(known[name], known)
    return {known[name] for name in found}


def _modules(root: Path, room: str) -> dict[str, Path]:
    """Name -> file of every module of a package."""
    found = {}
    for path in (root / room).rglob("*.py"):
        name = ".".join(path.relative_to(root).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path
    return found


def _imported(path: Path, known: dict[str, Path]) -> set[str]:
    """Modules that a file names, and the packages around them, as far as they are `known`."""
    found = set()
    for name in _named(ast.parse(path.read_bytes())):
        parts = name.split(".")
        found |= {".".join(parts[:count]) for count in range(1, len(parts) + 1)} & known.keys()
    return found


def _named(tree: ast.AST) -> Iterator[str]:
    """Every name that could be a module's; what is imported for types alone counts too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
