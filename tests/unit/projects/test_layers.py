"""Which of several variables a build sees."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.projects.rules import system
from chalicelib.projects.rules.variables import layers, scope_fault, source


@dataclass(frozen=True)
class V:
    name: str
    environment: str
    branch: str = ""
    when: str = "both"


def chosen(rows: list[V], environment: str, branch: str = "", when: str = "build") -> dict[str, V]:
    return {n: found[0] for n, found in layers(rows, environment, branch, when).items()}  # type: ignore[arg-type]


ROWS = [
    V("A", "all"),
    V("A", "preview"),
    V("A", "preview", "x"),
    V("A", "production"),
    V("B", "all", when="run"),
    V("B", "preview", when="build"),
    V("C", "preview", "x"),
]


def test_a_branch_goes_before_its_environment_and_that_before_all() -> None:
    assert chosen(ROWS, "preview", "x")["A"] == V("A", "preview", "x")
    assert chosen(ROWS, "preview", "y")["A"] == V("A", "preview")
    assert chosen(ROWS, "staging")["A"] == V("A", "all")
    assert "C" not in chosen(ROWS, "preview", "y")
    found = layers(ROWS, "preview", "x")["A"]
    assert [source(v) for v in found] == ["branch", "environment", "all"]


def test_what_is_there_at_another_time_stands_before_nothing() -> None:
    assert chosen(ROWS, "preview")["B"] == V("B", "preview", when="build")
    assert chosen(ROWS, "preview", when="run")["B"] == V("B", "all", when="run")
    assert "B" not in chosen(ROWS, "production")


names = st.sampled_from("AB")
rows = st.lists(
    st.builds(
        V,
        names,
        st.sampled_from(["all", "preview", "production", "qa"]),
        st.sampled_from(["", "x", "y"]),
        st.sampled_from(["build", "run", "both"]),
    ),
    max_size=12,
    unique_by=lambda v: (v.name, v.environment, v.branch),
)


@given(rows, st.sampled_from(["preview", "production", "qa"]), st.sampled_from(["", "x"]))
def test_nothing_of_another_environment_or_branch_gets_in(
    given_rows: list[V], environment: str, branch: str
) -> None:
    for found in layers(given_rows, environment, branch).values():
        assert {v.environment for v in found} <= {"all", environment}
        assert {v.branch for v in found} <= {"", branch}
        assert "run" not in {v.when for v in found}
    assert layers(given_rows, environment, branch) == layers(given_rows[::-1], environment, branch)


@pytest.mark.parametrize(
    ("environment", "fine"),
    [
        ("preview", True),
        ("qa", True),
        ("all", False),
        ("production", False),
        ("development", False),
    ],
)
def test_where_branches_are_told_apart(environment: str, fine: bool) -> None:
    assert (scope_fault(environment, "x") == "") is fine
    assert scope_fault(environment, "") == ""


def test_what_a_build_knows_of_itself() -> None:
    plain = system.variables(system.Facts("site", "preview", branch="x"))
    assert plain["CLOUDDECK_BRANCH"] == "x"
    assert plain["CLOUDDECK_COMMIT"] == ""
    assert "CLOUDDECK_TAG" not in plain
    tagged = system.variables(system.Facts("site", "production", tag="v1", trigger="tag"))
    assert (tagged["CLOUDDECK_TAG"], tagged["CLOUDDECK_TRIGGER"]) == ("v1", "tag")
