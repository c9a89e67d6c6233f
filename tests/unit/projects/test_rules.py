"""Slugs and variables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.projects import rules


@pytest.mark.parametrize("slug", ["a", "my-site", "x1", "a" * 35])
def test_good_slugs(slug: str) -> None:
    assert rules.slug_fault(slug) == ""


@pytest.mark.parametrize(
    "slug", ["", "--x", "-a", "a-", "a--b", "..", "A", "a_b", "a.b", "x" * 36, "api", "www", "é"]
)
def test_bad_slugs_say_why(slug: str) -> None:
    assert rules.slug_fault(slug).endswith((".", "one."))


@given(st.text(max_size=60))
def test_a_suggested_slug_is_good_or_empty_or_reserved(name: str) -> None:
    slug = rules.slug_of(name)
    assert not slug or rules.slug_fault(slug) == "" or slug in rules.RESERVED_SLUGS


@given(st.text(alphabet="abc-", min_size=1, max_size=35))
def test_slug_and_deployment_fit_into_one_label(slug: str) -> None:
    if not rules.slug_fault(slug):
        assert len("0" * 26 + "--" + slug) <= 63


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("1A", "x", "invalid_env_name"),
        ("A-B", "x", "invalid_env_name"),
        ("PATH", "x", "reserved_env"),
        ("AWS_SECRET_ACCESS_KEY", "x", "reserved_env"),
        ("LD_PRELOAD", "x", "reserved_env"),
        ("CLOUDDECK_API", "x", "reserved_env"),
        ("OK", "x" * 32_769, "env_too_large"),
        ("OK", "a\x00b", "invalid_env_value"),
        ("OK", "x", ""),
    ],
)
def test_variables(name: str, value: str, code: str) -> None:
    assert rules.variable_fault(name, value)[0] == code
