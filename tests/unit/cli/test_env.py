"""env set, ls, rm, pull."""

from __future__ import annotations

import shlex
import stat
import subprocess

import pytest

from cli.commands.env import quoted


def test_set_and_list(deck, linked, signed_in):
    assert deck("env", "set", "A=1", "B=x=y", "--plain").stdout == "Set A, B for all\n"
    # a secret unless one says otherwise, as everywhere
    result = deck("env", "set", "KEY", "-e", "production", "--json", input="s3cret\n")
    assert result.json["items"][0]["value"] is None
    assert "s3cret" not in result.output
    assert signed_in.env["B", "all"]["value"] == "x=y"
    rows = [row.split("\t")[:3] for row in deck("env", "ls").stdout.splitlines()]
    assert rows == [["A", "all", "1"], ["B", "all", "x=y"], ["KEY", "production", "(secret)"]]
    only = deck("env", "ls", "-e", "production", "--json").json["items"]
    assert [v["name"] for v in only] == ["KEY"]


def test_remove(deck, linked, signed_in):
    deck("env", "set", "A=1")
    assert deck("env", "rm", "A", "--json").json == {"removed": ["A"], "environment": "all"}
    assert signed_in.env == {}
    assert "There is no A" in deck("env", "rm", "A", code=2).stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["set", "1A=x"],
        ["set", "A B=x"],
        ["set", "A=1", "-e", "No where"],
        ["ls", "-e", "No where"],
        ["rm", "a/../b"],
        ["set", "A", "B"],
        ["set", "A"],
    ],
)
def test_what_is_refused_here(deck, linked, signed_in, arguments):
    result = deck("env", *arguments, code=2)
    assert "hint: " in result.stderr
    assert signed_in.calls == []


def test_what_is_refused_there(deck, linked):
    result = deck("env", "set", "PATH=x", code=2)
    assert result.stderr == ("error: PATH is reserved\nhint: Take another name.\nrequest: req-1\n")


def test_pull(deck, linked):
    deck("env", "set", "A=all", "B=all", "--plain")
    deck("env", "set", "A=own value", "-e", "development", "--plain")
    deck("env", "set", "C=prod", "-e", "production", "--plain")
    deck("env", "set", "S=hidden", "--secret")
    result = deck("env", "pull", "--json")
    file = linked / ".env.local"
    assert result.json == {"file": str(file), "written": ["A", "B"], "secret": ["S"]}
    assert file.read_text().splitlines()[1:] == ['A="own value"', "B=all", "# S is a secret"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    deck("env", "pull")  # ours, so it may be replaced
    file.write_text("MINE=1\n")
    assert "--force" in deck("env", "pull", code=2).stderr
    assert file.read_text() == "MINE=1\n"
    deck("env", "pull", "--force", "-e", "production")
    assert "C=prod" in file.read_text()


def test_env_alone_helps(deck, folder):
    assert "pull" in deck("env").stdout


@pytest.mark.parametrize("value", ["plain", "two words", 'a"b', "a\\b", "$HOME", ""])
def test_a_shell_reads_what_we_write(value):
    script = f'V={quoted(value)}; printf %s "$V"'
    assert subprocess.check_output(["sh", "-c", script], text=True) == value
    assert shlex.split(quoted(value.replace("$", ""))) == [value.replace("$", "")]
