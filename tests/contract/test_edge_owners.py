"""A name changes hands, over and over: nobody ever sees what an earlier owner published.

Sites come, deploy, roll back and go in any order, while the store of routes lags, the table fails
and visitors come by names, previews and pins. What may be late, and for how long, is said below.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.core import ids
from chalicelib.edge.rules.visitors import made_ms
from tests.contract.edge_sites import FakeSite
from tests.fakes.bucket import DictBucket
from tests.fakes.cloudfront import CloudFront
from tests.fakes.origin import Backend, row
from tests.fakes.viewer import Viewer

START = 1_800_000_000_000
SKEW = 3600


@dataclass
class Town:
    """One slug, its owners one after the other, and the edge before it."""

    backend: Backend
    viewer: Viewer
    seconds: float = 0.0
    owner: FakeSite | None = None
    live: str | None = None
    revoked: set[str] = field(default_factory=set)
    known: list[tuple[str, str]] = field(default_factory=list)
    """(project, deployment) of everything that was ever published."""

    def __post_init__(self) -> None:
        bucket = DictBucket(self.backend.objects)
        self.front = CloudFront.ours(
            self.viewer, bucket, self.backend.settings(), {}, lambda: self.seconds
        )
        assert self.front.origin is not None
        self.front.origin.routes._clock = lambda: self.seconds

    def now(self) -> int:
        return START + int(self.seconds * 1000)

    def come(self) -> None:
        """Somebody takes the name, if it is free."""
        if self.owner is None:
            self.owner = FakeSite("shop", own_project=ids.new("prj", self.now()))
            self.live, self.revoked = None, set()
            self.tell()

    def deploy(self) -> None:
        """The owner's next deployment goes live."""
        if self.owner is None:
            return
        self.seconds += 0.01
        made = self.owner.ids["v"] = ids.new("dpl", self.now())
        body = f"{self.owner.project} {made}".encode()
        self.owner.publish({"index.html": body, "a.js": body, "404.html": body + b" none"}, "v")
        self.backend.objects.update(self.owner.objects)
        self.known.append((self.owner.project, made))
        self.live = made
        self.tell()

    def roll_back(self) -> None:
        """The live deployment is taken off; the one before stands in."""
        own = [d for project, d in self.known if self.owner and project == self.owner.project]
        if self.live not in own[1:]:
            return
        bad, self.live = self.live, own[own.index(self.live) - 1]
        self.revoked = (self.revoked | {bad}) - {self.live}
        self.tell()
        self.seconds += 2
        self.front.purge(f"dep-{bad.removeprefix('dpl_')}")

    def leave(self) -> None:
        """The owner goes, as `CloudFrontEdge.put` has it: row, pause, purge."""
        if self.owner is None:
            return
        site, self.owner, self.live = self.owner, None, None
        self.backend.rows["shop"] = row(site.project, site.team, None, gone=True)
        self.seconds += 2
        self.front.purge(f"site-{site.project}")

    def tell(self) -> None:
        """Write the row."""
        assert self.owner is not None
        revoked = tuple(self.revoked)
        self.backend.rows["shop"] = row(
            self.owner.project, self.owner.team, self.live, revoked=revoked
        )

    def follow(self) -> None:
        """The store of routes catches up with the row."""
        said = self.backend.rows.get("shop")
        if said is not None:
            production = said.get("production", {}).get("S", "")
            record = {"s": said["site"]["S"], "g": 1, "k": SKEW, "x": int(said["gone"]["BOOL"])}
            self.front.kvs["shop"] = record | ({"p": production[4:]} if production else {})

    def fail(self) -> None:
        """The table is out of reach for half a minute in which people come by."""
        self.backend.failing.add("dynamodb")
        self.seconds += 3
        self.visit(strict=False)
        self.seconds += 30
        self.backend.failing.clear()

    def visit(self, *, strict: bool = True) -> None:
        """Look everywhere.

        `strict`: what answers is the owner's, and by its name not what was revoked. While the
        table fails, what was true before may still be said; it must not stay.
        """
        pins = [""] + [d.removeprefix("dpl_") for _, d in self.known[-4:]]
        hosts = [("shop", pin) for pin in pins] + [(f"{pin}--shop", "") for pin in pins[1:]]
        for host, pin in hosts:
            headers = {"sec-fetch-dest": "script", "x-clouddeck-pin": pin} if pin else {}
            for path in ("/", "/a.js", "/nope"):
                reply = self.front.ask(f"{host}.localhost", path, headers, now=self.now())
                assert self.front.faults == []
                if strict and reply.body.startswith(b"prj_"):
                    project, deployment = reply.body.decode().split(" ")[:2]
                    assert self.owner is not None, (host, pin, path)
                    assert project == self.owner.project, (host, pin, path)
                    assert "--" in host or deployment not in self.revoked, (host, pin, path)

    def wait(self) -> None:
        """Longer than anything that depends on a route is kept."""
        self.seconds += 7


OPERATIONS = ("come", "deploy", "roll_back", "leave", "follow", "fail", "visit")


@pytest.fixture(scope="module")
def viewer():
    with Viewer("localhost") as made:
        yield made


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from(OPERATIONS), min_size=4, max_size=24))
def test_nobody_sees_an_earlier_owners_site(viewer, monkeypatch, operations):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    town = Town(Backend(), viewer)
    try:
        for operation in ("come", "deploy", "follow", "visit", *operations):
            getattr(town, operation)()
            town.wait()
        town.visit()
        town.follow()
        town.visit()
    finally:
        town.backend.close()
    assert all(made_ms(d.removeprefix("dpl_")) >= START for _, d in town.known)
