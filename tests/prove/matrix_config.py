"""Configuration that is broken in every way: it may cost its own site something, and no other."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable

from tests.contract.edge_sites import FakeSite
from tests.prove.cloud import Cloud, wait
from tests.prove.edges import LateEdge
from tests.prove.matrix_client import Case, Seen, ask, ask_all, get
from tests.prove.outcome import Outcome

FILES = {"smoke": 240, "full": 1000}
NEIGHBOURS, BATCH = 4, 60
BUCKET = "clouddeck-sites"


def run(cloud: Cloud, outcome: Outcome) -> int:
    """Lay bad files beside good ones, and visit everybody; how many requests that were."""
    edge = LateEdge(cloud, 20)
    try:
        return _run(cloud, edge, outcome)
    finally:
        edge.stop()


def _run(cloud: Cloud, edge: LateEdge, outcome: Outcome) -> int:
    chance = random.Random(outcome.seed)
    sites = [FakeSite(f"good-{n}") for n in range(NEIGHBOURS)]
    victims = [FakeSite(f"victim-{n}") for n in range(8)]
    for site in (*sites, *victims):
        site.publish({"index.html": f"one of {site.slug}".encode()})
        publish(cloud, site)
        edge.take(f"{site.slug}.json", site.route())
    hosts = edge.home / "edge" / "hosts"
    hosts.mkdir(exist_ok=True)
    for site in (*sites, *victims):
        if wait(lambda: shows(edge, site.slug), 20, 0.1) is None:  # noqa: B023
            raise RuntimeError(f"the edge does not show {site.slug}")
    asked, laid = 0, 0
    while laid < FILES[outcome.tier]:
        for _ in range(BATCH):
            laid += 1
            _lay(cloud, edge, chance, victims, laid)
        ask(edge.port, get("/_clouddeck/reload", "127.0.0.1", method="POST"))
        asked += ask_all(edge.port, _visits(outcome, sites, victims, laid))
    moved = sites[0]
    moved.publish({"index.html": b"two"}, "v2")
    publish(cloud, moved)
    edge.take(f"{moved.slug}.json", moved.route("v2", generation=2))
    shown = wait(lambda: edge.live(moved.slug) == moved.deployment("v2"), 10, 0.1)
    outcome.expect(shown is not None, "after bad files the edge hears of no good ones any more")
    outcome.figures["bad_files"] = laid
    return asked


def shows(edge: LateEdge, slug: str) -> bool:
    """Whether an edge has a site and its files."""
    return ask(edge.port, get("/", f"{slug}.localhost")).status == 200


def publish(cloud: Cloud, site: FakeSite) -> None:
    """Put a site's objects where edges fetch them from."""
    import boto3

    keys = cloud.installation.credentials()
    client = boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url=cloud.installation.url("ministack"),
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
    )
    for key, data in site.objects.items():
        client.put_object(Bucket=BUCKET, Key=key, Body=data)


def _lay(
    cloud: Cloud, edge: LateEdge, chance: random.Random, victims: list[FakeSite], number: int
) -> None:
    """One bad file: a route, a host, or a manifest and a table that nobody can read."""
    victim = chance.choice(victims)
    kind = chance.choice(("route", "route", "host", "manifest", "rules"))
    if kind == "route":
        edge.take(f"{victim.slug}.json", spoilt(victim.route(generation=1 + number), chance))
    elif kind == "host":
        told = {"version": 1, "host": f"h{number}.example", "slug": victim.slug,
                "site": victim.project, "redirect": None}  # fmt: skip
        body = spoilt(json.dumps(told).encode(), chance)
        (edge.home / "edge" / "hosts" / f"h{number}.example.json").write_bytes(body)
    else:
        own = FakeSite(f"broken-{number}")
        rules = spoilt(b'{"version":1,"rules":[{"source":"x","line":1}]}', chance)
        digest = hashlib.sha256(rules).hexdigest()
        own.publish({"index.html": b"x"}, routing=digest)
        own.objects[f"rules/{own.team}/{digest}.json"] = rules
        if kind == "manifest":
            key = f"manifests/{own.deployment()}.json"
            own.objects[key] = spoilt(own.objects[key], chance)
        publish(cloud, own)
        edge.take(f"{own.slug}.json", own.route())
        ask(edge.port, get("/", f"{own.slug}.localhost"))


def spoilt(good: bytes, chance: random.Random) -> bytes:
    """Bytes that look like `good` and say nothing usable."""
    return chance.choice(WAYS)(good, chance)


def _field(good: bytes, chance: random.Random) -> bytes:
    """One value replaced by one of another kind, or by a number that is none."""
    told = json.loads(good)
    name = chance.choice([*told, "past", "match", "access", "guard", "down", "looks"])
    told[name] = chance.choice(
        (float("inf"), float("nan"), -1, 10**400, [[]], {"a": {}}, [["x", float("inf")]], "\ud800",
         [f"dpl_{'0' * 26}", 1e999], "x" * 70_000, [[f"dpl_{'0' * 26}", float("-inf")]])
    )  # fmt: skip
    told["version"] = told["version"] if name == "version" else 1
    return json.dumps(told).encode("utf-8", "surrogatepass")


def _deep(_good: bytes, chance: random.Random) -> bytes:
    depth = chance.randrange(900, 20_000)
    return b'{"version":1,"match":["header","x",[' + b"[" * depth + b"]" * depth + b"]]}"


WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    lambda _good, _chance: b"",
    lambda good, chance: good[: chance.randrange(len(good))],
    lambda good, _chance: good + good,
    lambda good, _chance: good.replace(b'"version": 1', b'"version": 2').replace(
        b'"version":1', b'"version":2'
    ),
    lambda good, chance: chance.randbytes(len(good)),
    lambda good, _chance: b" " * (5 * 1024 * 1024) + good,
    lambda _good, chance: chance.choice((b"null", b"[]", b"0", b'""', b"{}", b"\xff\xfe{}")),
    lambda good, chance: good[:-1] + b"," + good[1 + chance.randrange(8) :],
    _field,
    _field,
    _field,
    _deep,
)


def _visits(
    outcome: Outcome, sites: list[FakeSite], victims: list[FakeSite], laid: int
) -> list[Case]:
    def look(site: FakeSite) -> Callable[[Seen], None]:
        wanted = f"one of {site.slug}".encode()

        def judged(seen: Seen) -> None:
            good = seen.status == 200 and seen.body == wanted
            outcome.expect(good, lambda: f"{site.slug} after {laid} files: {seen.all[:200]!r}")

        return judged

    return [((get("/", f"{site.slug}.localhost"),), look(site)) for site in (*sites, *victims)]
