"""The whole edge as on CloudFront: our four functions around a cache, before S3 and DynamoDB."""

import json
from pathlib import Path

import pytest

from chalicelib.edge.rules.hosts import parse_host
from functions.edge.origin_request import OriginRequest
from functions.edge.origin_response import OriginResponse
from tests.contract.edge_sites import FakeSite
from tests.fakes.bucket import DictBucket
from tests.fakes.cloudfront import CloudFront
from tests.fakes.origin import Backend, row
from tests.fakes.viewer import Viewer

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/edge/serving.json").read_text())
DOMAIN = VECTORS["domain"]
YEAR = "s-maxage=31536000"


class Now:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


class World:
    """A distribution and what lies behind it; `settings` bend those of the functions."""

    def __init__(self, viewer, **settings):
        self.backend = Backend()
        self.bucket = DictBucket(self.backend.objects)
        self.now = Now()
        given = self.backend.settings(**settings)
        self.request = OriginRequest(given)
        self.request.routes._clock = self.now
        response = OriginResponse(given)
        self.front = CloudFront(
            viewer,
            self.bucket,
            lambda event: self.request.handle(event["Records"][0]["cf"]["request"]),
            lambda event: response.handle(
                event["Records"][0]["cf"]["request"], event["Records"][0]["cf"]["response"]
            ),
            {},
            clock=self.now,
        )

    def publish(self, site, version="v1", files=None, **manifest):
        """Put a deployment into the store and nothing else."""
        deployment = site.publish(files or {}, version, **manifest)
        self.backend.objects.update(site.objects)
        return deployment

    def route(self, site, production, *, record=True, **more):
        """Point the row, and the store unless it lags, to a deployment."""
        self.backend.rows[site.slug] = row(site.project, site.team, production, **more)
        if record and production:
            bare = production.removeprefix("dpl_")
            self.front.kvs[site.slug] = {"s": site.project, "p": bare, "g": 1}

    def ask(self, host, path="/", headers=None, method="GET"):
        reply = self.front.ask(f"{host}.{DOMAIN}", path, headers, method)
        assert self.front.faults == []
        return reply


@pytest.fixture(scope="module")
def viewer():
    with Viewer(DOMAIN) as made:
        yield made


@pytest.fixture
def make(viewer, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    worlds = []

    def made(**settings):
        worlds.append(World(viewer, **settings))
        return worlds[-1]

    yield made
    for world in worlds:
        world.backend.close()


@pytest.fixture
def world(make):
    return make()


def content(slug, version, path):
    """Bytes that say whose they are."""
    return f"{slug} {version} {path}".encode()


@pytest.fixture(scope="module")
def vectors(viewer):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        world = World(viewer)
        for slug, known in VECTORS["sites"].items():
            site = FakeSite(slug)
            for version, manifest in known["deployments"].items():
                files = {path: content(slug, version, path) for path in manifest["files"]}
                flags = {k: v for k, v in manifest.items() if k != "files"}
                made = world.publish(site, version, files, **flags)
                assert made == VECTORS["deployments"][slug][version]
            production = VECTORS["deployments"][slug].get(known["production"])
            world.route(site, production, gone=known.get("gone", False))
        yield world
        world.backend.close()


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda c: c["name"])
@pytest.mark.parametrize("again", [False, True], ids=["cold", "warm"])
def test_vectors(vectors, case, again):
    reply = vectors.front.ask(case["host"], case["path"], case["headers"])
    assert vectors.front.faults == []
    want = case["expect"]
    assert reply.status == want["status"]
    assert reply.headers.get("location") == want["location"]
    assert reply.headers.get("x-clouddeck-deployment") == want["deployment"]
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert not [name for name in reply.headers if name.startswith("x-amz-")]
    if want["file"]:
        slug = parse_host(case["host"], DOMAIN).slug
        versions = VECTORS["deployments"][slug].items()
        version = next(v for v, d in versions if d == want["deployment"])
        assert reply.body == content(slug, version, want["file"])
    else:
        assert not any(reply.body.startswith(slug.encode()) for slug in VECTORS["sites"])
