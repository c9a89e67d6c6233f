"""Finds the folder a build was to fill, and helps when it is not there."""

import os
from pathlib import Path

from runner.errors import Failure
from runner.plan import inside, leaves

LIKELY = ("dist", "build", "out", "public", "_site", "www", "site", "docs", ".output/public")
NOT_BUILT = ("node_modules", ".git", ".cache")


def top_level(root: Path) -> set[str]:
    """The names at the top of a folder; taken before the build to tell what is new after it."""
    return {entry.name for entry in os.scandir(root)}


def find(tree: Path, root: Path, outputs: list[str], before: set[str]) -> tuple[Path, str]:
    """The first of the output folders that exists below the build's root, and its name.

    Raises Failure("output_missing") with the folders that were built instead, or
    Failure("output_rejected") when it lies outside of the repository.
    """
    wrong = "was not made by the build"
    for output in outputs:
        path = os.path.normpath(f"{root.relative_to(tree.resolve())}/{output}")
        folder = inside(tree, path)
        if output.startswith("/") or leaves(tree, path):
            raise Failure(
                "output_rejected",
                f"The output folder {output!r} lies outside of the repository.",
                "Set the output folder to one below the root folder.",
            )
        if folder is not None and folder.is_dir():
            return folder, output
        if folder is not None:
            wrong = "is a file"
    message = f"The output folder {outputs[0]!r} {wrong}."
    raise Failure("output_missing", message, hint(root, before))


def empty(root: Path, output: str, before: set[str]) -> Failure:
    """The failure of an output folder without a single file."""
    return Failure(
        "output_missing", f"The output folder {output!r} has no files in it.", hint(root, before)
    )


def hint(root: Path, before: set[str]) -> str:
    """What to do: names the folders that were built, those with an index.html first."""
    names = [name for name in sorted(top_level(root) - before) if (root / name).is_dir()]
    names = [name for name in names if name not in NOT_BUILT and name.isprintable()]
    names += [name for name in LIKELY if name not in names and _is_site(root / name)]
    if not names:
        return "The build made no folder at all: check the build command."
    sites = [name for name in names if _is_site(root / name)]
    listed = ", ".join([*sites, *(name for name in names if name not in sites)][:10])
    if len(sites) == 1:
        return f"The build made: {listed}. Set the output folder to {sites[0]!r}."
    return f"The build made: {listed}. Set the output folder to the one with the site in it."


def _is_site(folder: Path) -> bool:
    return (folder / "index.html").is_file()
