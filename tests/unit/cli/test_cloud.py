"""up, down, status, doctor."""

from __future__ import annotations

import json
import os
import sys

import pytest

from cli import checks, localcloud


@pytest.fixture
def checkout(tmp_path, monkeypatch, folder):
    """A checkout whose embedded cloud only says what it was asked."""
    root = tmp_path / "checkout"
    (root / "adapters" / "local").mkdir(parents=True)
    (root / "chalicelib").mkdir()
    (root / ".venv" / "bin").mkdir(parents=True)
    python = root / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$(dirname "$0")/../../cloud.py" "$@"\n')
    python.chmod(0o755)
    (root / "cloud.py").write_text(
        "import json, os, sys\n"
        "args = sys.argv[1:]\n"
        "home = os.environ.get('CLOUDDECK_HOME')\n"
        "if '--json' in args and 'doctor' in args:\n"
        "    print(json.dumps({'checks': [{'name': 'port', 'state': 'fail',"
        " 'detail': '8080 is taken by pid 7', 'hint': 'stop it'}]}))\n"
        "else:\n"
        "    print(json.dumps({'args': args, 'home': home}))\n"
        "if 'up' in args and home:\n"
        "    os.makedirs(home + '/run', exist_ok=True)\n"
        "    json.dump({'version': 1, 'pid': os.getppid(), 'api': 'http://localhost:9'},"
        " open(home + '/run/cloud.json', 'w'))\n"
        "print('problem: port in use', file=sys.stderr)\n"
        "sys.exit(int(os.environ.get('EXIT', '0')))\n"
    )
    monkeypatch.setenv("CLOUDDECK_ROOT", str(root))
    return root


def run_cloud(command, *arguments, **env):
    process = command(*arguments, env=env)
    out, err = process.communicate()
    return process.returncode, out, err


def test_up_passes_through(command, checkout):
    code, out, err = run_cloud(command, "up", "--home", "data", "--port", "9000", EXIT="5")
    assert code == 5
    said = json.loads(out)
    home = os.path.abspath("data")
    expected = ["-m", "adapters.local", "up", "--detach", "--home", home, "--port", "9000"]
    assert said["args"] == expected
    assert err == "problem: port in use\n"


def test_up_as_json_says_what_is_running(command, checkout, folder):
    (folder / ".clouddeck").mkdir()
    code, out, err = run_cloud(command, "up", "--json")
    assert json.loads(out)["api"] == "http://localhost:9", err
    assert code == 0


@pytest.mark.parametrize(
    ("command_line", "expected"),
    [
        (["down"], ["down"]),
        (["status"], ["status"]),
        (["status", "--json"], ["status", "--json"]),
    ],
)
def test_down_and_status(command, checkout, command_line, expected):
    code, out, _ = run_cloud(command, *command_line)
    assert json.loads(out)["args"][2:] == expected
    assert code == 0


def test_down_as_json(command, checkout):
    _, out, _ = run_cloud(command, "down", "--json")
    assert json.loads(out) == {"stopped": True}


def test_not_a_checkout(deck, folder, monkeypatch):
    monkeypatch.setattr(localcloud, "root", lambda _: None)
    assert "CLOUDDECK_ROOT" in deck("up", code=2).stderr


def test_a_checkout_that_was_not_set_up(deck, folder, monkeypatch):
    monkeypatch.setenv("CLOUDDECK_ROOT", str(folder))
    assert "make setup" in deck("up", code=5).stderr


def test_a_running_cloud_is_the_default_api(deck, fake, folder, monkeypatch):
    run = folder / ".clouddeck" / "run"
    run.mkdir(parents=True)
    (run / "cloud.json").write_text(json.dumps({"pid": os.getpid(), "api": fake.url}))
    (folder / "deep").mkdir()
    monkeypatch.chdir(folder / "deep")
    assert deck("login", "--token", fake.key, "--json").json["api"] == fake.url
    for document in ('{"pid": 999999999, "api": "http://x"}', "{", "[]", '{"pid": -1, "api": 1}'):
        (run / "cloud.json").write_text(document)
        assert localcloud.running(folder) is None


def test_doctor_all_well(deck, linked, signed_in, monkeypatch):
    result = deck("doctor", "--json")
    assert result.json["ok"] is True
    names = [row["name"] for row in result.json["checks"]]
    assert names == ["deck", "profile", "api", "signed in", "project", "git", "node"]
    assert set(result.json["checks"][0]) == {"name", "state", "detail", "hint"}
    assert "ok    api" in deck("doctor").stdout


def test_doctor_says_what_to_do(deck, linked, signed_in, monkeypatch):
    signed_in.meta_version = "9.0.0"
    signed_in.access = signed_in.refresh = "ended"
    monkeypatch.setenv("PATH", "")
    result = deck("doctor", code=1)
    assert "warn  api" in result.stdout
    assert "Update the older one" in result.stdout
    assert "fail  signed in" in result.stdout
    assert "Run `deck login`" in result.stdout
    assert "Install git" in result.stdout


def test_doctor_offline(deck, folder):
    result = deck("doctor", "--api", "http://localhost:9", "--json", code=1)
    rows = {row["name"]: row for row in json.loads(result.stdout)["checks"]}
    assert rows["api"]["state"] == "fail"
    assert "deck up" in rows["api"]["hint"]
    assert result.stderr == ""


def test_doctor_shows_the_rows_of_the_cloud(deck, linked, signed_in, checkout, monkeypatch):
    (linked / ".clouddeck").mkdir()
    monkeypatch.chdir(linked)
    result = deck("doctor", "--json", code=1)
    assert json.loads(result.stdout)["checks"][-1] == {
        "name": "port",
        "state": "fail",
        "detail": "8080 is taken by pid 7",
        "hint": "stop it",
    }


def test_rows_of_another_doctor_in_other_shapes():
    rows = checks.foreign_rows([{"check": "x", "status": "ok", "message": "fine"}, {}])
    assert (rows[0].name, rows[0].state, rows[0].detail) == ("x", "ok", "fine")
    assert rows[1].state == "warn"
    finding = {"name": "ports", "ok": False, "detail": "taken", "fix": "stop it", "needed": True}
    row = checks.Row("ports", "fail", "taken", "stop it")
    assert checks.foreign_rows([finding]) == [row]
    assert checks.foreign_rows([{**finding, "needed": False}])[0].state == "warn"
    assert checks.foreign_rows([{**finding, "ok": True}]) == [checks.Row("ports", "ok", "taken")]
