"""What is kept in the account, in moto's Parameter Store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cdk.install import remembered
from cdk.install.problems import NoAccess, Refused
from cdk.install.remembered import Remembered


@pytest.fixture
def memory(installation):
    return Remembered(installation, "0.1.0", "a" * 40, "runner/x.pyz", "installed")


def test_it_is_found_from_any_region(account, memory):
    assert remembered.find(account, "clouddeck") is None
    kept = remembered.save(account, memory)
    assert kept.at.endswith("Z")
    account.region = "ap-southeast-2"
    assert remembered.find(account, "clouddeck") == kept
    assert remembered.the(account, "clouddeck") == kept
    assert remembered.find(account, "other") is None


def test_none_is_a_refusal(account):
    with pytest.raises(Refused) as refused:
        remembered.the(account, "clouddeck")
    assert refused.value.code == "not_installed"


def test_it_belongs_to_its_account(account, memory):
    other = replace(memory.installation, account="999999999999")
    remembered.save(account, replace(memory, installation=other))
    with pytest.raises(NoAccess, match="not 999999999999"):
        remembered.the(account, "clouddeck")


def test_the_version_before(account, memory):
    for version, commit, status in (
        ("0.1.0", "a" * 40, "installing"),
        ("0.1.0", "a" * 40, "installed"),
        ("0.2.0", "b" * 40, "installing"),
        ("0.2.0", "b" * 40, "installed"),
        ("0.3.0", "c" * 40, "installing"),
        ("0.3.0", "c" * 40, "installed"),
    ):
        now = replace(memory, version=version, commit=commit, status=status)
        remembered.save(account, now)
    assert len(remembered.history(account, "clouddeck")) == 6
    before = remembered.before(account, now)
    assert (before.version, before.commit) == ("0.2.0", "b" * 40)


def test_there_may_be_no_version_before(account, memory):
    remembered.save(account, memory)
    with pytest.raises(Refused) as refused:
        remembered.before(account, memory)
    assert refused.value.code == "no_earlier_version"


def test_forgetting_twice(account, memory):
    remembered.save(account, memory)
    remembered.forget(account, "clouddeck")
    remembered.forget(account, "clouddeck")
    assert remembered.find(account, "clouddeck") is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format":2}', '{"format":1,"installation":{"account":"x"}}']
)
def test_what_is_not_ours_is_refused(text):
    with pytest.raises(Refused) as refused:
        Remembered.from_json(text)
    assert refused.value.code == "installation_unreadable"


def test_it_fits_into_a_parameter(memory):
    assert len(memory.to_json()) < 4_096
    assert Remembered.from_json(memory.to_json()) == memory
