"""The name server of one machine, asked by dnspython over UDP and TCP."""

from __future__ import annotations

import socket
import threading

import dns.message
import dns.query
import dns.rcode
import dns.resolver
import pytest

from adapters.local import names as module
from chalicelib.clouds.local.zones import LocalZones
from chalicelib.core import nameservers
from chalicelib.domains.rules.records import checked

ZONE = "shop-one.com"


@pytest.fixture
def zones(tmp_path):
    keeper = LocalZones(tmp_path / "dns")
    keeper.create(ZONE)
    for name, kind, *values in (
        ("@", "A", "192.0.2.1"),
        ("@", "MX", "10 mail.shop-one.com"),
        ("www", "CNAME", "shop-one.com"),
        ("out", "CNAME", "else.example.net"),
        ("a.deep", "TXT", "x" * 600, "short"),
        ("*.dev", "AAAA", "2001:db8::1"),
        ("@", "CAA", '0 issue "amazon.com"'),
        ("long", "TXT", *(f"{n}{'y' * 800}" for n in range(4))),
    ):
        keeper.put(ZONE, checked(ZONE, name, kind, 300, list(values)))
    return keeper


@pytest.fixture
def port(zones, tmp_path):
    udp, tcp = module.serve(tmp_path / "dns", 0)
    for server in (udp, tcp):
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield udp.server_address[1]
    for server in (udp, tcp):
        server.shutdown()
        server.server_close()


@pytest.fixture
def ask(port):
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], port
    return resolver


@pytest.mark.parametrize(
    ("name", "kind", "found"),
    [
        (ZONE, "A", {"192.0.2.1"}),
        ("WWW.Shop-One.com", "A", {"192.0.2.1"}),
        (ZONE, "MX", {"10 mail.shop-one.com."}),
        ("x.dev.shop-one.com", "AAAA", {"2001:db8::1"}),
        (ZONE, "CAA", {'0 issue "amazon.com"'}),
        ("out.shop-one.com", "CNAME", {"else.example.net."}),
    ],
)
def test_what_stands_there_is_said(ask, name, kind, found):
    assert {str(r) for r in ask.resolve(name, kind)} == found


def test_what_the_product_asks(ask):
    assert set(nameservers.texts_of(f"a.deep.{ZONE}", ask)) == {"x" * 600, "short"}
    assert nameservers.leads_to(f"www.{ZONE}", ZONE, ask)
    assert not nameservers.leads_to(ZONE, f"x.dev.{ZONE}", ask)


def test_what_is_not_there(ask):
    for name in (f"none.{ZONE}", f"y.x.dev.{ZONE}"):
        with pytest.raises(dns.resolver.NXDOMAIN):
            ask.resolve(name, "A")
    for name in (ZONE, f"deep.{ZONE}", f"dev.{ZONE}"):
        with pytest.raises(dns.resolver.NoAnswer):
            ask.resolve(name, "TXT")


def test_what_is_too_long_for_a_datagram_is_asked_again_by_tcp(ask, port):
    query = dns.message.make_query(f"long.{ZONE}", "TXT")
    short = dns.query.udp(query, "127.0.0.1", port=port, timeout=5)
    assert short.flags & dns.flags.TC
    assert len(ask.resolve(f"long.{ZONE}", "TXT")) == 4


def test_it_resolves_nothing_for_others(port):
    query = dns.message.make_query("example.org", "A")
    assert dns.query.udp(query, "127.0.0.1", port=port, timeout=5).rcode() == dns.rcode.REFUSED


def test_garbage_ends_nothing(port, ask):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        for data in (b"", b"x", b"\xff" * 40, b"\x00" * 12):
            wire.sendto(data, ("127.0.0.1", port))
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.sendall(b"\x00\x05abc")
    assert ask.resolve(ZONE, "A")


def test_a_changed_zone_is_read_again(ask, zones):
    zones.put(ZONE, checked(ZONE, "@", "A", 300, ["192.0.2.9"]))
    assert {str(r) for r in ask.resolve(ZONE, "A")} == {"192.0.2.9"}
    zones.remove(ZONE)
    with pytest.raises(dns.resolver.NoNameservers):
        ask.resolve(ZONE, "A")
