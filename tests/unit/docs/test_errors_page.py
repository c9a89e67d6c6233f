"""docs/errors.md names every error code that the code can give, and no others."""

from __future__ import annotations

import ast
import re
from typing import get_args

import app  # noqa: F401  # registers the routes
from chalicelib.builds.routes import FailInput
from tests.unit.docs import codes
from tests.unit.docs.codes import ROOT

TEXT = (ROOT / "docs" / "errors.md").read_text()
DESCRIBED = {
    code
    for line in TEXT.splitlines()
    if line.startswith("| `")
    for code in re.findall(r"`(\w+)`", line.split("|")[1])
}


def test_every_code_is_described():
    missing = {code: place for code, place in codes.codes().items() if code not in DESCRIBED}
    assert missing == {}


def test_no_code_is_described_that_nobody_gives():
    assert DESCRIBED - set(codes.codes()) == set()


def test_what_a_runner_may_send_stands_among_the_failures():
    section = TEXT.partition("## Why a deployment failed")[2].partition("\n## ")[0]
    allowed = set(get_args(FailInput.model_fields["code"].annotation))
    assert {code for code in allowed if f"`{code}`" not in section} - {"internal"} == set()


def test_the_search_finds_codes_where_they_hide():
    source = """
class Sad(Exception):
    def __init__(self, code, detail): ...
class Sadder(Sad): ...
def refuse(detail, code): ...
def name_fault(name):
    return "from_a_rule", "It is wrong."
Sad("by_a_class", "x")
Sadder("by_an_heir", "x")
refuse("x", "by_a_function")
raise Sad("one" if x else "other", "x")
row = {"code": "in_a_document"}
code, text = "in_a_pair", "x"
not_found("thing", "x")
Sad("not a code", "x")
"""
    module = ast.parse(source)
    takers = codes._takers([("x", module)])
    found = {c for node in ast.walk(module) for c in codes._of_node(node, takers)}
    assert found == {
        *("from_a_rule", "by_a_class", "by_an_heir", "by_a_function", "one", "other"),
        *("in_a_document", "in_a_pair", "thing_not_found"),
    }
