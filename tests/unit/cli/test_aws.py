"""install, upgrade, uninstall, cost and `doctor --aws`: what the checkout's command is asked."""

from __future__ import annotations

import json
import sys

import pytest

from cli import localcloud


@pytest.fixture
def checkout(tmp_path, monkeypatch, folder):
    """A checkout whose `cdk` and `tools/setup` only say what they were asked."""
    root = tmp_path / "checkout"
    for path in ("adapters/local", "chalicelib", "tools", ".venv/bin"):
        (root / path).mkdir(parents=True)
    python = root / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$(dirname "$0")/../../said.py" "$@"\n')
    setup = root / "tools" / "setup"
    setup.write_text('#!/bin/sh\necho "setup $1"\nexit "${SETUP:-0}"\n')
    for program in (python, setup):
        program.chmod(0o755)
    (root / "said.py").write_text(
        "import json, os, sys\n"
        "print(json.dumps({'args': sys.argv[1:], 'cwd': os.getcwd()}))\n"
        "sys.exit(int(os.environ.get('EXIT', '0')))\n"
    )
    monkeypatch.setenv("CLOUDDECK_ROOT", str(root))
    return root


def run(command, *arguments, **env):
    process = command(*arguments, env=env)
    out, err = process.communicate()
    return process.returncode, out, err


def asked(out):
    return json.loads(out)["args"]


def test_install_sets_up_and_passes_its_options_on(command, checkout):
    code, out, err = run(
        command,
        *("install", "--domain", "apps.example.com", "--email", "a@example.com", "--create-zone"),
        *("--profile", "standard", "--region", "eu-central-1", "--aws-profile", "work", "--yes"),
    )
    assert code == 0
    assert err == "setup cdk\n"  # the result alone goes to stdout
    assert asked(out)[:3] == ["-m", "cdk", "install"]
    assert set(asked(out)[3:]) == {
        *("--domain=apps.example.com", "--email=a@example.com", "--create-zone", "--yes"),
        *("--profile=standard", "--region=eu-central-1", "--aws-profile=work"),
    }
    assert json.loads(out)["cwd"] == str(checkout)


def test_nothing_is_passed_on_that_was_not_given(command, checkout):
    assert asked(run(command, "install")[1]) == ["-m", "cdk", "install"]
    assert asked(run(command, "uninstall")[1]) == ["-m", "cdk", "uninstall"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (["upgrade", "--rollback", "--json"], ["upgrade", "--rollback", "--json"]),
        (["upgrade", "--allow-replacement"], ["upgrade", "--allow-replacement"]),
        (["uninstall", "--keep-data", "--dry-run"], ["uninstall", "--keep-data", "--dry-run"]),
        (["install", "--reset-owner"], ["install", "--reset-owner"]),
        (["install", "--request-quotas"], ["install", "--request-quotas"]),
        (["doctor", "--aws", "--prefix", "two"], ["doctor", "--prefix=two"]),
        (["doctor", "--aws", "--json"], ["doctor", "--json"]),
        (
            ["cost", "--requests", "1e6", "--api-calls", "5", "--visits", "9"],
            ["cost", "--requests=1e6", "--api-calls=5", "--visits=9"],
        ),
        (["cost", "--gb=-1"], ["cost", "--gb=-1"]),  # the model refuses it, with its own sentence
    ],
)
def test_what_the_checkout_is_asked(command, checkout, line, expected):
    code, out, _ = run(command, *line)
    assert code == 0
    assert asked(out)[2:] == expected


def test_looking_and_removing_need_no_setup(command, checkout):
    for verb in ("uninstall", "cost"):
        assert run(command, verb, SETUP="1")[0] == 0
    assert run(command, "doctor", "--aws", SETUP="1")[0] == 0


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5, 130])
def test_the_exit_code_is_that_of_the_checkout(command, checkout, code):
    assert run(command, "upgrade", EXIT=str(code))[0] == code


def test_json_alone_with_json(command, checkout):
    _, out, err = run(command, "install", "--json")
    assert asked(out)[2:] == ["install", "--json"]
    assert err == ""


def test_a_setup_that_fails_is_said(command, checkout):
    code, out, err = run(command, "install", SETUP="7")
    assert code == 5
    assert out == ""
    assert "tools/setup cdk failed" in err


def test_without_a_checkout(deck, folder, monkeypatch):
    monkeypatch.setattr(localcloud, "root", lambda _: None)
    assert "CLOUDDECK_ROOT" in deck("cost", code=2).stderr
