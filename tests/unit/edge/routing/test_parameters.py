"""Segments with parameters: what some servers take for a way up is none here."""

import pytest

from chalicelib.edge.rules.routing.targets import parse_target


@pytest.mark.parametrize("splat", ["..;/admin", "..;x=1/admin", "a/..;", ".;/x", "..%3b/x"])
def test_a_dot_segment_with_parameters_leads_nowhere(splat: str) -> None:
    target = parse_target("https://api.example.com/v1/:splat", ["splat"])
    filled = target.fill({"splat": splat})
    assert filled is None or "%253b" in filled.path


def test_other_parameters_stay() -> None:
    filled = parse_target("/v1/:splat", ["splat"]).fill({"splat": "a;b=1/c..;d"})
    assert filled is not None
    assert filled.path == "/v1/a;b=1/c..;d"
