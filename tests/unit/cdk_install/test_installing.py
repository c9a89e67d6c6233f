"""The whole of an install, with a `cdk` that only pretends, up to the password."""

from __future__ import annotations

import json

import pytest

from cdk.assets import Assets
from cdk.install import (
    checks,
    choices,
    failures,
    finishing,
    installing,
    machine,
    prepare,
    quotas,
    remembered,
    unfinished,
    uninstalling,
)
from cdk.install.assembly import Made
from cdk.install.aws import Account
from cdk.install.failures import Failure
from cdk.install.prepare import Prepared
from cdk.install.problems import Failed, Refused
from cdk.install.terminal import Finding, Terminal
from cdk.settings import EDGE_REGION
from tests.unit.cdk_install.conftest import REGION, options

PASSWORD = "correct-horse-7"
GIVEN = {"domain": "apps.example.com", "email": "owner@example.com"}


@pytest.fixture
def world(account, names, fake_cdk, monkeypatch, tmp_path):
    """An account in which all checks pass and all stacks appear when `cdk` is run."""
    (tmp_path / "runner.pyz").write_bytes(b"agent")
    assets = Assets(*[tmp_path] * 3, tmp_path / "runner.pyz", tmp_path)
    stacks = [
        Made("clouddeck-data", REGION, {"t": {"Type": "AWS::DynamoDB::GlobalTable"}}),
        Made("clouddeck-edge", EDGE_REGION, {"d": {"Type": "AWS::CloudFront::Distribution"}}),
    ]
    monkeypatch.setattr(Account, "open", classmethod(lambda *_: account))
    monkeypatch.setattr(machine, "checks", list)
    monkeypatch.setattr(checks, "account_rows", lambda _: [Finding("credentials", "ok", "me")])
    monkeypatch.setattr(checks, "quota_rows", lambda *_: ([], []))
    monkeypatch.setattr(checks, "cloudfront_row", lambda _: Finding("cloudfront", "ok", ""))
    monkeypatch.setattr(checks, "mail_row", lambda *_: Finding("mail", "ok", ""))
    monkeypatch.setattr(choices, "with_zone", lambda _a, made, _g, may_create: (made, []))
    monkeypatch.setattr(prepare, "packed", lambda _: assets)
    monkeypatch.setattr(prepare, "bare", lambda: assets)
    monkeypatch.setattr(
        prepare, "synthesised", lambda _i, assets, folder: Prepared(folder, stacks, assets)
    )
    monkeypatch.setattr(uninstalling, "status", lambda *_: "")
    monkeypatch.setattr(finishing, "healthy", lambda _api: 0.1)
    owners = []

    def owner(_account, _names, request):
        owners.append(request)
        return {"created": True, "email": "owner@example.com", "password": PASSWORD}

    monkeypatch.setattr(finishing, "owner", owner)
    account.client("s3").create_bucket(
        Bucket=names.bucket("sources"), CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    for what in ("api-url", "console-url", "live-url"):
        account.client("ssm").put_parameter(
            Name=f"/clouddeck/{what}", Value=f"https://{what}.example", Type="String"
        )
    for region in (REGION, EDGE_REGION):
        account.client("ssm", region).put_parameter(
            Name=checks.BOOTSTRAP, Value="30", Type="String"
        )
    return owners


def ran(folder):
    path = folder / "cdk.asked"
    lines = path.read_text().splitlines() if path.exists() else []
    return [json.loads(line)[0][0] for line in lines]


def test_from_nothing_to_a_password(account, world, fake_cdk, terminal, capsys):
    document = installing.install(options(**GIVEN), terminal)
    assert document["installed"] is True
    assert document["api"] == "https://api-url.example"
    assert world == [
        {"console": "https://console-url.example"},
        {"email": "owner@example.com", "name": "owner"},
    ]
    kept = remembered.find(account, "clouddeck")
    assert kept.status == "installed"
    assert kept.installation.domain == "apps.example.com"
    assert PASSWORD not in kept.to_json()
    said = capsys.readouterr()
    assert said.out.count(PASSWORD) == 1
    assert PASSWORD not in said.err
    assert "deck --api https://api-url.example login --email owner@example.com" in said.out
    assert "a month" in said.err
    assert ran(fake_cdk) == ["deploy"]
    for path in fake_cdk.rglob("*"):
        assert not path.is_file() or PASSWORD.encode() not in path.read_bytes()


def test_json_is_one_document(account, world, capsys):
    installing.install(options(**GIVEN), Terminal(json=True, yes=True))
    said = capsys.readouterr()
    assert json.loads(said.out)["owner"]["password"] == PASSWORD
    assert said.err == ""


def test_a_dry_run_makes_nothing(account, world, fake_cdk, terminal, capsys):
    document = installing.install(options(**GIVEN, dry_run=True), terminal)
    assert [stack["name"] for stack in document["stacks"]] == ["clouddeck-data", "clouddeck-edge"]
    assert document["cost_micro_dollars"]["idle"] > 0
    assert remembered.find(account, "clouddeck") is None
    assert ran(fake_cdk) == []
    assert "1 table" in capsys.readouterr().out


def test_nobody_says_yes(account, world, fake_cdk, monkeypatch):
    class Nobody:
        def isatty(self):
            return False

    monkeypatch.setattr("sys.stdin", Nobody())
    with pytest.raises(Refused, match="no terminal"):
        installing.install(options(**GIVEN), Terminal())
    assert ran(fake_cdk) == []
    assert remembered.find(account, "clouddeck") is None


def test_a_failed_check_stops_it(account, world, fake_cdk, terminal, monkeypatch):
    row = Finding("region", "fail", "is disabled", "Enable it.")
    monkeypatch.setattr(checks, "account_rows", lambda _: [row])
    with pytest.raises(Refused) as refused:
        installing.install(options(**GIVEN), terminal)
    assert (refused.value.code, refused.value.hint) == ("checks_failed", "Enable it.")
    assert ran(fake_cdk) == []


def test_somebody_has_to_own_it(account, world, terminal):
    with pytest.raises(Refused, match="owner"):
        installing.install(options(domain="apps.example.com"), terminal)


def test_a_failure_is_explained_and_continued(account, world, fake_cdk, terminal, monkeypatch):
    (fake_cdk / "cdk.code").write_text("1")
    failed = Failure("clouddeck-edge", "cell", "AWS::X", "Your account must be verified")
    monkeypatch.setattr(failures, "first", lambda _a, stacks: failed if stacks else None)
    with pytest.raises(Failed) as stopped:
        installing.install(options(**GIVEN), terminal)
    assert "AWS Support" in stopped.value.hint
    assert "`deck install` again" in stopped.value.hint
    assert remembered.find(account, "clouddeck").status == "installing"
    (fake_cdk / "cdk.code").write_text("0")
    assert installing.install(options(), terminal)["installed"]  # what was chosen is remembered
    kept = remembered.find(account, "clouddeck").installation
    assert (kept.domain, kept.email) == ("apps.example.com", "owner@example.com")


def test_what_a_failed_attempt_left_is_cleared_before_the_next(
    account, world, fake_cdk, terminal, monkeypatch
):
    order = []
    monkeypatch.setattr(unfinished, "clear", lambda _a, names, _s: order.append(ran(fake_cdk)))
    installing.install(options(**GIVEN), terminal)
    assert order == [[]]  # once, when CDK had not been run yet
    assert ran(fake_cdk) == ["deploy"]


def test_a_failure_of_cdk_itself(account, world, fake_cdk, terminal, monkeypatch):
    (fake_cdk / "cdk.code").write_text("1")
    (fake_cdk / "cdk.out").write_text("Error: no space left\n")
    monkeypatch.setattr(failures, "first", lambda *_: None)
    with pytest.raises(Failed, match="no space left"):
        installing.install(options(**GIVEN), terminal)


def test_twice_is_an_upgrade(account, world, terminal):
    installing.install(options(**GIVEN), terminal)
    with pytest.raises(Refused) as refused:
        installing.install(options(**GIVEN), terminal)
    assert refused.value.code == "already_installed"
    assert "deck upgrade" in refused.value.hint


def test_another_region_is_another_installation(account, world, fake_cdk, terminal, monkeypatch):
    (fake_cdk / "cdk.code").write_text("1")
    monkeypatch.setattr(failures, "first", lambda *_: None)
    with pytest.raises(Failed):
        installing.install(options(**GIVEN), terminal)
    with pytest.raises(Refused) as refused:
        installing.install(options(**GIVEN, region="us-west-2"), terminal)
    assert refused.value.code == "other_region"


def test_regions_are_prepared_for_cdk(account, world, fake_cdk, terminal):
    account.client("ssm", EDGE_REGION).delete_parameter(Name=checks.BOOTSTRAP)
    installing.install(options(**GIVEN), terminal)
    assert ran(fake_cdk) == ["bootstrap", "deploy"]


def test_limits_are_not_raised_unless_asked(account, installation, world, terminal, monkeypatch):
    asked = []
    low = [(quotas.of(installation)[0], "L-1")]
    monkeypatch.setattr(checks, "quota_rows", lambda *_: ([], low))
    monkeypatch.setattr(quotas, "request", lambda _a, q, code: asked.append(code) or "asked")
    installing.install(options(**GIVEN, dry_run=True, request_quotas=True), terminal)
    assert asked == []
    installing.install(options(**GIVEN), terminal)
    assert asked == []


def test_limits_can_be_asked_for(account, installation, world, terminal, monkeypatch):
    asked = []
    monkeypatch.setattr(
        checks, "quota_rows", lambda *_: ([], [(quotas.of(installation)[0], "L-1")])
    )
    monkeypatch.setattr(quotas, "request", lambda _a, q, code: asked.append(code) or "asked")
    installing.install(options(**GIVEN, request_quotas=True), terminal)
    assert asked == ["L-1"]


def test_a_new_password(account, world, terminal, capsys):
    with pytest.raises(Refused, match="no installation"):
        installing.install(options(reset_owner=True), terminal)
    installing.install(options(**GIVEN), terminal)
    capsys.readouterr()
    installing.install(options(reset_owner=True), terminal)
    assert world[-1] == {"reset": True}
    assert capsys.readouterr().out.count(PASSWORD) == 1


@pytest.mark.parametrize(
    "wrong", [{"domain": "no_host"}, {"prefix": "X"}, {"email": "me"}, {"region": "moon"}]
)
def test_settings_that_cannot_be(account, world, terminal, wrong):
    if "region" in wrong:
        account.region = wrong["region"]
    with pytest.raises(Refused) as refused:
        installing.install(options(**{**GIVEN, **wrong}), terminal)
    assert refused.value.code == "installation_invalid"
    assert "must" in str(refused.value)


def test_what_makes_no_sense_asks_nobody(account, world, terminal, monkeypatch):
    def find(*_):
        raise AssertionError("the account was asked")

    monkeypatch.setattr(remembered, "find", find)
    with pytest.raises(Refused):
        installing.install(options(**{**GIVEN, "domain": "bad domain"}), terminal)
