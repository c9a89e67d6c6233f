"""One Node process for all that runs the viewer functions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.viewer import Viewer


@pytest.fixture(scope="session")
def viewer() -> Iterator[Viewer]:
    """The functions of a distribution for sites below `localhost`."""
    with Viewer("localhost") as made:
        yield made
