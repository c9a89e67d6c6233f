from __future__ import annotations

import pytest

from adapters.local import shim
from chalicelib import resources


@pytest.mark.parametrize(
    ("event", "module"),
    [
        ({"state": "Prepare"}, "functions.pipeline.prepare"),
        ({"state": "Build", "token": "t"}, "functions.pipeline.build"),
        ({"state": "Fail"}, "functions.pipeline.fail"),
        ({"schedule": "sweep"}, "functions.schedules.sweep"),
        ({"detail-type": "git.push", "detail": {}}, "functions.events.git_push"),
    ],
)
def test_every_event_finds_its_handler(event, module):
    assert shim.target(event) == module


@pytest.mark.parametrize("event", [{}, {"state": "Nix"}, {"schedule": "x"}, {"detail-type": "x"}])
def test_an_unknown_event_is_an_error(event):
    with pytest.raises(LookupError):
        shim.target(event)


def test_an_event_goes_to_the_rule_that_is_here() -> None:
    """Rules that AWS alone has may be about the same kinds."""
    modules = {function.name: function.module for function in resources.FUNCTIONS}
    for rule in resources.everywhere(resources.RULES):
        for kind in rule.kinds:
            assert shim.target({"detail-type": kind}) == modules[rule.function], kind
