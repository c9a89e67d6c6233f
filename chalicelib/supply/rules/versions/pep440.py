"""Versions of Python packages (PEP 440)."""

from __future__ import annotations

import re
from typing import Any

_VERSION = re.compile(
    r"""v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)
    (?:[-_.]?(?P<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?P<pre_n>\d*))?
    (?P<post>-(?P<post_bare>\d+)|[-_.]?(?:post|rev|r)[-_.]?(?P<post_n>\d*))?
    (?P<dev>[-_.]?dev[-_.]?(?P<dev_n>\d*))?
    (?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?""",
    re.VERBOSE | re.IGNORECASE,
)
_PRE = {"alpha": "a", "beta": "b", "preview": "rc", "pre": "rc", "c": "rc"}
_MAX = 200  # characters; more digits are no version number that anybody has given


def key(version: str) -> Any:
    """What two versions are compared by; None for a text that is no version."""
    text = version.strip()
    found = _VERSION.fullmatch(text) if len(text) <= _MAX else None
    if found is None:
        return None
    release = [int(part) for part in found["release"].split(".")]
    while len(release) > 1 and release[-1] == 0:
        release.pop()
    is_pre, is_post, is_dev = found["pre"], found["post"], found["dev"]
    # 1.0.dev1 < 1.0a1 < 1.0 < 1.0.post1: a lone dev release comes before every pre-release
    if is_pre:
        named = is_pre.lower()
        pre: tuple[int, str, int] = (0, _PRE.get(named, named), int(found["pre_n"] or 0))
    else:
        pre = (-1, "", 0) if is_dev and not is_post else (1, "", 0)
    post = int(found["post_bare"] or found["post_n"] or 0) if is_post else -1
    dev = (0, int(found["dev_n"] or 0)) if is_dev else (1, 0)
    return int(found["epoch"] or 0), tuple(release), pre, post, dev, _local(found["local"])


def _local(text: str | None) -> tuple[tuple[int, int, str], ...]:
    """Parts of a local version: words come before numbers."""
    if not text:
        return ()
    parts = re.split(r"[-_.]", text.lower())
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts)
