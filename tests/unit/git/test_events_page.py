"""docs/events.md says what the bus carries: one table row for each field, no more and no less."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from chalicelib.git.actions.events import KINDS
from chalicelib.git.rules.events import VERSION

PAGE = (Path(__file__).parents[3] / "docs" / "events.md").read_text()
TYPES = {"str": "text", "int": "number", "bool": "yes or no"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: KINDS[kind])
def test_every_field_of_an_event_stands_on_the_page(kind: type) -> None:
    part = PAGE.split(f"### `{KINDS[kind]}`\n", 1)[1].split("\n## ")[0].split("\n### ")[0]
    told = dict(re.findall(r"^\| `(\w+)` \| ([\w ]+) \|", part, re.MULTILINE))
    assert told == {field.name: TYPES[str(field.type)] for field in fields(kind)}


def test_the_page_names_the_version() -> None:
    assert f"`version`, which is {VERSION}." in PAGE


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: KINDS[kind])
def test_what_version_1_began_with_needs_no_newer_field(kind: type) -> None:
    """A field that came later has a default, so that events of before are still read."""
    needed = [field.name for field in fields(kind) if field.default is MISSING]
    assert {"project", "commit", "sequence"} <= set(needed)
