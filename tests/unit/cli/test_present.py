"""Deployments and rules as people read them."""

from __future__ import annotations

from typing import Any

import pytest

from cli import present
from cli.commands import rules
from cli.output import Out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"live": True}, "ready and live"),
        ({"live": False}, "ready"),
        (
            {"held": {"because": "locked", "detail": "release party", "until": None}},
            "ready and not live (locked: release party)",
        ),
        (
            {"held": {"because": "frozen", "detail": "holidays", "until": "2027-01-02"}},
            "ready and not live (frozen: holidays, until 2027-01-02)",
        ),
    ],
)
def test_who_waits_for_a_release_hears_what_holds_it(more: Any, said: str) -> None:
    assert present.outcome(Out(), {"state": "ready", **more}) == said


def test_a_condition_on_any_value_is_its_name() -> None:
    when = {"cookie": {"beta": True}, "header": {"x-region": "eu"}, "country": ["DE", "AT"]}
    assert rules._said(when) == "cookie beta; header x-region=eu; country DE, AT"
