"""What is said about a branch that is nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core.errors import Conflict, Invalid, NotFound
from chalicelib.git import actions as git

PROJECT = "prj_" + "1" * 26


@pytest.mark.parametrize("name", ["my branch", "a..b", "-main", "a/-b", "", "x" * 251])
def test_what_cannot_be_a_branch_is_invalid(name: str) -> None:
    problem = git.unknown(PROJECT, name)
    assert isinstance(problem, Invalid)
    assert problem.code == "invalid_branch"


def test_the_nearest_branch_is_named(database: Any, services: Any) -> None:
    services.repositories.push(PROJECT, "develop", "a" * 40)
    problem = git.unknown(PROJECT, "devlop")
    assert isinstance(problem, NotFound)
    assert (problem.code, problem.hint) == ("branch_not_found", "Did you mean 'develop'?")
    assert "Did you mean" not in git.unknown(PROJECT, "zzz").hint


def test_a_commit_is_told_as_one() -> None:
    problem = git.unknown(PROJECT, "b" * 40)
    assert isinstance(problem, Conflict)
    assert problem.code == "commit_not_found"
