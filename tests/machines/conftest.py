"""One emulator for all tests of this folder, with the machine as it is in the repository."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.machines.emulator import FILE, Emulator, running

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of it shares one emulator, so one worker runs it."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("machines"))


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(tmp_path_factory.mktemp("machines") / "home") as found:
        found.install_function()
        yield found


@pytest.fixture(scope="session")
def machine(emulator: Emulator) -> str:
    """ARN of the machine, word for word as it is deployed."""
    return emulator.install_machine("deploy", FILE.read_text())
