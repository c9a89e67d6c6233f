"""What aliases are called: always one label, never a deployment, never another's."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.deployments.rules.names import Subject, spell, spell_apart, subjects
from chalicelib.edge.rules.hosts import Site, parse_host
from chalicelib.git.rules import branch_fault
from chalicelib.projects.rules.names import SLUG_MAX

slugs = st.from_regex(r"[a-z0-9](?:-?[a-z0-9]){0,16}", fullmatch=True).filter(
    lambda slug: len(slug) <= SLUG_MAX
)
branches = st.one_of(
    st.text(min_size=1, max_size=250),
    st.from_regex(r"[a-zA-Z0-9_/.-]{1,80}", fullmatch=True),
    st.sampled_from(["production", "preview", "pr-7", "PR/7", "pr7", "staging", "0" * 26, "--"]),
).filter(lambda name: not branch_fault(name))


@given(branches, slugs)
def test_an_alias_is_a_host_of_its_own(branch: str, slug: str) -> None:
    for name in {
        spell(Subject("branch", branch), slug),
        spell_apart(Subject("branch", branch), slug),
    }:
        label = f"{name}--{slug}"
        assert len(label) <= 63
        assert parse_host(f"{label}.localhost", "localhost") == Site(label)


@given(branches, slugs)
def test_a_branch_takes_no_name_that_means_something(branch: str, slug: str) -> None:
    name = spell(Subject("branch", branch), slug, {"staging"})
    assert name not in {"production", "preview", "development", "staging"}
    assert not re.fullmatch(r"pr-?[0-9]+", name)


@given(st.lists(branches, min_size=2, max_size=2, unique=True), slugs)
def test_apart_two_branches_are_never_called_alike(two: list[str], slug: str) -> None:
    one, other = (spell_apart(Subject("branch", name), slug) for name in two)
    assert one != other


def test_plain_names_stay_plain() -> None:
    assert spell(Subject("branch", "Feature/Login_2"), "shop") == "feature-login-2"
    assert spell(Subject("environment", "staging"), "shop", {"staging"}) == "staging"
    assert spell(Subject("pull", "12"), "shop") == "pr-12"
    assert re.fullmatch(r"branch-[0-9a-f]{6}", spell(Subject("branch", "ünï"[:1]), "shop"))


def test_what_a_deployment_is_the_newest_of() -> None:
    def of(
        environment: str, branch: str = "", pulls: tuple[int, ...] = (), own: bool = True
    ) -> list[str]:
        found = subjects(
            environment=environment, branch=branch, pulls=list(pulls), follows_branch=own
        )
        return [str(subject) for subject in found]

    assert of("production", "main") == []
    assert of("preview", "a") == ["branch:a"]
    assert of("preview", "a", (3, 4)) == ["pull:3", "pull:4", "branch:a"]
    assert of("preview", "main", (3,), own=False) == ["pull:3"]
    assert of("staging", "next") == ["environment:staging"]
    assert of("preview") == []
