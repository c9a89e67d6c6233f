"""What every Edge promises: a folder of files with the edge process, rows of the table with
CloudFront before them, and the fake of the tests.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.clouds.aws import routes, session
from chalicelib.clouds.aws.edge import CloudFrontEdge
from chalicelib.clouds.local.edge import LocalEdge
from chalicelib.core.config import Settings
from chalicelib.ports import Edge, SiteRoute, SmokeAnswer
from tests.contract.edge_sites import SECRET, EdgeProcess, FakeSite
from tests.fakes import FakeEdge

SITE = FakeSite("my-site")


def route(generation, version="v1", site=SITE, **more):
    production = None if version is None else site.deployment(version)
    return replace(SiteRoute(site.project, site.team, site.slug, production, generation), **more)


@dataclass
class Rig:
    """The port, and the route of a site as a server of the edge reads it."""

    edge: Edge
    home: Path | None = None
    table: Any = None

    def read(self, slug: str = SITE.slug) -> SiteRoute | None:
        if isinstance(self.edge, FakeEdge):
            return self.edge.routes.get(slug)
        if self.table is not None:
            key = {"pk": {"S": f"ROUTE#{slug}"}, "sk": {"S": "META"}}
            row = self.table.get_item(TableName="test-core", Key=key, ConsistentRead=True)
            return routes.route(row["Item"]) if "Item" in row else None
        path = self.home / "edge" / "routes" / f"{slug}.json"
        if not path.exists():
            return None
        found = json.loads(path.read_bytes())
        assert found.pop("version") == 1
        return SiteRoute(**found)

    def again(self) -> Edge:
        """The same edge in another process of the product."""
        if self.table is not None:
            return CloudFrontEdge(Settings(prefix="test"))
        return self.edge if isinstance(self.edge, FakeEdge) else _local(self.home)


def _local(home: Path, port: int = 9) -> LocalEdge:
    return LocalEdge(home, port, SECRET)


@pytest.fixture(params=["fake", "local", "aws"])
def rig(request, tmp_path):
    session.client.cache_clear()
    if request.param == "fake":
        yield Rig(FakeEdge())
    elif request.param == "local":
        yield Rig(_local(tmp_path), tmp_path)
    else:
        table = request.getfixturevalue("database")
        yield Rig(CloudFrontEdge(Settings(prefix="test")), table=table)
    session.client.cache_clear()


def test_a_route_is_kept(rig):
    assert rig.read() is None
    for number, version in enumerate(("v1", None, "v2")):
        rig.edge.put(route(number, version))
        assert rig.read() == route(number, version)


def test_generations_never_go_back(rig):
    rig.edge.put(route(5, "v5"))
    for older in (4, 0, -1):
        rig.edge.put(route(older, "v1"))
        rig.edge.put(route(older, None, gone=True))
        rig.again().put(route(older, "v1"))
    assert rig.read() == route(5, "v5")
    rig.edge.put(route(6, "v1"))
    assert rig.read() == route(6, "v1")
    rig.edge.put(route(2**53, "v2"))
    rig.edge.put(route(2**53 - 1, "v1"))
    assert rig.read() == route(2**53, "v2")


def test_the_same_generation_may_be_told_again(rig):
    rig.edge.put(route(5, "v1"))
    rig.edge.put(route(5, "v1"))
    assert rig.read() == route(5, "v1")
    rig.edge.put(route(5, None, gone=True))
    assert rig.read() == route(5, None, gone=True)


def test_gone_and_back(rig):
    rig.edge.put(route(1))
    rig.edge.put(route(2, None, gone=True))
    rig.edge.put(route(1))
    assert rig.read() == route(2, None, gone=True)
    rig.edge.put(route(3))
    assert rig.read() == route(3)


def test_a_freed_slug_belongs_to_the_younger_site(rig):
    older = replace(route(7), site="prj_" + "0" * 26)
    younger = replace(route(0, "v2"), site="prj_" + "1" * 26)
    rig.edge.put(older)
    rig.edge.put(replace(older, production=None, generation=8, gone=True))
    rig.edge.put(younger)
    assert rig.read() == younger
    for late in (replace(older, generation=9), replace(older, generation=9, gone=True)):
        rig.edge.put(late)
        assert rig.read() == younger


def test_sites_do_not_mix(rig):
    other = FakeSite("other", team_name="two")
    rig.edge.put(route(5))
    rig.edge.put(route(1, "v7", other))
    assert rig.read("my-site") == route(5)
    assert rig.read("other") == route(1, "v7", other)


@pytest.mark.parametrize("slug", ["", "..", "../x", "a/b", "a.b", "UPPER", "a" * 64, "a\0", "-a"])
def test_only_a_host_label_is_a_slug(rig, slug):
    with pytest.raises(ValueError):
        rig.edge.put(replace(route(1), slug=slug))
    assert rig.read() is None
    assert rig.home is None or not list(rig.home.rglob("*.json"))


def test_writers_at_once(rig):
    generations = list(range(1, 41)) * 2
    random.Random(7).shuffle(generations)
    seen: list[int] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            now = rig.read()
            if now is not None:
                assert now.production == SITE.deployment(f"v{now.generation}")
                seen.append(now.generation)

    with ThreadPoolExecutor(5) as pool:
        watcher = pool.submit(watch)
        edges = [rig.again() for _ in range(4)]
        writes = [
            pool.submit(edges[i % 4].put, route(g, f"v{g}")) for i, g in enumerate(generations)
        ]
        for write in writes:
            write.result()
        done.set()
        watcher.result()
    assert rig.read() == route(40, "v40")
    assert seen == sorted(seen)


def test_writers_of_two_sites_at_once(rig):
    """Sixteen threads: the younger site's newest route stays, whoever comes last."""
    sites = ("prj_" + "0" * 26, "prj_" + "1" * 26)
    told = [replace(route(g, f"v{g}"), site=site) for site in sites for g in range(20)]
    told.append(replace(route(99, "v99"), site=sites[0]))
    random.Random(11).shuffle(told)
    edges = [rig.again() for _ in range(4)]
    with ThreadPoolExecutor(16) as pool:
        for done in [pool.submit(edges[i % 4].put, r) for i, r in enumerate(told)]:
            done.result()
    assert rig.read() == replace(route(19, "v19"), site=sites[1])


def test_everything_that_a_route_says_is_kept(rig):
    full = route(3, canary=SITE.deployment("v2"), weight=250, skew_seconds=3600)
    rig.edge.put(full)
    assert rig.read() == full
    rig.edge.put(route(4))
    assert rig.read() == route(4)


def test_revoking_publishes_the_route(rig):
    rig.edge.put(route(1, "v1"))
    rig.edge.put(route(2, "v2"))
    if rig.table is not None:
        rig.edge = CloudFrontEdge(Settings(prefix="test"), sleep=lambda seconds: None)
    rig.edge.revoke(route(3, "v1"), SITE.deployment("v2"))
    assert rig.read() == route(3, "v1")
    rig.edge.revoke(route(2, "v2"), SITE.deployment("v1"))
    assert rig.read() == route(3, "v1")


def test_an_alias_is_a_route_of_its_own(rig):
    rig.edge.put(route(5, "v1"))
    alias = replace(route(1, "v2"), slug="staging--my-site")
    rig.edge.put(alias)
    assert rig.read("staging--my-site") == alias
    assert rig.read() == route(5, "v1")
    for wrong in ("a--b--my-site", "--my-site", f"{'0' * 26}--my-site"):
        with pytest.raises(ValueError, match="not a site name"):
            rig.edge.put(replace(alias, slug=wrong))


class _Refusing:
    """Drops every tag but one."""

    def __init__(self) -> None:
        self.tags: list[str] = []

    def drop(self, tag: str, occasion: str = "") -> list[str]:
        self.tags.append(f"{tag} {occasion}")
        if tag.endswith("1"):
            raise RuntimeError(f"{tag} stays")
        return []


def test_cloudfront_drops_every_removed_deployment_after_the_origin_had_time():
    waits: list[float] = []
    purge: Any = _Refusing()
    edge = CloudFrontEdge(Settings(prefix="test"), sleep=waits.append, purge=purge)
    edge.forget([])
    assert waits == []
    with pytest.raises(RuntimeError, match="dep-1 stays"):
        edge.forget(["dpl_1", "dpl_2"], "closed")
    assert waits == [2.0]
    assert purge.tags == ["dep-1 closed", "dep-2 closed"]


def _write_all(home, generations, barrier):
    edge = _local(home)
    barrier.wait(20)
    for generation in generations:
        edge.put(route(generation, f"v{generation}"))


def test_processes_at_once(tmp_path):
    forked = multiprocessing.get_context("fork")
    barrier = forked.Barrier(4)
    shares = [list(range(start, 60, 4))[:: 1 if start % 2 else -1] for start in range(1, 5)]
    writers = [forked.Process(target=_write_all, args=(tmp_path, s, barrier)) for s in shares]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)
    assert [writer.exitcode for writer in writers] == [0] * 4
    assert Rig(_local(tmp_path), tmp_path).read() == route(59, "v59")
    assert [path.name for path in (tmp_path / "edge" / "routes").iterdir()] == ["my-site.json"]


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b'{"generation":"9"}', b"\xff"])
def test_a_broken_file_is_healed(tmp_path, broken):
    rig = Rig(_local(tmp_path), tmp_path)
    rig.edge.put(route(5))
    (tmp_path / "edge" / "routes" / "my-site.json").write_bytes(broken)
    rig.edge.put(route(6))
    assert rig.read() == route(6)


# asking


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The edge process with two deployments of a site in its own copy; no store behind it."""
    home = tmp_path_factory.mktemp("edge")
    for version in ("v1", "v2"):
        SITE.publish({"index.html": version.encode()}, version)
    SITE.fill_cache(home)
    process = EdgeProcess(home)
    yield process
    process.stop()


def _fake_asked() -> FakeEdge:
    edge = FakeEdge(default=SmokeAnswer(404, "", 1))
    for version in ("v1", "v2"):
        deployment = SITE.deployment(version)
        host = f"{deployment.removeprefix('dpl_')}--my-site.localhost"
        edge.answers[host, "/"] = SmokeAnswer(200, deployment, 1)
        edge.answers[host, "/absent.txt"] = SmokeAnswer(404, deployment, 1)
    return edge


@pytest.fixture(params=["fake", "local"])
def asked(request):
    if request.param == "fake":
        return _fake_asked()
    served = request.getfixturevalue("served")
    edge = _local(served.home, served.port)
    edge.put(route(1, "v1"))
    return edge


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_asking_for_a_deployment(asked, version):
    deployment = SITE.deployment(version)
    host = f"{deployment.removeprefix('dpl_')}--my-site.localhost"
    answer = asked.ask(host, "/")
    assert (answer.status, answer.deployment) == (200, deployment)
    assert 0 <= answer.milliseconds < 10_000
    assert asked.ask(host, "/absent.txt").status == 404


def test_an_unknown_site_is_an_answer_too(asked):
    answer = asked.ask("nobody.localhost", "/")
    assert (answer.status, answer.deployment) == (404, "")


def test_a_moved_pointer_is_served_at_once(served):
    edge = _local(served.home, served.port)
    for generation, version in enumerate(("v1", "v2", "v1"), 10):
        edge.put(route(generation, version))
        assert edge.ask("my-site.localhost", "/").deployment == SITE.deployment(version)
    edge.put(route(1, "v2"))
    assert edge.ask("my-site.localhost", "/").deployment == SITE.deployment("v1")


@contextmanager
def _talking(say: bytes) -> Iterator[int]:
    """A server that answers every request with the same bytes; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            while True:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                with line:
                    line.recv(65536)
                    line.sendall(say)

        threading.Thread(target=talk, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def test_out_of_reach(tmp_path):
    silent = FakeEdge(default=None)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    for edge in (silent, _local(tmp_path, port)):
        with pytest.raises(OSError):
            edge.ask("my-site.localhost", "/")


@pytest.mark.parametrize("say", [b"", b"SSH-2.0-other\r\n", b"HTTP/1.1 x\r\n\r\n"])
def test_somebody_else_answers(tmp_path, say):
    with _talking(say) as port:
        edge = _local(tmp_path, port)
        with pytest.raises(OSError):
            edge.ask("my-site.localhost", "/")
        edge.put(route(1))
    assert Rig(edge, tmp_path).read() == route(1)


def test_a_route_is_published_while_the_edge_is_down(tmp_path):
    edge = _local(tmp_path)
    edge.put(route(1))
    assert Rig(edge, tmp_path).read() == route(1)
