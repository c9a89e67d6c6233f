"""Describes the tree to the API, and checks that its plan stays inside the tree."""

import contextlib
import hashlib
import os
import stat
from pathlib import Path

from runner.errors import ApiError, Failure
from runner.protocol import Api, Json, Plan

LONGEST_TEXT = 256 * 1024
LONGEST_HASHED = 64 * 1024 * 1024
MOST_NAMES = 5000
# Reasons for which there is no plan that the owner can remove.
OWN_FAULTS = (
    "config_invalid",
    "config_too_complex",
    "framework_not_static",
    "framework_unknown",
    "path_outside_root",
    "root_not_inspected",
)


def ask(api: Api, tree: Path, inspect: list[str]) -> Plan:
    """How to build this tree. Raises Failure with the API's reason."""
    files = {path: found for path in inspect if (found := look(tree, path)) is not None}
    names = sorted(entry.name for entry in os.scandir(tree) if _clean(entry.name))
    try:
        return api.plan(names[:MOST_NAMES], files)
    except ApiError as error:
        code = error.code if error.code in OWN_FAULTS else "plan_failed"
        raise Failure(code, error.detail, error.hint) from error


def look(tree: Path, path: str) -> Json | None:
    """Digest and, when small, text of one file of the tree; None when there is no such file."""
    try:
        real = inside(tree, path)
        if real is None or not stat.S_ISREG(real.stat().st_mode):
            return None
        if real.stat().st_size > LONGEST_HASHED:
            return None
        data = real.read_bytes()
    except OSError:
        return None
    found: Json = {"sha256": hashlib.sha256(data).hexdigest()}
    if len(data) <= LONGEST_TEXT:
        with contextlib.suppress(UnicodeDecodeError):  # of what is not text, a digest says enough
            found["text"] = data.decode("utf-8")
    return found


def inside(tree: Path, path: str) -> Path | None:
    """The real path of `path` in the tree; None when there is none, or when it leads out."""
    if path.startswith("/") or "\0" in path:
        return None
    top = os.path.realpath(tree)
    try:  # strictly: a path that cannot be followed to its end may look as if it stayed inside
        real = os.path.realpath(f"{top}/{path}", strict=True)
    except OSError:
        return None
    return Path(real) if real == top or real.startswith(top + "/") else None


def leaves(tree: Path, path: str) -> bool:
    """Whether `path` points out of the tree, by its dots or by a link; not whether it exists."""
    if path.startswith("/") or os.path.normpath(path).split("/")[0] == "..":
        return True
    return inside(tree, path) is None and (tree / path).exists()


def root_of(plan: Plan, tree: Path) -> Path:
    """The folder the commands run in. Raises Failure when it is none of ours."""
    root = inside(tree, plan.root)
    if leaves(tree, plan.root):
        raise Failure(
            "path_outside_root",
            f"The root folder {plan.root!r} lies outside of the repository.",
            "Set the root folder to one inside the repository, in the project's build settings.",
        )
    if root is None or not root.is_dir():
        folders = sorted(e.name for e in os.scandir(tree) if e.is_dir() and e.name[0] != ".")
        raise Failure(
            "root_missing",
            f"There is no folder {plan.root!r} in the repository.",
            f"Set the root folder to one that exists. At the top are: {', '.join(folders[:20])}.",
        )
    return root


def _clean(name: str) -> bool:
    return name.isprintable() and not any("\ud800" <= c <= "\udfff" for c in name)
