"""The one DNS question, asked of a resolver of our own."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdk.install import dns


def name(text):
    return b"".join(bytes([len(part)]) + part.encode() for part in text.split(".")) + b"\0"


def record(owner, kind, data):
    return owner + struct.pack(">2HIH", kind, 1, 60, len(data)) + data


@pytest.fixture
def resolver():
    """Answers every question with what the test says; `{id}` and the question are the asker's."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    server.settimeout(5)
    plan = {"flags": 0x8180, "records": [], "id": 0, "asked": []}

    def serve():
        try:
            query, who = server.recvfrom(4096)
        except OSError:
            return
        plan["asked"].append(query)
        number = struct.unpack_from(">H", query)[0] ^ plan["id"]
        head = struct.pack(">6H", number, plan["flags"], 1, len(plan["records"]), 0, 0)
        server.sendto(head + query[12:] + b"".join(plan["records"]), who)

    thread = threading.Thread(target=serve)
    thread.start()
    plan["port"] = server.getsockname()[1]
    yield plan
    server.close()
    thread.join()


def ask(resolver, zone="example.com"):
    return dns.name_servers(zone, ["127.0.0.1"], port=resolver["port"], timeout=2)


def test_name_servers_with_compressed_names(resolver):
    tail = struct.pack(">H", 0xC000 | 12)  # the question's own name
    resolver["records"] = [
        record(tail, 2, name("NS-1.awsdns-01.org")),
        record(tail, 2, b"\3ns2" + tail),
        record(tail, 1, b"\x01\x02\x03\x04"),
    ]
    assert ask(resolver) == {"ns-1.awsdns-01.org", "ns2.example.com"}
    assert name("example.com") + struct.pack(">2H", 2, 1) in resolver["asked"][0]


def test_a_zone_that_nobody_delegates(resolver):
    resolver["flags"] = 0x8183
    assert ask(resolver) == set()


@pytest.mark.parametrize("change", [{"flags": 0x8182}, {"id": 1}, {"records": [b"\xc0\x0c"]}])
def test_no_answer_is_not_known(resolver, change):
    resolver.update(change)
    assert ask(resolver) is None


def test_names_that_point_at_themselves_end(resolver):
    loop = struct.pack(">H", 0xC000 | 29)
    resolver["records"] = [record(loop, 2, loop)]
    assert ask(resolver) is None


def test_no_resolver_is_not_known(tmp_path):
    assert dns.name_servers("example.com", []) is None
    assert dns.resolvers(tmp_path / "absent") == []
    conf = tmp_path / "resolv.conf"
    conf.write_text("# x\nsearch a\nnameserver 10.0.0.1\nnameserver ::1\n")
    assert dns.resolvers(conf) == ["10.0.0.1", "::1"]


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(answer):
    with contextlib.suppress(ValueError, IndexError, struct.error):  # as name_servers does
        dns._read(answer)
