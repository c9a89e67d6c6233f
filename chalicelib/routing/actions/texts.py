"""Where the texts of rules come from: the tree of a commit, or the files that are published.

`_redirects` and `_headers` are files of the output, as builds may write them; the tables stand in
the source. Of a finished output that somebody uploaded, all of them are files of the output.
"""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.artifacts.rules import CONFIGURATION, File, blob_key
from chalicelib.builds.rules.listing import LINK, MAX_TEXT, Tree
from chalicelib.core.errors import Conflict
from chalicelib.ports import services
from chalicelib.routing.rules import clouddeck, netlify, vercel
from chalicelib.routing.rules.compile import LINES, MAX_LINES

Texts = dict[str, str | None]
"""Name of a file -> its text; None for one that is too large or no text."""


def of_output(team: str, files: Iterable[File], *, all_of_them: bool) -> Texts:
    """The texts among the files of an output; raises Conflict for one that did not arrive."""
    wanted = CONFIGURATION if all_of_them else frozenset(LINES)
    return {file.path: _text(team, file) for file in files if file.path in wanted}


def of_source(tree: Tree, root: str) -> Texts:
    """The texts in a source: clouddeck.toml at its top, the others where the site is."""
    homes = {
        clouddeck.FILE: [clouddeck.FILE],
        netlify.FILE: [_below(root, netlify.FILE), netlify.FILE],
        vercel.FILE: [_below(root, vercel.FILE)],
    }
    texts: Texts = {}
    for name, paths in homes.items():
        path = next((path for path in paths if path in tree.files), None)
        if path is not None:
            link = tree.files[path][1] == LINK
            texts[name] = None if link else tree.texts.get(path)
    return texts


def _below(root: str, name: str) -> str:
    return name if root in {"", "."} else f"{root}/{name}"


def _text(team: str, file: File) -> str | None:
    limit = MAX_LINES if file.path in LINES else MAX_TEXT
    if file.size > limit:
        return None
    content = services().store.get(blob_key(team, file.sha256))
    if content is None:
        raise Conflict("blob_missing", f"{file.path} did not arrive whole.", hint="Deploy again.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None
