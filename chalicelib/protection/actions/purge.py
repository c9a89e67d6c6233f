"""Dropping what caches at the edge keep of a site, because a person says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from chalicelib.core.errors import FieldError, Invalid
from chalicelib.ports import services
from chalicelib.projects.rows import Project
from chalicelib.protection.rules.purge import path_fault, tag_fault


def purge(project: Project, tags: list[str], paths: list[str], *, everything: bool) -> None:
    """Drop answers by tag, by path, or all of them; within seconds, on all addresses of the site.

    Raises Invalid `nothing_to_purge` or `invalid_purge`. A file of a deployment never changes, so
    this is for answers of backends, and for whoever wants to be sure.
    """
    if not (tags or paths or everything):
        raise Invalid(
            "nothing_to_purge",
            "Nothing was named that could be dropped.",
            hint="Name tags or paths, or say everything.",
        )
    faults = [*_faults("tags", tags, tag_fault), *_faults("paths", paths, path_fault)]
    if faults:
        raise Invalid(
            "invalid_purge",
            faults[0].detail,
            hint="Correct it; nothing was dropped.",
            errors=tuple(faults),
        )
    services().edge.purge(project.id, sorted(set(tags)), sorted(set(paths)), everything=everything)


def _faults(
    name: str, texts: list[str], fault_of: Callable[[str], str | None]
) -> Iterable[FieldError]:
    for index, text in enumerate(texts):
        fault = fault_of(text)
        if fault:
            yield FieldError(f"/{name}/{index}", fault, "invalid_purge")
