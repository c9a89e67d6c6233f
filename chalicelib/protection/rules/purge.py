"""What a purge may name: tags that a site's answers carry, and paths of the site."""

from __future__ import annotations

import re

TAGS_MAX = 20
PATHS_MAX = 30
_TAG = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_PATH = re.compile(r"/[\x21-\x29\x2b-\x7e]{0,1023}\*?\Z")


def tag_fault(tag: str) -> str | None:
    """What is wrong with a tag, None when nothing is."""
    return None if _TAG.match(tag) else "A tag has 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-'."


def path_fault(path: str) -> str | None:
    """What is wrong with a path, None when nothing is."""
    if _PATH.match(path) and "?" not in path and "#" not in path:
        return None
    return "A path begins with / and is written as in an address; * may stand at its end."
