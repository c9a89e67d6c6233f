"""Domains of people's own, from the first question to the last tenant deleted."""

import itertools
from typing import get_args

import pytest
from botocore.exceptions import ClientError

from chalicelib.clouds.aws import domains as module
from chalicelib.clouds.aws.domain_states import domain_name, judge, refusal
from chalicelib.clouds.aws.domains import Cell, Domains
from chalicelib.core.config import Settings
from chalicelib.edge.rules.domains import Placing, State
from tests.fakes.cloud import client
from tests.fakes.tenants import UNPROVEN, FakeTenants

HOST = "www.example.com"
CELL = Cell("E123", "cg_1", "cname.example.net")
SETTINGS = Settings(sites_domain="sites.example.net")


@pytest.fixture
def cloudfront(monkeypatch):
    fake = FakeTenants()
    made = {"cloudfront": fake.client(), "acm": client("acm", fake)}
    monkeypatch.setattr(module, "client", lambda service, region: made[service])
    return fake


@pytest.fixture
def domains(cloudfront):
    return Domains(SETTINGS, CELL)


def served(cloudfront, domains, host=HOST):
    cloudfront.pointed.add(host)
    domains.request(host, "shop")
    cloudfront.issue(host)
    domains.attach(host)
    cloudfront.spread(host)
    assert domains.state(host).state == "active"


def test_from_the_question_to_the_served_domain_and_away(cloudfront, domains):
    assert domains.state(HOST).state == "absent"
    waiting = domains.request("WWW.Example.com.", "shop")
    assert (waiting.host, waiting.state) == (HOST, "waiting_dns")
    assert "ownership" in waiting.detail
    (record,) = waiting.records
    assert (record.name, record.type, record.value) == (HOST, "CNAME", CELL.target)
    assert cloudfront.tenants == {}

    cloudfront.pointed.add(HOST)
    found = domains.request(HOST, "shop")
    assert (found.state, found.slug) == ("waiting_certificate", "shop")
    assert domains.attach(HOST).state == "waiting_certificate"
    cloudfront.issue(HOST)
    assert domains.state(HOST).state == "issued"
    assert domains.attach(HOST).state == "attaching"
    cloudfront.spread(HOST)
    assert domains.state(HOST).state == "active"
    before = len(cloudfront.calls)
    assert domains.attach(HOST).state == "active"
    assert domains.request(HOST, "shop").state == "active"
    assert cloudfront.calls[before:] == []

    (tenant,) = cloudfront.tenants.values()
    assert tenant["DistributionId"] == "E123"
    assert tenant["ConnectionGroupId"] == "cg_1"
    assert tenant["Parameters"] == [{"Name": "slug", "Value": "shop"}]
    assert tenant["Enabled"] is True

    cloudfront.pointed.clear()
    gone = domains.state(HOST)
    assert (gone.state, gone.detail) == ("misconfigured", "no CNAME leads to the routing endpoint")
    assert domains.detach(HOST) is True
    assert cloudfront.tenants == {}
    assert domains.detach(HOST) is True
    assert domains.state(HOST).state == "absent"


def test_a_domain_moves_to_another_site_with_its_certificate(cloudfront, domains):
    served(cloudfront, domains)
    found = domains.request(HOST, "blog")
    assert (found.state, found.slug) == ("active", "blog")
    assert cloudfront.calls.count("create") == 1


def test_what_else_a_tenant_has_stays(cloudfront, domains):
    cloudfront.pointed.add(HOST)
    domains.request(HOST, "shop")
    (tenant,) = cloudfront.tenants.values()
    firewall = {"WebAcl": {"Action": "override", "Arn": "arn:aws:wafv2:x"}}
    tenant["Customizations"] = firewall
    cloudfront.issue(HOST)
    domains.attach(HOST)
    domains.request(HOST, "blog")
    (tenant,) = cloudfront.tenants.values()
    assert tenant["Customizations"].keys() == {"WebAcl", "Certificate"}
    assert tenant["Customizations"]["WebAcl"] == firewall["WebAcl"]


def test_an_answer_that_got_lost_is_no_conflict(cloudfront, domains):
    cloudfront.pointed.add(HOST)
    cloudfront.lose_answer = True
    assert domains.request(HOST, "shop").state == "waiting_certificate"
    assert len(cloudfront.tenants) == 1


def test_a_domain_that_somebody_else_serves_proves_itself_by_redirects(cloudfront, domains):
    found = domains.request(HOST, "shop", Placing(served_elsewhere=True))
    assert found.state == "waiting_certificate"
    assert found.redirects[0].source == f"{HOST}/.well-known/pki-validation/token.txt"
    cloudfront.issue(HOST)
    domains.attach(HOST)
    cloudfront.spread(HOST)
    assert domains.state(HOST).state == "misconfigured"
    cloudfront.pointed.add(HOST)
    assert domains.state(HOST).state == "active"


def test_somebody_elses_domain(cloudfront, domains):
    cloudfront.taken |= {HOST, "*.example.com", "other.example.com"}
    cloudfront.pointed.add(HOST)
    assert domains.request(HOST, "shop").state == "conflict"
    assert domains.detach(HOST) is True


def test_another_distribution_of_ours_keeps_its_domain(cloudfront, domains):
    served(cloudfront, domains)
    other = Domains(SETTINGS, Cell("E999", "cg_2", "cname2.example.net"))
    assert other.request(HOST, "blog").state == "conflict"
    assert domains.state(HOST).slug == "shop"


@pytest.mark.parametrize("status", ["failed", "validation-timed-out", "inactive"])
def test_a_certificate_that_failed_is_asked_for_again_by_us_only(cloudfront, domains, status):
    cloudfront.pointed.add(HOST)
    domains.request(HOST, "shop")
    assert domains.retry(HOST).state == "waiting_certificate"
    assert "update" not in cloudfront.calls
    cloudfront.issue(HOST, status)
    found = domains.request(HOST, "shop")
    assert (found.state, found.detail) == ("failed", f"its certificate is {status}")
    assert domains.attach(HOST).state == "failed"
    assert domains.retry(HOST).state == "waiting_certificate"
    assert cloudfront.calls.count("update") == 1
    assert domains.state(HOST).slug == "shop"


def test_tenants_that_others_change_meanwhile(cloudfront, domains):
    cloudfront.pointed.add(HOST)
    domains.request(HOST, "shop")
    cloudfront.issue(HOST)
    cloudfront.crossing = 3
    assert domains.attach(HOST).state == "attaching"
    cloudfront.crossing = 4
    with pytest.raises(ClientError, match="PreconditionFailed"):
        domains.request(HOST, "blog")
    cloudfront.crossing = 2
    assert domains.detach(HOST) is True


def test_switching_off_takes_its_time(cloudfront, domains):
    served(cloudfront, domains)
    cloudfront.switching = 2
    assert domains.detach(HOST) is False
    assert domains.state(HOST).state == "removing"
    assert domains.detach(HOST) is False
    assert domains.detach(HOST) is True
    assert cloudfront.tenants == {}


def test_no_way_out_leaves_a_tenant(cloudfront, domains):
    """Tenants are billed, so detaching works from every state that one can be in."""
    seen = set()
    for status, pointed, attach, spread in itertools.product(
        ["pending-validation", "issued", "failed", "expired"], *[[False, True]] * 3
    ):
        cloudfront.pointed.add(HOST)
        domains.request(HOST, "shop")
        if attach:
            cloudfront.issue(HOST)
            domains.attach(HOST)
        cloudfront.issue(HOST, status)
        if spread:
            cloudfront.spread(HOST)
        if not pointed:
            cloudfront.pointed.clear()
        seen.add(domains.state(HOST).state)
        assert domains.detach(HOST) is True
        assert cloudfront.tenants == {}
    assert seen == set(get_args(State)) - {"absent", "conflict", "removing"}


def test_a_limit_is_the_installations_fault(cloudfront, domains):
    cloudfront.limit = 0
    cloudfront.pointed.add(HOST)
    with pytest.raises(ClientError, match="EntityLimitExceeded"):
        domains.request(HOST, "shop")


def test_what_acm_knows(cloudfront, domains):
    assert domains.certificate(HOST) is None
    cloudfront.pointed.add(HOST)
    domains.request(HOST, "shop")
    assert domains.certificate(HOST).status == "PENDING_VALIDATION"
    cloudfront.issue(HOST)
    found = domains.certificate(HOST)
    assert (found.status, found.expires.year, found.renewal) == ("ISSUED", 2027, "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost",
        "*.com",
        "a.*.com",
        "a..b",
        "-a.com",
        "a b.com",
        "127.0.0.1",
        "1.2.3",
        "a.com:80",
        "http://a.com",
        "a.com/x",
        "é.com",
        "a" * 64 + ".com",
        ("a" * 60 + ".") * 5 + "com",
        "a_b.com",
    ],
)
def test_only_a_domain_name_is_one(domains, cloudfront, text):
    for verb in (domains.state, domains.attach, domains.detach, domains.retry):
        with pytest.raises(ValueError):
            verb(text)
    with pytest.raises(ValueError):
        domains.request(text, "shop")
    with pytest.raises(ValueError):
        domains.request(HOST, "a/b")
    assert cloudfront.calls == []


@pytest.mark.parametrize(
    "host",
    ["sites.example.net", "victim.sites.example.net", "Cname.Example.net", "a.cname.example.net"],
)
def test_names_of_the_installation_are_nobodys(domains, cloudfront, host):
    cloudfront.pointed.add(host)
    with pytest.raises(ValueError, match="belongs to the installation"):
        domains.request(host, "shop")
    assert cloudfront.calls == []
    cloudfront.pointed.add("mysites.example.net")
    assert domains.request("mysites.example.net", "shop").state == "waiting_certificate"


def test_names_are_normalised():
    assert domain_name("Shop.XN--E1AFMKFD.com.") == "shop.xn--e1afmkfd.com"


# the pure part

ATTACHED = {"Certificate": {"Arn": "arn:x"}}


def tenant(attached=False, active=False, enabled=True):
    return {
        "Enabled": enabled,
        "Customizations": ATTACHED if attached else {},
        "Domains": [{"Domain": HOST, "Status": "active" if active else "inactive"}],
    }


@pytest.mark.parametrize(
    ("of", "certificate", "dns", "state"),
    [
        (tenant(), "", "", "waiting_dns"),
        (tenant(), "pending-validation", "", "waiting_dns"),
        (tenant(), "pending-validation", "unknown-configuration", "waiting_dns"),
        (tenant(), "pending-validation", "invalid-configuration", "waiting_dns"),
        (tenant(), "pending-validation", "valid-configuration", "waiting_certificate"),
        (tenant(), "issued", "invalid-configuration", "issued"),
        (tenant(), "failed", "valid-configuration", "failed"),
        (tenant(attached=True), "issued", "valid-configuration", "attaching"),
        (tenant(attached=True, active=True), "issued", "valid-configuration", "active"),
        (tenant(attached=True, active=True), "", "", "active"),
        (tenant(attached=True, active=True), "issued", "unknown-configuration", "active"),
        (tenant(attached=True, active=True), "pending-validation", "", "active"),
        (tenant(attached=True, active=True), "failed", "valid-configuration", "active"),
        (tenant(attached=True, active=True), "expired", "valid-configuration", "failed"),
        (tenant(attached=True, active=True), "issued", "invalid-configuration", "misconfigured"),
        (tenant(attached=True, active=True, enabled=False), "issued", "", "removing"),
        ({"Domains": []}, "", "", "waiting_dns"),
    ],
)
def test_what_cloudfronts_answers_mean(of, certificate, dns, state):
    details = {"CertificateStatus": certificate} if certificate else {}
    assert judge(HOST, of, details, {"Status": dns} if dns else {})[0] == state


@pytest.mark.parametrize(
    ("code", "message", "state"),
    [
        ("CNAMEAlreadyExists", "", "conflict"),
        ("InvalidArgument", UNPROVEN, "waiting_dns"),
        ("InvalidArgument", "We could not verify the domain.", "waiting_dns"),
        ("InvalidArgument", "The parameter Name is too long.", None),
        ("EntityLimitExceeded", "verify domain ownership", None),
        ("EntityAlreadyExists", "", None),
        ("AccessDenied", "", None),
    ],
)
def test_what_a_refusal_means(code, message, state):
    assert refusal(code, message) == state
