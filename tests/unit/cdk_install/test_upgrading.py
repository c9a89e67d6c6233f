"""What an upgrade would change, what it refuses, and the way back."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest

from cdk.assets import Assets
from cdk.install import deploy, finishing, remembered, upgrading
from cdk.install.assembly import Made
from cdk.install.prepare import Prepared
from cdk.install.problems import Failed, Refused
from cdk.install.remembered import Remembered
from cdk.install.upgrading import CHANGE_SET, Change
from tests.unit.cdk_install.conftest import options

TABLE = Change("clouddeck-data", "Modify", "core", "AWS::DynamoDB::GlobalTable", "True")


def resource(action, name, kind, replacement=""):
    change = {"Action": action, "LogicalResourceId": name, "ResourceType": kind}
    if replacement:
        change["Replacement"] = replacement
    return {"Type": "Resource", "ResourceChange": change}


@pytest.fixture
def prepared(tmp_path):
    stacks = [Made(f"clouddeck-{what}", "eu-central-1", {}) for what in ("data", "api")]
    return Prepared(tmp_path, stacks, None)


def test_changes_of_all_stacks(account, stub, fake_cdk, prepared):
    client = stub("cloudformation")
    asked = {"StackName": "clouddeck-data", "ChangeSetName": CHANGE_SET}
    client.add_response(
        "describe_change_set",
        {
            "Changes": [
                resource("Modify", "core", "AWS::DynamoDB::GlobalTable", "True"),
                resource("Add", "new", "AWS::IAM::Role"),
            ]
        },
        asked,
    )
    client.add_response("delete_change_set", {}, asked)
    client.add_client_error("describe_change_set", "ChangeSetNotFound")
    found = upgrading.changes(account, prepared, {})
    assert found == [TABLE, Change("clouddeck-data", "Add", "new", "AWS::IAM::Role", "False")]


def test_changes_that_cannot_be_worked_out(account, fake_cdk, prepared):
    (fake_cdk / "cdk.code").write_text("1")
    (fake_cdk / "cdk.out").write_text("Error: expired\n")
    with pytest.raises(Failed, match="Error: expired"):
        upgrading.changes(account, prepared, deploy.environment(account, ""))


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        (TABLE, True),
        (replace(TABLE, action="Remove", replacement="False"), True),
        (replace(TABLE, replacement="Conditional"), False),
        (replace(TABLE, replacement="False"), False),
        (replace(TABLE, kind="AWS::IAM::Role"), False),
        (replace(TABLE, kind="AWS::S3::Bucket"), True),
        (replace(TABLE, kind="AWS::KMS::Key"), True),
    ],
)
def test_what_would_lose_data_is_refused(change, lost):
    assert change.loses_data is lost
    assert any("LOSES DATA" in line for line in upgrading.text([change])) is lost
    upgrading.refuse_loss([change], allowed=True)
    if lost:
        with pytest.raises(Refused) as refused:
            upgrading.refuse_loss([change], allowed=False)
        assert refused.value.code == "would_lose_data"
        assert "--allow-replacement" in refused.value.hint
    else:
        upgrading.refuse_loss([change], allowed=False)


def test_changes_in_words():
    role = Change("clouddeck-api", "Modify", "role", "AWS::IAM::Role", "True")
    maybe = replace(TABLE, replacement="Conditional")
    assert upgrading.text([role, replace(role, action="Add", replacement="False"), maybe]) == [
        "  clouddeck-api: 1 to modify, 1 to add",
        "  clouddeck-data: 1 to modify",
        "  replaced: clouddeck-api AWS::IAM::Role role",
        "  may be replaced: clouddeck-data AWS::DynamoDB::GlobalTable core",
    ]
    assert upgrading.text([]) == ["Nothing changes."]


@pytest.fixture
def history(account, installation):
    """Two versions; what is here is the newer one."""
    old = Remembered(installation, "0.1.0", "a" * 40, "runner/a.pyz", "installed")
    remembered.save(account, old)
    remembered.save(account, replace(old, version="0.2.0", commit="b" * 40))


def test_nothing_is_installed():
    with pytest.raises(Refused, match="no installation"):
        upgrading.upgrade(options(), None)


@pytest.mark.parametrize(
    ("status", "code"),
    [("kept", "being_removed"), ("removing", "being_removed"), ("installing", "not_finished")],
)
def test_what_is_not_wholly_there(account, installation, terminal, status, code):
    half = Remembered(installation, "0.1.0", "a" * 40, "runner/a.pyz", status)
    remembered.save(account, half)
    with pytest.raises(Refused) as refused:
        upgrading.upgrade(options(), terminal)
    assert refused.value.code == code


def test_rollback_says_where_it_would_go(history, terminal, capsys):
    document = upgrading.upgrade(options(rollback=True, dry_run=True), terminal)
    assert document == {"upgraded": False, "to": "0.1.0", "commit": "a" * 40}
    assert "CloudFormation rolls it back by itself" in capsys.readouterr().err


def test_an_upgrade_tells_where_the_console_is(
    account, installation, names, prepared, fake_cdk, terminal, tmp_path, monkeypatch
):
    (tmp_path / "runner.pyz").write_bytes(b"agent")
    assets = Assets(*[tmp_path] * 3, tmp_path / "runner.pyz", tmp_path)
    for what in ("api-url", "console-url"):
        account.client("ssm").put_parameter(
            Name=f"/clouddeck/{what}", Value=f"https://{what}.example", Type="String"
        )
    asked = []
    monkeypatch.setattr(finishing, "upload_runner", lambda *_: True)
    monkeypatch.setattr(finishing, "healthy", lambda _api: 0.1)
    monkeypatch.setattr(finishing, "owner", lambda *told: asked.append(told))
    now = Remembered(installation, "0.1.0", "a" * 40, "runner/a.pyz", "installed")
    remembered.save(account, now)
    upgrading.make(account, now, replace(prepared, assets=assets), {}, terminal)
    assert asked == [(account, names, {"console": "https://console-url.example"})]


def test_an_installation_without_a_console_is_told_nothing(account, names, monkeypatch):
    monkeypatch.setattr(finishing, "owner", lambda *_: pytest.fail("nobody was to be asked"))
    finishing.tell_console(account, names, "")


def git(folder, *arguments):
    done = subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@t", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path):
    """A repository whose second commit has another `tools/setup`."""
    folder = tmp_path / "checkout"
    (folder / "tools").mkdir(parents=True)
    setup = folder / "tools" / "setup"
    git(folder, "init", "-q")
    commits = []
    for code in ("0", "3"):
        setup.write_text(f"#!/bin/sh\ntouch was-set-up-$1\nexit {code}\n")
        setup.chmod(0o755)
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", code)
        commits.append(git(folder, "rev-parse", "HEAD"))
    return folder, commits


def test_an_earlier_commit_is_set_up_beside_this_one(checkout):
    folder, (old, _) = checkout
    for _ in range(2):
        there = upgrading.worktree(old, folder)
        assert there == folder / "build" / "versions" / old[:12]
        assert (there / "was-set-up-cdk").exists()
        assert git(there, "rev-parse", "HEAD") == old


def test_a_commit_that_is_not_here(checkout):
    with pytest.raises(Refused) as refused:
        upgrading.worktree("f" * 40, checkout[0])
    assert refused.value.code == "version_not_here"


def test_a_setup_that_fails(checkout):
    folder, (_, broken) = checkout
    with pytest.raises(Failed, match="tools/setup"):
        upgrading.worktree(broken, folder)
