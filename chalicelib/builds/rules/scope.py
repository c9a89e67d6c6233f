"""Which files of a tree a build depends on: what is outside cannot change the site.

A mistake here would serve old pages, so the answer leans to one side: a package is left out only
when everything that is known says that the site does not need it, and not knowing means everything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from chalicelib.builds.rules.globs import LONGEST, MOST_PATTERNS, chosen
from chalicelib.builds.rules.model import PlanError, Scope
from chalicelib.builds.rules.paths import CONFIG, safe_folder
from chalicelib.builds.rules.workspaces import (
    Member,
    Texts,
    Workspace,
    member,
    members,
    pointed_at,
    workspaces,
)

EVERYTHING = "**"


def affected_paths(
    texts: Texts, files: Collection[str], root: str, watch: Sequence[str] | None
) -> Scope:
    """What a build of `root` depends on in a tree of `files`; `texts` are its manifests.

    The last pattern that matches a path decides (`covers`). Never raises: what cannot be read
    makes it everything, and says so.
    """
    if watch:
        everywhere = [EVERYTHING] if all(p.startswith("!") for p in watch) else []
        return Scope([*everywhere, *watch, CONFIG], "watch says so")
    try:
        root = safe_folder(root, "root")
    except PlanError:
        return _everything("the root lies outside of the repository")
    files = frozenset(files)
    if root == ".":
        return _everything("the site is built at the top of the repository")
    try:
        declared = [w for w in workspaces(texts) if _within(root, w.folder)]
        packages = members(declared, files, texts)
    except PlanError as error:
        return _everything(error.message)
    mine = next((f for f in sorted(packages, key=len, reverse=True) if _within(root, f)), None)
    if mine is None:
        return _everything(
            f"no workspace lists {root}; narrow it down with watch under [build] in {CONFIG}"
        )
    return _narrowed(mine, declared, packages, files, texts)


def covers(scope: Scope) -> Callable[[str], bool]:
    """A test of paths: whether a change there is a change of the site."""
    return chosen(scope.paths)


def check_watch(patterns: object, what: str) -> list[str]:
    """Patterns that a person wrote; raises PlanError `config_invalid`."""
    if not isinstance(patterns, list) or not all(isinstance(p, str) for p in patterns):
        raise PlanError("config_invalid", f"{what} must be a list of texts.", 'Write ["web/**"].')
    fits = len(patterns) <= MOST_PATTERNS and all(
        0 < len(p) <= LONGEST
        and p.isprintable()
        and not p.startswith("/")
        and ".." not in p.split("/")
        for p in patterns
    )
    if not fits:
        raise PlanError(
            "config_invalid",
            f"{what} takes at most {MOST_PATTERNS} patterns inside the repository, each of at most "
            f"{LONGEST} characters.",
            'Write patterns such as "web/**" or "!docs/**".',
        )
    return list(patterns)


def _narrowed(
    mine: str,
    declared: Sequence[Workspace],
    packages: dict[str, Member],
    files: Collection[str],
    texts: Texts,
) -> Scope:
    needed = {mine}
    tops = [member(w.folder, files, texts) for w in declared]
    waiting = [packages[mine], *tops]
    by_name = {name: folder for folder, found in packages.items() for name in found.names}
    while waiting:
        package = waiting.pop()
        if package.mentions is None:
            where = package.folder or "the top"
            return _everything(f"the manifest of {where} cannot be read")
        further = {by_name[name] for name in package.mentions if name in by_name}
        if package.folder in packages:
            further |= _owners(pointed_at(package.folder, texts), packages)
        waiting += [packages[folder] for folder in further - needed]
        needed |= further
    left = sorted(f for f, found in packages.items() if f not in needed and found.names)
    again = [f for f in needed if any(_within(f, other) and f != other for other in left)]
    # By depth, for the last pattern that matches decides.
    ordered = sorted([(f, "!") for f in left] + [(f, "") for f in again], key=lambda p: len(p[0]))
    listed = ", ".join(sorted(needed)[:10])
    why = f"{listed} and all that belongs to no package; {len(left)} of {len(packages)} left out"
    return Scope([EVERYTHING, *(f"{mark}{folder}/**" for folder, mark in ordered)], why)


def _owners(paths: set[str], packages: dict[str, Member]) -> set[str]:
    return {folder for folder in packages for path in paths if _within(path, folder)}


def _within(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")


def _everything(why: str) -> Scope:
    return Scope([EVERYTHING], why)
