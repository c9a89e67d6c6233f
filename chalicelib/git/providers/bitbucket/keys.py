"""What both products share: the key under which a build status is kept, and comments of ours."""

from __future__ import annotations

from hashlib import sha256

from chalicelib.git.providers import Link, Report

MARKER = "<!--"
DESCRIPTION = 255


def key_of(link: Link, report: Report) -> str:
    """At most 40 characters, the same for every deployment of a project to one environment."""
    return sha256(f"{link.project}/{report.name}".encode()).hexdigest()[:40]


def marker_of(text: str) -> str:
    """The first line of a comment, when it is a mark by which it can be found again."""
    first = text.split("\n", 1)[0]
    return first if first.startswith(MARKER) else ""
