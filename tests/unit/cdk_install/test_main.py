"""`python -m cdk`: commands, exit codes, errors as `deck` prints them, templates and the plan."""

from __future__ import annotations

import json

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError

from cdk import __main__ as door
from cdk.cost.model import FIXTURES
from cdk.install import assembly, machine, plan, terminal
from cdk.install.problems import Failed, from_aws
from cdk.install.terminal import Finding
from cdk.settings import PROFILES


def test_cost(capsys):
    assert door.main(["cost", "--deployments", "1e3", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["usage"]["deployments"] == 1_000
    assert door.main(["cost"]) == 0
    assert "together" in capsys.readouterr().out


@pytest.mark.parametrize(
    "line",
    [
        [],
        ["fly"],
        ["cost", "--deployments", "-1"],
        ["cost", "--hits", "101"],
        ["install", "--profile", "huge"],
        ["uninstall", "--what"],
    ],
)
def test_a_wrong_command_line(capsys, line):
    assert door.main(line) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_nothing_installed(capsys):
    for verb in ("upgrade", "uninstall", "doctor"):
        assert door.main([verb, "--json"]) == 2
        error = json.loads(capsys.readouterr().err)["error"]
        assert error["code"] == "not_installed"
        assert error["hint"]


def test_interrupted(capsys, monkeypatch):
    def press(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(door, "run", press)
    assert door.main(["doctor"]) == 130
    assert "continues" in capsys.readouterr().err


def answer(code):
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Op")


@pytest.mark.parametrize(
    ("error", "exit_code", "code"),
    [
        (exceptions.NoCredentialsError(), 3, "aws_no_credentials"),
        (exceptions.ProfileNotFound(profile="x"), 3, "aws_no_credentials"),
        (exceptions.TokenRetrievalError(provider="x", error_msg=""), 3, "aws_credentials_refused"),
        (answer("ExpiredToken"), 3, "aws_credentials_refused"),
        (answer("AccessDenied"), 3, "aws_not_allowed"),
        (exceptions.EndpointConnectionError(endpoint_url="x"), 4, "aws_unreachable"),
        (exceptions.ConnectTimeoutError(endpoint_url="x"), 4, "aws_unreachable"),
        (answer("Throttling"), 1, "aws_error"),
        (exceptions.NoRegionError(), 1, "aws_error"),
    ],
)  # fmt: skip
def test_what_aws_says_becomes_an_exit_code(capsys, monkeypatch, error, exit_code, code):
    def fail(*_):
        raise error

    monkeypatch.setattr(door, "run", fail)
    assert door.main(["doctor", "--json"]) == exit_code
    assert json.loads(capsys.readouterr().err)["error"]["code"] == code


def test_a_fault_of_ours_is_not_hidden(monkeypatch):
    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(door, "run", fail)
    assert from_aws(ZeroDivisionError()) is None
    with pytest.raises(ZeroDivisionError):
        door.main(["doctor"])


def test_strangers_cannot_move_the_cursor(capsys):
    terminal.Terminal().error(Failed("x", "a\x1b[2Jb\nc"))
    assert capsys.readouterr().err == "error: a�[2Jb�c\n"


def test_rows():
    rows = [Finding("a", "ok", "fine", "unused"), Finding("b", "fail", "bad", "do it")]
    assert [line.split() for line in terminal.rows_as_text(rows)] == [
        ["ok", "a", "fine"],
        ["fail", "b", "bad"],
        ["→", "do", "it"],
    ]


def test_the_machine(tmp_path, monkeypatch):
    (tmp_path / "cdk").mkdir()
    (tmp_path / "cdk" / "package.json").write_text('{"dependencies":{"aws-cdk":"2.0.1"}}')
    rows = {row.name: row for row in machine.checks(tmp_path)}
    assert rows["cdk"].state == "fail"
    assert "tools/setup cdk" in rows["cdk"].hint
    folder = tmp_path / "cdk" / "node_modules" / ".bin"
    folder.mkdir(parents=True)
    for said, state in (("2.0.1 (build 1)", "ok"), ("3.0.0 (build 1)", "fail"), ("", "fail")):
        (folder / "cdk").write_text(f"#!/bin/sh\necho '{said}'\n")
        (folder / "cdk").chmod(0o755)
        assert machine._cdk(tmp_path).state == state
    monkeypatch.setenv("PATH", "")
    assert machine._node().state == "fail"


def test_the_cdk_command_is_pinned_exactly():
    assert all(part.isdigit() for part in machine.pinned_cdk().split("."))


# -- templates -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def synthesised(tmp_path_factory):
    """The real templates of every profile; jsii makes this the slow part."""
    out = tmp_path_factory.mktemp("assembly")
    assert door.main(["synth", "--all", "--out", str(out), "--json"]) == 0
    return {profile: assembly.read(out / profile) for profile in PROFILES}


@pytest.mark.parametrize("profile", PROFILES)
def test_the_cost_model_counts_what_the_templates_make(synthesised, profile):
    made = assembly.fixed(synthesised[profile])
    model = FIXTURES[profile]
    assert made == {
        "keys": model.keys,
        "alarms": model.alarms,
        "dashboards": model.dashboards,
        "acls": model.acls,
        "acl_rules": model.acl_rules,
        "backups": 1 if model.backups else 0,
    }


def test_the_plan_names_every_stack_in_order(synthesised, installation):
    stacks = synthesised["hobby"]
    names = [stack.name for stack in stacks]
    assert names[0] == "clouddeck-data"
    text = "\n".join(plan.text(installation, stacks))
    assert all(name in text for name in names)
    assert "3 tables" in text
    assert "a month" in text
    document = plan.document(installation, stacks)
    assert json.loads(json.dumps(document))["stacks"][0]["resources"]["AWS::KMS::Key"] == 2


def test_stacks_come_after_what_they_depend_on(tmp_path):
    def artifact(name, *before):
        (tmp_path / f"{name}.json").write_text('{"Resources":{}}')
        return {
            "type": "aws:cloudformation:stack",
            "environment": "aws://1/us-east-1",
            "properties": {"templateFile": f"{name}.json"},
            "dependencies": [*before, f"{name}.assets"],
        }

    artifacts = {"b": artifact("b", "a"), "a": artifact("a"), "Tree": {"type": "cdk:tree"}}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    assert [stack.name for stack in assembly.read(tmp_path)] == ["a", "b"]
