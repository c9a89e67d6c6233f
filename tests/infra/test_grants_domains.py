"""Grants are enough for domains of people's own, on the real tenants, certificates and zones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.clouds.aws import domains as tenants
from chalicelib.clouds.aws import zones
from chalicelib.core import clock, config, nameservers
from chalicelib.core.actor import Actor
from chalicelib.domains.actions import manage
from chalicelib.domains.rows import domains as rows
from chalicelib.projects import rows as projects
from functions.domains import look
from functions.events import project_deleted
from functions.schedules import certificates
from tests.fakes import pems
from tests.fakes.nameserver import Nameserver
from tests.fakes.tenants import FakeTenants
from tests.infra.aws_clients import FakeRoute53, Watched
from tests.infra.rights import allowed, roles
from tests.infra.stacks import Stacks
from tests.infra.test_grants import Cloud, cloud  # noqa: F401  # a fixture
from tests.infra.used import unused
from tests.unit.clouds.aws_edge.test_brought import FakeAcm

HOST, STAR = "www.shop-one.com", "*.shop-one.com"
LOOKING = ("domain-look", "certificates")
CELL = tenants.Cell("E123", "cg_1", "custom--domain.example.com")


class Tenants(FakeTenants):
    """CloudFront, and the ACM beside it that has the certificates of both."""

    def __init__(self) -> None:
        super().__init__()
        self.acm = FakeAcm()

    def described(self, CertificateArn: str) -> dict[str, Any]:  # noqa: N803
        made = CertificateArn in self.acm.made
        keeper = FakeAcm.describe_certificate if made else None
        if keeper is not None:
            return keeper(self.acm, CertificateArn)
        return self.describe_certificate(CertificateArn)


class House:
    """A project whose domains come and go."""

    def __init__(self, cloud: Cloud, names: Nameserver, edge: Tenants) -> None:  # noqa: F811
        self.cloud, self.names, self.edge = cloud, names, edge
        self.path = f"/v1/projects/{cloud.project['id']}/domains"

    def api(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        with self.cloud.calls.by("api"):
            client = self.cloud.client
            answer = getattr(client, method)(path, *([] if body is None else [body]))
        assert answer.status == status, answer.text
        return answer.json() if answer.text else None

    def add(self, host: str) -> None:
        found = self.api("post", self.path, {"domain": host}, 201)
        record = next(one for one in found["records"] if one["type"] == "TXT")
        self.names.texts.setdefault(record["name"], []).append(record["value"])

    def look(self, host: str) -> str:
        row = rows.get(self.cloud.project["id"], host)
        assert row is not None
        event = {"project": row.project, "domain": host, "run": int(row.run)}
        with self.cloud.calls.by("domain-look"):
            look.handler(event, None)
        found = rows.get(self.cloud.project["id"], host)
        assert found is not None
        return str(found.state)

    def watch(self, host: str) -> None:
        row = rows.get(self.cloud.project["id"], host)
        assert row is not None
        rows.change(row, due=clock.iso(clock.now_ms() - 1000))
        with self.cloud.calls.by("certificates"):
            assert certificates.handler({}, None)["looked"] >= 1


@pytest.fixture
def house(
    cloud: Cloud,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    names, edge = Nameserver(), Tenants()
    monkeypatch.setattr(nameservers, "resolver", names.resolver)
    acm = edge.acm
    monkeypatch.setattr(acm, "describe_certificate", edge.described)
    backends = {"cloudfront": edge, "acm": acm, "route53": FakeRoute53()}
    made = {name: Watched(cloud.calls, name, one).client() for name, one in backends.items()}
    for module in (tenants, zones):
        monkeypatch.setattr(module, "client", lambda service, _region: made[service])
    settings = config.settings()
    cloud.watched = replace(
        cloud.watched,
        domains=tenants.Domains(settings, CELL),
        zones=zones.HostedZones(settings),
    )
    wiring.install(lambda: cloud.watched)
    yield House(cloud, names, edge)
    names.stop()


@pytest.mark.parametrize("made", ["standard"], indirect=True)
def test_domains_may_do_what_they_do(made: Stacks, house: House) -> None:
    house.cloud.calls.made.clear()
    house.cloud.calls.names = made.names
    nobody_has_looked_before(house)
    one_host(house)
    a_wildcard(house)
    a_certificate_of_ones_own(house)
    zones_of_a_team(house)
    gone(house)
    there, calls = roles(made), house.cloud.calls
    refused = sorted(call for call in calls.made if not allowed(there[call[0]], *call[1:]))
    assert refused == []
    assert unused(calls, "on-project-deleted") == set()
    # the machine and the watch take the same steps, of which each has taken some here
    machine, watch = ({grant for _, grant in unused(calls, name)} for name in LOOKING)
    assert machine & watch == set()


def nobody_has_looked_before(house: House) -> None:
    """The API died before it showed the first record there is: a look makes the key for it."""
    project = projects.get(house.cloud.project["id"])
    assert project is not None
    manage.add(Actor("user", "usr_x"), project, "first.shop-one.com")
    assert house.look("first.shop-one.com") == "ownership_pending"
    house.api("delete", f"{house.path}/first.shop-one.com", status=202)
    assert house.look("first.shop-one.com") == "removed"


def one_host(house: House) -> None:
    house.add(HOST)
    assert house.look(HOST) == "dns_pending"
    house.edge.pointed.add(HOST)
    assert house.look(HOST) == "certificate_pending"
    house.edge.issue(HOST)
    assert house.look(HOST) == "attaching"
    house.edge.spread(HOST)
    assert house.look(HOST) == "active"
    house.api("post", f"{house.path}/{HOST}/check")
    house.edge.pointed.discard(HOST)
    house.watch(HOST)
    house.edge.pointed.add(HOST)
    house.watch(HOST)


def a_wildcard(house: House) -> None:
    house.add(STAR)
    assert house.look(STAR) == "certificate_pending"
    for found in house.edge.acm.made.values():
        found["Status"] = "ISSUED"
    house.edge.pointed.add(STAR)
    house.look(STAR)
    house.edge.spread(STAR)
    assert house.look(STAR) == "active"


def a_certificate_of_ones_own(house: House) -> None:
    certificate, key, chain = pems.pair(HOST)
    body = {"certificate": certificate, "private_key": key, "chain": chain}
    house.api("put", f"{house.path}/{HOST}/certificate", body)
    house.look(HOST)
    assert house.api("get", f"{house.path}/{HOST}/certificate")["source"] == "own"
    house.api("put", f"{house.path}/{HOST}/certificate", body)
    house.api("delete", f"{house.path}/{HOST}/certificate", status=204)
    house.look(HOST)


def zones_of_a_team(house: House) -> None:
    path = f"/v1/teams/{house.cloud.project['team']}/zones"
    house.api("post", path, {"name": "shop-two.com"}, 201)
    record = {"name": "www", "type": "A", "values": ["192.0.2.1"], "ttl": 300}
    house.api("put", f"{path}/shop-two.com/records", record)
    house.api("put", f"{path}/shop-two.com/records", {**record, "name": "api"})
    assert len(house.api("get", f"{path}/shop-two.com/records")["items"]) == 2
    house.api("delete", f"{path}/shop-two.com/records/A/www", status=204)
    house.api("delete", f"{path}/shop-two.com", status=204)


def gone(house: House) -> None:
    house.api("delete", f"{house.path}/{STAR}", status=202)
    house.look(STAR)
    house.api("delete", f"/v1/projects/{house.cloud.project['id']}", status=204)
    event = {"detail": {"project": house.cloud.project["id"]}}
    with house.cloud.calls.by("on-project-deleted"):
        assert project_deleted.handler(event, None) == {"leaving": 1}
    assert house.look(HOST) == "removed"
    assert house.edge.tenants == {}
