"""A site with rules behind CloudFront, and another server behind it."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.clouds.aws import routes
from chalicelib.core import ids
from chalicelib.edge.rules.routing.codec import digest_of, encode
from chalicelib.edge.rules.routing.model import (
    Routing,
    Rule,
)
from chalicelib.edge.rules.routing.table import Table
from chalicelib.ports import SiteRoute
from tests.contract.edge_sites import FakeSite
from tests.fakes.bucket import DictBucket, Reply
from tests.fakes.cloudfront import CloudFront, Event
from tests.fakes.origin import Backend as Cloud
from tests.fakes.viewer import Viewer

DOMAIN = "localhost"
API = "api.example.com"
KEY = "5d" * 32
DOORS = routes.doors("https://api.deck.example", "https://console.deck.example")
FILES = {"index.html": b"home", "a.html": b"a", "b.html": b"b", "x.js": b"js"}


@pytest.fixture(scope="module")
def viewer():
    with Viewer(DOMAIN) as made:
        yield made


class World:
    """One site behind CloudFront, with another server beside it."""

    def __init__(self, viewer: Viewer) -> None:
        self.cloud = Cloud()
        self.bucket = DictBucket(self.cloud.objects)
        self.now = time.time()
        self.front = CloudFront.ours(
            viewer, self.bucket, self.cloud.settings(), {}, lambda: self.now
        )
        assert self.front.origin is not None
        self.front.origin.routes._clock = lambda: self.now
        self.front.servers[API] = self.answer
        self.site = FakeSite("shop", ids={"v1": ids.new("dpl"), "v2": ids.new("dpl")})
        self.reply = Reply(200, {"content-type": "text/plain"}, b"from the server")

    def answer(self, _: Event) -> Reply:
        return replace(self.reply, headers=dict(self.reply.headers))

    def publish(self, routing: Routing | None, version: str = "v1", **more: Any) -> SiteRoute:
        data = encode(routing) if routing else b""
        told = {"routing": digest_of(data)} if routing else {}
        self.site.publish(FILES, version, **told)
        if routing:
            self.site.objects[f"rules/{self.site.team}/{digest_of(data)}.json"] = data
        self.cloud.objects.update(self.site.objects)
        looks = Table(routing).looks if routing else ()
        site, deployment = self.site, self.site.deployment(version)
        route = SiteRoute(site.project, site.team, "shop", deployment, 1, looks=looks)
        return self.tell(replace(route, **more))

    def tell(self, route: SiteRoute) -> SiteRoute:
        self.cloud.rows["shop"] = routes.attributes(route, DOORS)
        self.front.kvs["shop"] = json.loads(routes.record(route, int(time.time() * 1000)))
        self.front.kvs[routes.DOORS] = DOORS
        self.now += 2
        return route

    def ask(
        self, path: str = "/", host: str = "shop", method: str = "GET", **headers: str
    ) -> Reply:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        reply = self.front.ask(f"{host}.{DOMAIN}", path, given, method)
        assert self.front.faults == []
        return reply


@pytest.fixture
def world(viewer, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    made = World(viewer)
    yield made
    made.cloud.close()


def rule(pattern: str, to: str, status: int = 200, **more: Any) -> Rule:
    return Rule("_redirects", 1, pattern, to, status, **more)


PASSED = Routing(rules=(rule("/api/*", f"https://{API}/v1/:splat"),))
