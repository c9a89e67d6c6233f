"""Sites behind CloudFront: our four functions around a cache, before S3 and DynamoDB."""

import json
import time

import pytest

from chalicelib.clouds.aws import routes
from tests.contract.edge_sites import FakeSite
from tests.fakes.bucket import DictBucket
from tests.fakes.cloudfront import CloudFront
from tests.fakes.origin import Backend, row
from tests.fakes.viewer import Viewer
from tests.vectors.cases import Book

BOOKS = [Book.read("serving"), Book.read("visitors")]
CASES = [(book, case) for book in BOOKS for case in book.made]
DOMAIN = "localhost"


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
        self.live = {}
        given = self.backend.settings(**settings)
        self.front = CloudFront.ours(viewer, self.bucket, given, {}, self.now)
        self.request = self.front.origin
        self.request.routes._clock = self.now

    def publish(self, site, version="v1", files=None, **manifest):
        """Put a deployment into the store and nothing else."""
        deployment = site.publish(files or {}, version, **manifest)
        self.backend.objects.update(site.objects)
        return deployment

    def route(self, site, production, *, record=True, **more):
        """Point the row, and the store unless it lags, to a deployment."""
        told = row(site.project, site.team, production, **more)
        before = self.live.get(site.slug)
        if before and before != production:  # as the pointer remembers what it left
            told["more"] = {"S": json.dumps({"past": [[before, int(time.time() * 1000)]]})}
        self.live[site.slug] = production
        self.backend.rows[site.slug] = told
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


@pytest.fixture(scope="module")
def worlds(viewer):
    """A distribution per book of cases, with the book's sites behind it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        made = {}
        for book in BOOKS:
            world = made[id(book)] = World(viewer)
            for slug in book.sites:
                world.backend.objects.update(book.site(slug).objects)
            for route in book.routes:
                world.backend.rows[route.slug] = routes.attributes(route)
        yield made
        for world in made.values():
            world.backend.close()


PAGES = {
    "index.html": b"<h1>one</h1>",
    "404.html": b"nothing",
    "a/index.html": b"a",
    "b.html": b"b",
}


@pytest.fixture
def shop(world):
    site = FakeSite("shop")
    world.route(site, world.publish(site, "v1", PAGES))
    return site
