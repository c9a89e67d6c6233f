"""Refs and branches."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.git import rules


@pytest.mark.parametrize(
    "branch", ["main", "feature/x-1", "release/2026.11", "ünïcode", "a_b", "dependabot/npm/x"]
)
def test_usual_branches_are_taken(branch: str) -> None:
    assert rules.branch_fault(branch) == ""
    assert rules.branch_of(f"refs/heads/{branch}") == branch


@pytest.mark.parametrize(
    "branch",
    ["", "-x", "a/-b", "a..b", "a b", "a\nb", "a:b", "a~1", "a^", "a?", "a*", "[", "a\\b", "@{",
     "a.lock", "a.lock/b", "/a", "a/", "a//b", ".a", "a/.b", "a.", "x" * 251],
)  # fmt: skip
def test_branches_that_git_or_a_shell_could_misread_are_refused(branch: str) -> None:
    assert rules.branch_fault(branch).endswith(".")
    assert rules.branch_of(f"refs/heads/{branch}") is None


def test_tags_are_no_branches() -> None:
    assert rules.branch_of("refs/tags/v1") is None
    assert rules.branch_of("main") is None


@settings(max_examples=150, deadline=None)
@given(
    st.text(
        min_size=1, max_size=12, alphabet=st.characters(codec="utf-8", exclude_characters="\x00")
    )
)
def test_what_we_take_git_takes(branch: str) -> None:
    if not rules.branch_fault(branch):
        done = subprocess.run(["git", "check-ref-format", f"refs/heads/{branch}"], check=False)
        assert done.returncode == 0


@pytest.mark.parametrize("text", ["fix [skip ci]", "[CI SKIP] x", "x [skip deploy]"])
def test_messages_that_say_skip(text: str) -> None:
    assert rules.SKIP.search(text)
