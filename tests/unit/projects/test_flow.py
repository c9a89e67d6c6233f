"""Where branches and tags lead, and what is said of rules that are wrong."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.projects.rules import environments, flow, glob


def by_regex(pattern: str, text: str) -> bool:
    """The same patterns the slow way: translated part by part."""
    out, at = "", 0
    while at < len(pattern):
        fresh = at == 0 or pattern[at - 1] == "/"
        if pattern.startswith("**/", at) and fresh:
            out, at = out + "(?:.*/)?", at + 3
        elif pattern.startswith("**", at):
            out, at = out + ".*", at + 2
        elif pattern[at] == "*":
            out, at = out + "[^/]*", at + 1
        elif pattern[at] == "?":
            out, at = out + "[^/]", at + 1
        else:
            out, at = out + re.escape(pattern[at]), at + 1
    return re.fullmatch(out, text, re.DOTALL) is not None


@given(st.text("ab/*?(", min_size=1, max_size=9), st.text("ab/(", max_size=9))
def test_patterns_match_as_their_translation_does(pattern: str, text: str) -> None:
    assert glob.matches(pattern, text) == by_regex(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("release/*", "release/1", True),
        ("release/*", "release/1/2", False),
        ("release/**", "release/1/2", True),
        ("v?.*", "v1.20", True),
        ("**/docs/**", "docs/a", True),
        ("main", "main2", False),
        ("*", "feature/x", False),
        ("**", "", True),
    ],
)
def test_patterns(pattern: str, text: str, matches: bool) -> None:
    assert glob.matches(pattern, text) is matches


def test_a_hostile_pattern_takes_no_time() -> None:
    assert not glob.matches("*a" * 100, "a" * 240 + "b")


RULES = {
    "branches": [
        {"match": "staging", "environment": "staging"},
        {"match": "dependabot/**", "environment": "none"},
        {"match": "live/*", "environment": "production"},
    ],
    "tags": [{"match": "v*", "environment": "production"}, {"match": "x", "environment": "none"}],
}


@pytest.mark.parametrize(
    ("branch", "environment"),
    [
        ("main", "production"),
        ("staging", "staging"),
        ("staging2", "preview"),
        ("dependabot/npm/x", None),
        ("live/eu", "production"),
        ("", "preview"),
    ],
)
def test_branches(branch: str, environment: str | None) -> None:
    assert flow.environment_of_branch(RULES, "main", branch) == environment


def test_without_rules_and_without_a_production_branch() -> None:
    assert flow.environment_of_branch({}, "main", "main") == "production"
    assert flow.environment_of_branch(None, "", "") == "preview"
    assert flow.environment_of_tag({}, "v1") is None


def test_the_first_rule_wins_also_over_the_production_branch() -> None:
    git = {"branches": [{"match": "ma*", "environment": "preview"}]}
    assert flow.environment_of_branch(git, "main", "main") == "preview"


def test_tags() -> None:
    assert flow.environment_of_tag(RULES, "v1.2") == "production"
    assert flow.environment_of_tag(RULES, "x") is None
    assert flow.environment_of_tag(RULES, "other") is None


def test_defaults_are_filled_in_and_unknown_fields_left_out() -> None:
    found = flow.read({"forks": "off", "later": 1, "comments": None})
    assert (found.forks, found.comments, found.preview_days) == ("off", True, 30)
    assert flow.read(None) == flow.DEFAULT
    assert flow.named(RULES).custom == {"staging"}
    assert flow.named(RULES).deployed == {"staging", "production"}


def test_every_fault_is_named_where_it_is() -> None:
    git = {
        "branches": [
            {"match": "", "environment": "preview"},
            {"match": "a//b", "environment": "preview"},
            {"match": "a", "environment": "qa"},
            {"match": "b", "environment": "development"},
            {"match": "c", "environment": "all"},
            {"match": "**", "environment": "none"},
            {"match": "d", "environment": "staging"},
        ],
        "preview_days": 0,
    }
    found = {fault.pointer for fault in flow.faults(git, {"staging"})}
    assert found == {
        "/branches/0/match",
        "/branches/1/match",
        "/branches/2/environment",
        "/branches/3/environment",
        "/branches/4/environment",
        "/branches/6/match",
        "/preview_days",
    }
    assert flow.faults(RULES, {"staging"}) == []


@pytest.mark.parametrize(
    "name", ["", "Staging", "1a", "-a", "a-", "a--b", "a_b", "x" * 21, "all", "none", "production",
             "preview", "pr-12", "pr12", "é", "a\n"]
)  # fmt: skip
def test_names_that_environments_cannot_have(name: str) -> None:
    assert environments.name_fault(name)
    assert not environments.is_custom(name)


@pytest.mark.parametrize("name", ["staging", "qa", "a", "eu-west-1", "x" * 20, "pr-x"])
def test_names_of_environments(name: str) -> None:
    assert environments.name_fault(name) == ""
    assert environments.is_custom(name)
    assert environments.target_of(name) == "preview"
