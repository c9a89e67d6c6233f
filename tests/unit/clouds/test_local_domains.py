"""Domains on one machine: files that the edge reads, certificates of the local authority."""

from __future__ import annotations

import json
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from chalicelib.clouds.local import domains as module
from chalicelib.clouds.local.authority import Authority
from chalicelib.clouds.local.domains import LocalDomains
from chalicelib.clouds.local.hosts import HostFiles
from chalicelib.core import nameservers
from chalicelib.core.config import Settings
from chalicelib.edge.rules.domains import Brought, Placing
from tests.fakes import pems
from tests.fakes.nameserver import Nameserver

HOST = "www.shop-one.com"
TARGET = "deck.example.net"


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def settings(home):
    return Settings(home=home, edge_port=1)


@pytest.fixture
def domains(settings):
    return LocalDomains(settings)


def file_of(home, name=HOST):
    return home / "edge" / "hosts" / f"{name}.json"


def pem_of(home, name=HOST):
    return home / "edge" / "certs" / f"{name}.pem"


def test_a_host_is_a_file_and_a_certificate(home, domains):
    how = Placing(site="prj_x", redirect="shop-one.com", https="both", hsts_seconds=5, tls="1.3")
    found = domains.request(HOST, "shop", how)
    assert (found.state, found.records) == ("active", ())
    assert json.loads(file_of(home).read_text()) == {
        "version": 1,
        "host": HOST,
        "slug": "shop",
        "site": "prj_x",
        "redirect": "shop-one.com",
        "https": "both",
        "hsts_seconds": 5,
        "tls": "1.3",
    }
    assert pem_of(home).stat().st_mode & 0o777 == 0o600
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem_of(home))
    certificate = domains.certificate(HOST)
    assert certificate.names == (HOST,)
    assert certificate.expires > datetime.now(UTC) + timedelta(days=89)
    before = pem_of(home).read_bytes()
    assert domains.request(HOST, "blog", how).slug == "blog"
    assert pem_of(home).read_bytes() == before, "a certificate is made once"
    assert domains.detach(HOST) is True
    assert not file_of(home).exists()
    assert not pem_of(home).exists()
    assert domains.detach(HOST) is True
    assert domains.certificate(HOST) is None


def test_a_wildcard(home, domains):
    domains.request("*.shop-one.com", "shop")
    assert json.loads(file_of(home, "_wild.shop-one.com").read_text())["host"] == "*.shop-one.com"
    assert domains.certificate("*.shop-one.com").names == ("*.shop-one.com",)


def test_a_certificate_is_renewed_before_thirty_days_are_left(home, domains, monkeypatch):
    domains.request(HOST, "shop")
    first = domains.certificate(HOST).expires
    files = HostFiles(home / "edge")
    files.write_pem(HOST, Authority(home / "edge" / "ca").issue([HOST], 46))
    before = pem_of(home).read_bytes()
    domains.request(HOST, "shop")
    assert pem_of(home).read_bytes() == before
    files.write_pem(HOST, Authority(home / "edge" / "ca").issue([HOST], 44))
    domains.request(HOST, "shop")
    assert abs(domains.certificate(HOST).expires - first) < timedelta(minutes=1)


def brought(*hosts):
    certificate, key, chain = pems.pair(*hosts)
    return Brought(certificate.encode(), chain.encode(), key.encode())


def test_one_that_somebody_brings_is_served_until_it_is_given_back(home, domains):
    domains.request(HOST, "shop")
    own = brought(HOST)
    reference = domains.install(HOST, own, "")
    served = domains.request(HOST, "shop", Placing(reference=reference))
    assert served.reference == reference
    leaf = x509.load_pem_x509_certificate(own.leaf)
    assert x509.load_pem_x509_certificates(pem_of(home).read_bytes())[0] == leaf
    newer = domains.install(HOST, brought(HOST), reference)
    assert newer != reference
    domains.request(HOST, "shop")
    assert x509.load_pem_x509_certificates(pem_of(home).read_bytes())[0] != leaf
    assert domains.discard(reference) is True
    kept = list((home / "edge" / "own").rglob("*.pem"))
    assert len(kept) == 1, "the one that came after it stays"
    assert domains.discard(newer) is True
    assert list((home / "edge" / "own").rglob("*.pem")) == []


def test_what_another_team_brought_for_a_host_is_not_served_for_the_next(home, domains):
    """The host moved, and came back: the reference is of a certificate that is there no more."""
    first = domains.install(HOST, brought(HOST), "")
    theirs = brought(HOST)
    domains.install(HOST, theirs, "")
    domains.request(HOST, "shop", Placing(reference=first))
    served = x509.load_pem_x509_certificates(pem_of(home).read_bytes())[0]
    assert served != x509.load_pem_x509_certificate(theirs.leaf)


@pytest.fixture
def names(monkeypatch):
    server = Nameserver()
    monkeypatch.setattr(nameservers, "resolver", server.resolver)
    yield server
    server.stop()


def test_a_machine_with_a_name_serves_what_leads_there(home, settings, names):
    domains = LocalDomains(replace(settings, domains_target=TARGET))
    waiting = domains.request(HOST, "shop")
    assert (waiting.state, waiting.records[0].value) == ("waiting_dns", TARGET)
    assert not file_of(home).exists()
    names.addresses[TARGET] = ["192.0.2.7"]
    names.aliases[HOST] = TARGET
    assert domains.request(HOST, "shop").state == "active"
    del names.aliases[HOST]
    lost = domains.request(HOST, "shop")
    assert (lost.state, lost.detail) == ("misconfigured", f"{HOST} does not lead to {TARGET}")
    names.addresses[HOST] = ["192.0.2.7"]  # the root of a zone has addresses
    assert domains.request(HOST, "shop").state == "active"
    names.addresses[HOST] = ["192.0.2.7", "192.0.2.8"]
    assert domains.request(HOST, "shop").state == "misconfigured"
    names.broken = True
    assert domains.request(HOST, "shop").state == "misconfigured"


@pytest.mark.parametrize("host", ["shop.localhost", "a.shop.localhost", "localhost"])
def test_names_of_the_installation_are_nobodys(home, domains, host):
    with pytest.raises(ValueError, match="belongs to the installation"):
        domains.request(host, "shop")


@pytest.mark.parametrize("host", ["../x", "a/b", "", "x:1", "*.*.a.com", "A.com"])
def test_no_file_leaves_its_folder(home, domains, host):
    with pytest.raises(ValueError, match="not a host name"):
        domains.request(host, "shop")
    assert not (home / "edge" / "hosts").exists() or not list((home / "edge" / "hosts").iterdir())


def test_the_edge_of_this_machine_is_told(settings, monkeypatch):
    told = []
    monkeypatch.setattr(module.LocalDomains, "_poke", lambda self: told.append(1))
    domains = LocalDomains(settings)
    domains.request(HOST, "shop")
    count = len(told)
    domains.request(HOST, "shop")
    assert count >= 1
    assert len(told) == count, "nothing new is no news"
