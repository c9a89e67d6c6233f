"""What every keeper of DNS zones does: files, Route 53 (moto), Cloudflare (a server here)."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from moto import mock_aws

from chalicelib.clouds.aws import zones as aws
from chalicelib.clouds.local.zones import LocalZones
from chalicelib.core import config, outbound
from chalicelib.core.outbound import OutOfReach
from chalicelib.domains.providers import cloudflare
from chalicelib.domains.providers.cloudflare import Cloudflare, Refused
from chalicelib.domains.rules.records import checked
from chalicelib.edge.rules.domains import RecordSet
from chalicelib.ports import Zones

ZONE = "shop-one.com"
TOKEN = "a token of cloudflare"


class FakeCloudflare:
    """The part of Cloudflare's API that is spoken with, over HTTP."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.fail = 0
        self._ids = count(1)
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def _do(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                token = self.headers.get("Authorization")
                status, answer = owner.answer(self.command, self.path, body, token)
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = _do  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/client/v4"

    def answer(self, method: str, path: str, body: Any, token: str | None) -> tuple[int, Any]:
        parts = urlsplit(path.removeprefix("/client/v4"))
        query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        self.calls.append(f"{method} {parts.path}")
        if self.fail:
            return self.fail, {"success": False, "errors": []}
        if token != f"Bearer {TOKEN}":
            return 403, self._no(9109, "Invalid access token")
        if parts.path == "/zones":
            there = [{"id": "z1", "name": ZONE, "name_servers": ["ada.ns.cloudflare.com"]}]
            return 200, self._yes([z for z in there if z["name"] == query.get("name")])
        found = re.fullmatch(r"/zones/z1/dns_records(?:/(\w+))?", parts.path)
        assert found, parts.path
        if method == "GET":
            return 200, self._page(query)
        if method == "DELETE":
            return 200, self._yes(self.records.pop(found[1]))
        record = {**body, "id": found[1] or f"r{next(self._ids)}"}
        if record["type"] == "CAA":
            assert set(record["data"]) == {"flags", "tag", "value"}
        elif record["type"] == "TXT":
            assert record["content"].startswith('"')
        same = [r for i, r in self.records.items() if i != record["id"] and _same(r, record)]
        if same:
            return 400, self._no(81058, "An identical record already exists.")
        self.records[record["id"]] = record
        return 200, self._yes(record)

    def _page(self, query: dict[str, str]) -> Any:
        wanted = [
            r
            for r in self.records.values()
            if all(r[key] == query[key] for key in ("name", "type") if key in query)
        ]
        size, page = 2, int(query["page"])  # small pages, so that they are read on
        return {
            "success": True,
            "result": wanted[(page - 1) * size : page * size],
            "result_info": {"total_pages": max(1, -(-len(wanted) // size))},
        }

    def _yes(self, result: Any) -> Any:
        return {"success": True, "errors": [], "result": result}

    def _no(self, code: int, message: str) -> Any:
        return {"success": False, "errors": [{"code": code, "message": message}], "result": None}


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    keys = ("type", "name", "content", "data", "priority")
    return all(one.get(key) == other.get(key) for key in keys)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCloudflare]:
    fake = FakeCloudflare()
    told = replace(config.settings(), cloudflare_api=fake.url, private_outbound=True)
    monkeypatch.setattr(cloudflare, "settings", lambda: told)
    monkeypatch.setattr(outbound, "settings", lambda: told)
    yield fake
    fake.server.shutdown()
    fake.server.server_close()


@pytest.fixture(params=["local", "route53", "cloudflare"])
def keeper(request: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Zones]:
    if request.param == "local":
        yield LocalZones(tmp_path / "dns")
    elif request.param == "cloudflare":
        request.getfixturevalue("account")
        yield Cloudflare(TOKEN)
    else:
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
        with mock_aws():
            import boto3

            made = boto3.client("route53", region_name="us-east-1")
            monkeypatch.setattr(aws, "client", lambda service, region: made)
            yield aws.HostedZones(config.Settings())


SETS = [
    checked(ZONE, "@", "A", 300, ["192.0.2.1", "192.0.2.2"]),
    checked(ZONE, "@", "CAA", 300, ['0 issue "amazon.com"', '0 issuewild ";"']),
    checked(ZONE, "@", "MX", 600, ["10 mail.shop-one.com", "20 mail2.shop-one.com"]),
    checked(ZONE, "@", "TXT", 300, ["v=spf1 -all", "x" * 600]),
    checked(ZONE, "*.dev", "AAAA", 300, ["2001:db8::1"]),
    checked(ZONE, "www", "CNAME", 60, ["target.example.net"]),
]


def listed(keeper: Zones, zone: str) -> set[RecordSet]:
    return set(keeper.records(zone))


def test_what_is_put_is_read_replaced_and_dropped(keeper: Zones) -> None:
    zone, servers = keeper.create(ZONE)
    assert servers
    assert keeper.create(ZONE)[0] == zone, "asked again it is the same"
    for wanted in SETS:
        keeper.put(zone, wanted)
        keeper.put(zone, wanted)
    assert listed(keeper, zone) == set(SETS)
    other = replace(SETS[0], values=("192.0.2.2", "192.0.2.3"), ttl=120)
    keeper.put(zone, other)
    assert listed(keeper, zone) == {other, *SETS[1:]}
    for wanted in (other, *SETS[1:]):
        assert keeper.drop(zone, wanted.name, wanted.type)
        assert not keeper.drop(zone, wanted.name, wanted.type)
    assert listed(keeper, zone) == set()
    keeper.put(zone, SETS[0])
    keeper.remove(zone)
    keeper.remove(zone)


def test_a_name_never_goes_without_records_at_cloudflare(account: FakeCloudflare) -> None:
    keeper = Cloudflare(TOKEN)
    keeper.put("z1", SETS[0])
    account.calls.clear()
    keeper.put("z1", replace(SETS[0], values=("192.0.2.8", "192.0.2.9")))
    writes = [call.split()[0] for call in account.calls if not call.startswith("GET")]
    assert writes == ["PUT", "PUT"]
    assert all(not record.get("proxied") for record in account.records.values())


def test_other_zones_and_tokens_are_refused(account: FakeCloudflare) -> None:
    with pytest.raises(LookupError, match=r"no zone else\.com"):
        Cloudflare(TOKEN).create("else.com")
    with pytest.raises(Refused, match="Invalid access token"):
        Cloudflare("another").records("z1")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_one_that_is_busy_is_no_refusal(account: FakeCloudflare, status: int) -> None:
    account.fail = status
    with pytest.raises(OutOfReach):
        Cloudflare(TOKEN).records("z1")


def test_a_file_never_leaves_its_folder(tmp_path: Any) -> None:
    for name in ("../x", "a/b", ".", "", "x:1"):
        with pytest.raises(ValueError, match="not a zone"):
            LocalZones(tmp_path).create(name)
