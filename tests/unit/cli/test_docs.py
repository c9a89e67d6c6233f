"""docs/cli.md names every command and every option, and no others."""

from __future__ import annotations

import re

import pytest
import typer.main

from cli.app import app
from tests.unit.cli.conftest import ROOT

TEXT = (ROOT / "docs" / "cli.md").read_text()
SECTIONS = {
    re.split(r" (?=[A-Z\[])", title)[0]: body
    for title, body in re.findall(r"^### `(deck [^`]+)`\n(.*?)(?=^##|\Z)", TEXT, re.M | re.S)
}
SHARED = {"--json", "--help", "-h", "--api"}


def commands(group, path):
    for name, command in group.commands.items():
        if command.hidden:
            continue
        if hasattr(command, "commands"):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


COMMANDS = dict(commands(typer.main.get_command(app), "deck"))


def options(command) -> set[str]:
    found = set()
    for parameter in command.params:
        if parameter.param_type_name == "option":
            found |= {*parameter.opts, *parameter.secondary_opts}
    return found - SHARED


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_and_option_is_described(path):
    assert path in SECTIONS, f"docs/cli.md has no section {path}"
    missing = {o for o in options(COMMANDS[path]) if not re.search(rf"`{o}\b", SECTIONS[path])}
    assert not missing


@pytest.mark.parametrize("path", SECTIONS)
def test_nothing_is_described_that_is_not_there(path):
    described = set(re.findall(r"`(--?[a-z][a-z-]*)", SECTIONS[path]))
    assert described <= options(COMMANDS[path]) | SHARED | ({"--prebuilt"} & described)


def test_the_options_of_deck_itself():
    for option in options(typer.main.get_command(app)):
        assert f"`{option}`" in TEXT


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_speaks_json(path):
    assert any("--json" in p.opts for p in COMMANDS[path].params)


def test_exit_codes_are_those_of_the_errors():
    from cli import errors, output

    table = TEXT.split("## Exit codes")[1].split("##")[0]
    for code in (
        *(kind.exit_code for kind in errors.DeckError.__subclasses__()),
        errors.INTERRUPTED,
        output.READER_GONE,
    ):
        assert f"| {code} |" in table


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(deck, shell):
    result = deck(env={"_DECK_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": "deck ro",
                       "COMP_WORDS": "deck ro", "COMP_CWORD": "1",
                       "_TYPER_COMPLETE_FISH_ACTION": "get-args"})  # fmt: skip
    assert "rollback" in result.stdout
