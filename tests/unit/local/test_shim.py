from __future__ import annotations

from types import SimpleNamespace

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
    assert shim.targets(event) == [module]


@pytest.mark.parametrize("event", [{}, {"state": "Nix"}, {"schedule": "x"}, {"detail-type": "x"}])
def test_an_unknown_event_is_an_error(event):
    with pytest.raises(LookupError):
        shim.targets(event)


def test_an_event_goes_to_every_rule_that_is_here() -> None:
    """Rules that AWS alone has may be about the same kinds."""
    modules = {function.name: function.module for function in resources.FUNCTIONS}
    here = resources.everywhere(resources.RULES)
    for kind in {kind for rule in here for kind in rule.kinds}:
        wanted = [modules[rule.function] for rule in here if kind in rule.kinds]
        assert shim.targets({"detail-type": kind}) == wanted
    assert len(shim.targets({"detail-type": "deployment.finished"})) > 1


def test_all_hear_of_it_though_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = []

    def handler(event: dict, _context: object) -> None:
        heard.append(event)
        if len(heard) == 1:
            raise OSError("the first one is out of sorts")

    monkeypatch.setattr(shim.importlib, "import_module", lambda _: SimpleNamespace(handler=handler))
    with pytest.raises(OSError, match="the first one"):
        shim.called(["a", "b", "c"], {"x": 1}, None)
    assert len(heard) == 3
