"""Which project a folder belongs to: `.deck.json`, found from here upwards."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from cli.config import normal_api
from cli.disk import write_whole
from cli.errors import UserError

FILE = ".deck.json"


@dataclass(frozen=True)
class Link:
    """A folder's project."""

    folder: Path
    project: str
    slug: str
    api: str


def find(start: Path) -> Link | None:
    """The link of the nearest folder that has one."""
    for folder in (start, *start.parents):
        path = folder / FILE
        if path.is_file():
            return _read(path)
    return None


def write(link: Link) -> Path:
    """Link the folder."""
    path = link.folder / FILE
    document = {"project": link.project, "slug": link.slug, "api": link.api}
    write_whole(path, json.dumps(document, indent=2) + "\n")
    return path


def _read(path: Path) -> Link:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        project, slug, api = (document[name] for name in ("project", "slug", "api"))
        if not all(isinstance(value, str) and value for value in (project, slug, api)):
            raise ValueError("project, slug and api are texts")
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            "broken_link",
            f"{path} does not say which project this is ({error})",
            "Delete it and run `deck link`.",
        ) from error
    return Link(path.parent, project, slug, normal_api(api))
