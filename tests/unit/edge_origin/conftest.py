"""A bucket and a table over HTTP, and credentials to ask them with."""

import pytest

from tests.fakes.origin import Backend


@pytest.fixture
def backend(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    made = Backend()
    yield made
    made.close()


class Now:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def now():
    return Now()
