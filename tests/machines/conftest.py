"""One emulator for all tests of this folder, with the machine as it is in the repository."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.machines.emulator import FILE, Emulator, running


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with running(tmp_path_factory.mktemp("machines") / "home") as found:
        found.install_function()
        yield found


@pytest.fixture(scope="session")
def machine(emulator: Emulator) -> str:
    """ARN of the machine, word for word as it is deployed."""
    return emulator.install_machine("deploy", FILE.read_text())
