"""Guards in the web ACL: made, changed, moved and removed, whoever else is at it."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from chalicelib.clouds.aws import waf
from chalicelib.core.config import Settings
from chalicelib.protection.rules.guard import compact, completed, empty
from tests.fakes.cloud import client
from tests.fakes.waf import ACL, FakeWaf

P, Q = "prj_01k1", "prj_01k2"
SETTINGS = Settings(prefix="test", firewall=ACL)
HOSTS = ["shop.apps.example.com", "www.shop.com"]


@pytest.fixture
def aws(monkeypatch):
    backend = FakeWaf()
    made = client("wafv2", backend)
    monkeypatch.setattr(waf, "client", lambda service, region: made)
    return backend


@pytest.fixture
def firewall(aws):
    return waf.Firewall(SETTINGS, sleep=lambda _: None)


def put(firewall, project=P, hosts=HOSTS, **parts):
    document = completed({**empty(), **parts})
    firewall.put(project, document, compact(document), hosts)


def rate(name, **more):
    first = {"name": name, "path": "/x/*", "methods": ["GET"], "key": "header:a", "window": 60}
    return {**first, "limit": 10, "action": "block", **more}


DENY = {"allow": ["192.0.2.0/24"], "deny": ["198.51.100.0/24", "2001:db8::/32"]}


def test_a_guard_is_put_and_removed(aws, firewall):
    before = aws.acl
    put(firewall, addresses=DENY, under_attack=True)
    sets = {f"test-guard-{P}-{what}" for what in ("allow-4", "deny-4", "deny-6")}
    assert aws.named() == {*sets, f"test-guard-{P}-50"}
    assert aws.guards() == [f"guard-{P}"]
    assert [rule["Priority"] for rule in aws.acl["Rules"]] == [0, 1, 1000]
    firewall.remove(P)
    assert aws.things == {}
    assert aws.acl == before, "and nothing else of the web ACL was lost"


def test_the_same_again_writes_nothing(aws, firewall):
    put(firewall, addresses=DENY)
    done = list(aws.writes)
    put(firewall, addresses=DENY)
    assert aws.writes == done
    firewall.remove(P)
    done = list(aws.writes)
    firewall.remove(P)
    assert aws.writes == done


def test_a_change_stays_within_its_group(aws, firewall):
    put(firewall, addresses=DENY)
    done = len(aws.writes)
    put(firewall, addresses={"allow": [], "deny": ["203.0.113.0/24"]})
    assert aws.writes[done:] == ["update", "update", "delete", "delete"]
    assert aws.named() == {f"test-guard-{P}-deny-4", f"test-guard-{P}-50"}


def test_a_guard_that_grows_moves(aws, firewall):
    put(firewall, addresses=DENY)
    put(firewall, Q, under_attack=True)
    put(firewall, rates=[rate(str(number)) for number in range(4)])
    assert aws.named() == {f"test-guard-{P}-250", f"test-guard-{Q}-50"}
    assert aws.guards() == [f"guard-{P}", f"guard-{Q}"]
    assert [rule["Priority"] for rule in aws.acl["Rules"]] == [0, 1, 1000, 1001]
    put(firewall, under_attack=True)
    firewall.remove(Q)
    assert aws.named() == {f"test-guard-{P}-50"}


def test_lists_in_pages(aws, firewall):
    aws.page = 1
    put(firewall, addresses=DENY)
    put(firewall, Q, addresses=DENY)
    done = list(aws.writes)
    put(firewall, addresses=DENY)
    assert aws.writes == done
    firewall.remove(Q)
    assert len(aws.things) == 4


@pytest.mark.parametrize("times", [1, 3])
def test_somebody_else_was_faster(aws, firewall, times):
    aws.crossing = times
    put(firewall, addresses=DENY)
    aws.crossing = times
    put(firewall, addresses={"allow": [], "deny": ["203.0.113.0/24"]})
    assert aws.guards() == [f"guard-{P}"]
    aws.crossing, aws.spreading = times, times
    firewall.remove(P)
    assert aws.things == {}


def test_it_does_not_try_for_ever(aws, firewall):
    aws.crossing = 100
    with pytest.raises(ClientError, match="OptimisticLock"):
        put(firewall, addresses=DENY)


def test_without_room_nothing_changes(aws, firewall):
    heavy = [rate(str(number)) for number in range(3)]
    for number in range(3):
        put(firewall, f"prj_{number}", rates=heavy)
    things, acl = dict(aws.things), aws.acl
    with pytest.raises(waf.GuardRefusedError, match=r"has 198 of 1500 units left.* needs 200"):
        put(firewall, P, rates=heavy)
    assert (aws.things, aws.acl) == (things, acl)
    put(firewall, "prj_0", rates=heavy[:1])
    put(firewall, P, under_attack=True)


def test_limits_of_the_account_are_told_and_leave_the_old_guard(aws, firewall):
    put(firewall, addresses=DENY)
    aws.most_rates = 1
    with pytest.raises(waf.GuardRefusedError, match="10 rates"):
        put(firewall, rates=[rate("a"), rate("b")])
    assert f"/test-guard-{P}-50/" in str(aws.acl["Rules"])
    aws.most_rates = 10
    put(firewall, rates=[rate("a"), rate("b")])
    assert len(aws.things) == 1


def test_an_installation_without_firewall():
    for said in ("", "none"):
        settings = Settings(prefix="test", firewall=said)
        assert "no firewall" in waf.refusal(settings, empty())
        waf.Firewall(settings).remove(P)
        with pytest.raises(waf.GuardRefusedError):
            put(waf.Firewall(settings))
    assert waf.refusal(SETTINGS, empty()) == ""
    assert "at most 4" in waf.refusal(
        SETTINGS, {**empty(), "rates": [rate(str(n)) for n in "12345"]}
    )


def test_a_host_that_is_too_long_is_said(firewall):
    with pytest.raises(waf.GuardRefusedError, match="as long as"):
        put(firewall, hosts=[*HOSTS, ".".join(["x" * 60] * 4)], under_attack=True)
