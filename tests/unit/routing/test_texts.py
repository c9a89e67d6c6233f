"""Where the texts of rules are found in a source."""

from __future__ import annotations

import pytest

from chalicelib.builds.rules.listing import LINK, tree_of
from chalicelib.routing.actions.texts import of_source

TEXTS = {
    "clouddeck.toml": "top",
    "web/clouddeck.toml": "not read",
    "netlify.toml": "top of all",
    "web/vercel.json": "{}",
    "vercel.json": "[]",
}


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        (".", {"clouddeck.toml": "top", "netlify.toml": "top of all", "vercel.json": "[]"}),
        ("web", {"clouddeck.toml": "top", "netlify.toml": "top of all", "vercel.json": "{}"}),
        ("docs", {"clouddeck.toml": "top", "netlify.toml": "top of all"}),
    ],
)
def test_each_file_has_its_place(root: str, expected: dict[str, str]) -> None:
    tree = tree_of(dict.fromkeys(TEXTS, ("0" * 64, 0o644)), TEXTS)
    assert of_source(tree, root) == expected


def test_the_folder_of_the_site_comes_before_the_top() -> None:
    texts = {**TEXTS, "web/netlify.toml": "of the site"}
    tree = tree_of(dict.fromkeys(texts, ("0" * 64, 0o644)), texts)
    assert of_source(tree, "web")["netlify.toml"] == "of the site"


def test_a_link_and_what_is_too_large_are_not_passed_over() -> None:
    files = {"clouddeck.toml": ("0" * 64, LINK), "vercel.json": ("0" * 64, 0o644)}
    assert of_source(tree_of(files, {}), ".") == {"clouddeck.toml": None, "vercel.json": None}
