"""The real CDK command against an emulated AWS: bootstrap, deploy, change sets, uninstall.

The emulator knows no deliveries of access logs, so the stack with the data stands for all.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdk.assets import CHECKOUT
from cdk.install import deploy, machine, prepare, remembered, uninstalling, upgrading
from cdk.install.assembly import Made
from cdk.install.aws import Account
from cdk.install.checks import unprepared_regions
from cdk.install.prepare import Prepared
from cdk.install.problems import Problem
from cdk.install.remembered import Remembered
from cdk.install.terminal import Terminal
from cdk.settings import Installation
from tests.unit.cdk_install.conftest import options

REGION = "eu-central-1"
MINISTACK = CHECKOUT / ".venv-cloud" / "bin" / "python"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a MiniStack of our own."""
    try:
        machine.cdk_command()
    except Problem as problem:
        pytest.skip(f"{problem.message}: {problem.hint}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
    }
    folder = tmp_path_factory.mktemp("emulator")
    running = subprocess.Popen([MINISTACK, "-m", "ministack"], cwd=folder, env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/_ministack/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        running.terminate()
        running.wait(timeout=20)


@pytest.fixture
def account(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Account:
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulator)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return Account.open(region=REGION)


def data_alone(installation: Installation, folder: Path) -> Prepared:
    """The assembly of an installation without the stacks that the emulator cannot make."""
    made = prepare.synthesised(installation, prepare.bare(folder), folder / "out")
    manifest = made.folder / "manifest.json"
    document = json.loads(manifest.read_text())
    kept = {k: v for k, v in document["artifacts"].items() if k.startswith("data")}
    manifest.write_text(json.dumps({**document, "artifacts": kept}))
    stacks: list[Made] = [stack for stack in made.stacks if stack.name == "clouddeck-data"]
    return Prepared(made.folder, stacks, made.assets)


def test_from_bootstrap_to_uninstall(account: Account, tmp_path: Path) -> None:
    terminal, shown = Terminal(yes=True), []
    installation = Installation(
        account=account.identity.account,
        region=REGION,
        domain="apps.example.com",
        zone="Z0123456789",
        email="owner@example.com",
    )
    env = deploy.environment(account, "")
    assert unprepared_regions(account) == [REGION, "us-east-1"]
    deploy.bootstrap(account, [REGION], env, terminal)
    assert unprepared_regions(account) == ["us-east-1"]

    data = data_alone(installation, tmp_path)
    done = deploy.deploy(data.folder, tmp_path / "outputs.json", env, shown.append)
    assert done.code == 0, deploy.reason(done)
    assert sum("AWS::DynamoDB::GlobalTable" in line for line in shown) == 3
    assert not any("FAILED" in line for line in shown)
    assert upgrading.changes(account, data, env) == []

    found = upgrading.changes(account, renamed(data), env)
    assert [change.kind for change in found] == ["AWS::DynamoDB::GlobalTable"]
    assert found[0].loses_data or found[0].may_lose_data

    memory = Remembered(installation, "0.1.0", "", "runner/none.pyz", "installed")
    remembered.save(account, memory)
    assert uninstalling.uninstall(options(region=REGION), terminal)["removed"]
    assert account.client("dynamodb").list_tables()["TableNames"] == []
    buckets = account.client("s3").list_buckets()["Buckets"]
    assert all(bucket["Name"].startswith("cdk-") for bucket in buckets)
    assert remembered.find(account, "clouddeck") is None


def renamed(data: Prepared) -> Prepared:
    """The same with another name for a table, which CloudFormation can only replace."""
    template = data.folder / "data.template.json"
    template.write_text(template.read_text().replace('"clouddeck-usage"', '"clouddeck-used"'))
    listing = data.folder / "data.assets.json"
    document = json.loads(listing.read_text())
    old = next(k for k, v in document["files"].items() if v["source"]["path"] == template.name)
    new = "0" * len(old)  # CDK uploads a template only under a name that it did not see before
    for path in (listing, data.folder / "manifest.json"):
        path.write_text(path.read_text().replace(old, new))
    return data
