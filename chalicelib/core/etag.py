"""Optimistic edits: the version of a resource as ETag, and `If-Match` as its check."""

from __future__ import annotations

import re

from chalicelib.core.errors import Conflict, FieldError, Invalid
from chalicelib.core.http import Call


def tag(version: int) -> dict[str, str]:
    """The header to return beside a resource: `return view, etag.tag(view.version)`."""
    return {"ETag": f'"{version}"'}


def expected(call: Call) -> int | None:
    """The version that the caller edits, from `If-Match`; None when any will do."""
    given = call.headers.get("if-match", "*").strip()
    if given == "*":
        return None
    found = re.fullmatch(r'(?:W/)?"?(\d{1,15})"?', given)
    if not found:
        raise Invalid(
            "invalid_if_match",
            "If-Match is not the ETag of an earlier answer.",
            hint="Send the ETag exactly as you got it, or leave the header out.",
            errors=(FieldError("/headers/If-Match", "not an ETag of ours"),),
            status=400,
        )
    return int(found[1])


def stale(current: int) -> Conflict:
    """Somebody else was faster: what to raise when `If-Match` or a conditional write fails."""
    return Conflict(
        "conflict",
        f"It was changed in the meantime; the current version is {current}.",
        hint="Read it again and repeat your change on the new version.",
        headers={"ETag": f'"{current}"'},
    )


def check(call: Call, current: int) -> None:
    """Raise Conflict when `If-Match` names another version than `current`."""
    wanted = expected(call)
    if wanted is not None and wanted != current:
        raise stale(current)
