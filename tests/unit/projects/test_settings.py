"""Settings of builds."""

from __future__ import annotations

import pytest

from chalicelib.projects.rules.settings import Gate, check_version, check_watch, gate


def test_a_gate_has_its_defaults() -> None:
    assert gate(None) == Gate("warn", "high", "block")
    assert gate({"gate": None}) == Gate()
    assert gate({"gate": {"secrets": "off", "severity": None, "else": 1}}) == Gate(secrets="off")


@pytest.mark.parametrize("text", ["", "v20", "20.x", "lts/*", ">=18", "20 ", "1.2.3.4", "2" * 9])
def test_versions_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="version"):
        check_version(text)


def test_versions_and_patterns() -> None:
    assert [check_version(v) for v in ("20", "3.12", "20.11.1")] == ["20", "3.12", "20.11.1"]
    assert check_watch(["apps/**", "*.md"]) == ["apps/**", "*.md"]


@pytest.mark.parametrize("pattern", ["", "/a", "a//b", "../a", "a/../b", "a\\b", "a\nb"])
def test_patterns_that_are_none(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        check_watch([pattern])
