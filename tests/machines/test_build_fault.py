"""What the handler of Build does when it cannot start a build."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.deployments.actions import steps
from functions.pipeline import build

EVENT = {"deployment": "dpl_x", "token": "t"}


def broken(*_given: object) -> dict[str, Any]:
    raise OSError("the slots process does not answer")


def test_a_fault_ends_the_waiting_task(services: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the machine waits for hours for an answer that nobody will give."""
    services.workflow.waiting.add("t")
    monkeypatch.setattr(steps, "build", broken)
    with pytest.raises(OSError, match="does not answer"):
        build.handler(EVENT, None)
    assert services.workflow.faults == {"t": ("OSError", "the slots process does not answer")}


def test_a_fault_of_telling_hides_nothing(services: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "build", broken)
    monkeypatch.setattr(services.workflow, "fail", lambda *_given: 1 / 0)
    with pytest.raises(OSError, match="does not answer"):
        build.handler(EVENT, None)


def test_without_a_fault_the_task_goes_on_waiting(
    services: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.workflow.waiting.add("t")
    monkeypatch.setattr(steps, "build", lambda *_given: {"outcome": "ok"})
    assert build.handler(EVENT, None) == {"outcome": "ok"}
    assert services.workflow.waiting == {"t"}
