"""Wildcards, certificates of people's own and redirects, on CloudFront's tenants."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chalicelib.clouds.aws import domains as module
from chalicelib.clouds.aws.domains import Cell, Domains
from chalicelib.core.config import Settings
from chalicelib.edge.rules.domains import Brought, Placing
from tests.fakes.cloud import Fault, client
from tests.fakes.tenants import FakeTenants

HOST, STAR = "www.example.com", "*.example.com"
CELL = Cell("E123", "cg_1", "cname.example.net")
BROUGHT = Brought(b"leaf", b"chain", b"key")


class FakeAcm:
    """ACM: certificates by ARN."""

    def __init__(self) -> None:
        self.made: dict[str, dict] = {}
        self.tokens: dict[str, str] = {}
        self.used: set[str] = set()
        self.keys: dict[str, bytes] = {}

    def request_certificate(self, DomainName, ValidationMethod, IdempotencyToken):  # noqa: N803
        assert ValidationMethod == "DNS"
        arn = self.tokens.setdefault(IdempotencyToken, self._arn())
        proof = {"Name": f"_x.{DomainName[2:]}.", "Type": "CNAME", "Value": "_y.acm.aws."}
        self.made.setdefault(
            arn,
            {
                "CertificateArn": arn,
                "DomainName": DomainName,
                "Type": "AMAZON_ISSUED",
                "Status": "PENDING_VALIDATION",
                "DomainValidationOptions": [{"DomainName": DomainName, "ResourceRecord": proof}],
            },
        )
        return {"CertificateArn": arn}

    def import_certificate(self, **asked):
        assert asked["Certificate"]
        arn = asked.get("CertificateArn") or self._arn()
        self.keys[arn] = asked["PrivateKey"]
        end = datetime(2027, 6, 1, tzinfo=UTC)
        self.made[arn] = {
            "CertificateArn": arn,
            "Type": "IMPORTED",
            "Status": "ISSUED",
            "NotAfter": end,
        }
        return {"CertificateArn": arn}

    def describe_certificate(self, CertificateArn):  # noqa: N803
        if CertificateArn not in self.made:
            raise Fault("ResourceNotFoundException", "no such certificate")
        return {"Certificate": self.made[CertificateArn]}

    def delete_certificate(self, CertificateArn):  # noqa: N803
        if CertificateArn in self.used:
            raise Fault("ResourceInUseException", "in use")
        if self.made.pop(CertificateArn, None) is None:
            raise Fault("ResourceNotFoundException", "no such certificate")

    def _arn(self) -> str:
        return f"arn:aws:acm:us-east-1:123456789012:certificate/{len(self.made) + 1}"


@pytest.fixture
def acm():
    return FakeAcm()


@pytest.fixture
def cloudfront(acm, monkeypatch):
    fake = FakeTenants()
    made = {"cloudfront": fake.client(), "acm": client("acm", acm)}
    monkeypatch.setattr(module, "client", lambda service, region: made[service])
    return fake


@pytest.fixture
def domains(cloudfront):
    return Domains(Settings(sites_domain="sites.example.net"), CELL)


def test_a_wildcard_waits_for_its_certificate_before_it_has_a_tenant(cloudfront, domains, acm):
    first = domains.request(STAR, "shop")
    assert (first.state, first.reference != "") == ("waiting_certificate", True)
    assert [(r.name, r.value) for r in first.records] == [
        (STAR, CELL.target),
        ("_x.example.com", "_y.acm.aws"),
    ]
    again = domains.request(STAR, "shop")
    assert again.reference == first.reference, "a lost answer orders nothing twice"
    assert cloudfront.tenants == {}
    acm.made[first.reference]["Status"] = "ISSUED"
    how = Placing(reference=first.reference)
    assert domains.request(STAR, "shop", how).state == "attaching"
    (tenant,) = cloudfront.tenants.values()
    assert tenant["Customizations"]["Certificate"] == {"Arn": first.reference}
    cloudfront.pointed.add(STAR)
    cloudfront.spread(STAR)
    assert domains.request(STAR, "shop", how).state == "active"
    acm.made[first.reference]["Status"] = "FAILED"
    assert domains.request(STAR, "shop", how).state == "failed"


def test_an_own_certificate_is_imported_attached_and_deleted(cloudfront, domains, acm):
    reference = domains.install(HOST, BROUGHT, "")
    assert acm.keys[reference] == b"key"
    how = Placing(reference=reference)
    cloudfront.pointed.add(HOST)
    assert domains.request(HOST, "shop", how).state == "attaching"
    cloudfront.spread(HOST)
    assert domains.request(HOST, "shop", how).state == "active"
    assert domains.install(HOST, BROUGHT, reference) == reference, "the next one keeps the ARN"
    acm.used.add(reference)
    assert domains.discard(reference) is False
    assert domains.detach(HOST) is True
    acm.used.clear()
    assert domains.discard(reference) is True
    assert domains.discard(reference) is True


def test_one_that_acm_has_no_more_is_none(cloudfront, domains, acm):
    cloudfront.pointed.add(HOST)
    reference = domains.install(HOST, BROUGHT, "")
    domains.request(HOST, "shop", Placing(reference=reference))
    assert domains.certificate(HOST).status == "ISSUED"
    acm.made.clear()
    assert domains.certificate(HOST) is None


def test_over_an_ordered_one_another_is_imported(domains, acm):
    ordered = domains.request(STAR, "shop").reference
    assert domains.install(STAR, BROUGHT, ordered) != ordered


def test_from_a_managed_one_to_an_own_one_and_back(cloudfront, domains, acm):
    cloudfront.pointed.add(HOST)
    domains.request(HOST, "shop")
    cloudfront.issue(HOST)
    domains.attach(HOST)
    cloudfront.spread(HOST)
    reference = domains.install(HOST, BROUGHT, "")
    domains.request(HOST, "shop", Placing(reference=reference))
    (tenant,) = cloudfront.tenants.values()
    assert tenant["Customizations"]["Certificate"] == {"Arn": reference}


def test_a_redirect_is_a_parameter_of_the_tenant(cloudfront, domains):
    cloudfront.pointed.add(HOST)
    domains.request(HOST, "shop", Placing(redirect="example.com"))
    (tenant,) = cloudfront.tenants.values()
    assert tenant["Parameters"] == [
        {"Name": "slug", "Value": "shop"},
        {"Name": "redirect", "Value": "example.com"},
    ]
    before = cloudfront.calls.count("update")
    domains.request(HOST, "shop", Placing(redirect="example.com"))
    assert cloudfront.calls.count("update") == before
    domains.request(HOST, "shop")
    (tenant,) = cloudfront.tenants.values()
    assert tenant["Parameters"] == [{"Name": "slug", "Value": "shop"}]


@pytest.mark.parametrize(
    ("distributions", "group", "why"),
    [("E1", "none", True), ("E1,E2", "none", True), ("E1,E2", "cg_1", False), ("", "", True)],
)
def test_an_installation_without_tenants_says_why(distributions, group, why):
    told = Settings(
        distributions=distributions, tenants_group=group, domains_target="t.example.net"
    )
    found = Domains(told)
    assert bool(found.refusal()) is why
    if why:
        with pytest.raises(RuntimeError):
            found.request(HOST, "shop")
