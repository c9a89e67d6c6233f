"""Every header, host, path and address that should change nothing, tried; and what must not mix."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.prove import matrix_config, matrix_outbound
from tests.prove.cloud import Cloud, wait
from tests.prove.matrix_backend import Backend
from tests.prove.matrix_client import Case, Seen, ask, ask_all, get
from tests.prove.matrix_forms import deceptions, host_requests, hostile_paths, internal_names
from tests.prove.outcome import Outcome
from tests.prove.repository import Files

GOAL = (
    "0 bypasses of protected addresses by internal headers, 0 bytes of another site by any form of "
    "a host, 0 poisoned or private answers shown to the next visitor, 0 bytes from outside a "
    "site's files, 0 requests to internal addresses, 0 faults by configuration of others"
)
PATHS = {"smoke": 4_000, "full": 40_000}
STEP = {"smoke": 6, "full": 1}
"""Of the large products every so-manieth is tried."""
TOLD_SECONDS = 90
"""The sweep tells edges again within a minute of whatever they did not hear."""
SITES = ("left", "right", "shut", "guarded")
VALUES = ("1", "access=1&country=DE", "127.0.0.1", "/index.html")
CANARY = "canary-4711"

CONFIG = """
auth = [{{for = "/staff/*", users = {{ada = "word-of-ada"}}}}]
redirects = [
    {{from = "/old/*", to = "/new/:splat"}},
    {{from = "/choice/*", to = "/eu", status = 302, when = {{header = {{X-Region = "eu"}}}}}},
]
rewrites = [{{from = "/api/*", to = "http://127.0.0.1:{port}/:splat"}}]
"""


def run(outcome: Outcome) -> None:
    """Four sites and a backend; then each matrix."""
    with Backend() as backend, Cloud({"CLOUDDECK_EDGE_TRUSTED": "192.0.2.1/32"}) as cloud:
        scene = _scene(cloud, backend)
        asked = 0
        for name, cases in {
            "headers": headers(scene, outcome),
            "hosts": hosts(outcome),
            "poison": poison(outcome, STEP[outcome.tier]),
            "deception": deception(outcome, STEP[outcome.tier]),
            "paths": paths(scene, outcome, PATHS[outcome.tier]),
        }.items():
            outcome.figures[name] = count = ask_all(cloud.port + 1, cases)
            asked += count
        outcome.expect(backend.hits, "nothing was passed on to the backend")
        asked += matrix_outbound.run(cloud, outcome)
        asked += matrix_config.run(cloud, outcome)
        outcome.figures["requests"] = asked


@dataclass(frozen=True)
class Scene:
    """What the matrices know: where to ask, deployments by site, and all files of any of them."""

    port: int
    deployments: dict[str, str]
    files: frozenset[bytes]


def mark(site: str) -> bytes:
    """What everything of a site says, and nothing else does."""
    return f"bytes-of-{site}-only".encode()


def _scene(cloud: Cloud, backend: Backend) -> Scene:
    deployments, files = {}, set()
    for site in SITES:
        cloud.project(site)
        said = mark(site).decode()
        content = {
            name: f"<!doctype html><p>{said} {name}"
            for name in ("index.html", "staff/index.html", "staff/list.html", "404.html", "eu.html")
        } | {"a b.txt": said, "ü.txt": f"{said} u", ".well-known/x": f"{said} x"}
        config = CONFIG.format(port=backend.port)
        whole: Files = dict((*content.items(), ("clouddeck.toml", config)))
        deployments[site] = cloud.published(cloud.repository(site), site, whole)
        files |= {text.encode() for text in content.values()}
    cloud.must(
        "PUT", "/v1/projects/shut/access",
        {"scope": "all", "mode": "password", "password": "long enough for it"},
    )  # fmt: skip
    cloud.must("PUT", "/v1/projects/guarded/guard", {"addresses": {"deny": ["127.0.0.0/8"]}})
    port = cloud.port + 1
    for site, status in (("left", 200), ("right", 200), ("shut", 401), ("guarded", 403)):
        if wait(lambda: cloud.visit(site)[0] == status, TOLD_SECONDS, 0.2) is None:  # noqa: B023
            raise RuntimeError(f"{site} does not answer {status}: {cloud.visit(site)}")
    return Scene(port, deployments, frozenset(files))


def headers(scene: Scene, outcome: Outcome) -> list[Case]:
    """A protected address answers the same, whatever internal header a visitor sends along."""
    preview = f"{scene.deployments['shut'].removeprefix('dpl_')}--shut.localhost"
    doors = (
        *(("left.localhost", "/staff/", 401), ("shut.localhost", "/", 401)),
        *((preview, "/", 401), ("guarded.localhost", "/", 403)),
    )
    names, found = internal_names(), list[Case]()
    outcome.figures["internal_headers"] = len(names)
    outcome.expect(len(names) > 20, f"the sources name {len(names)} internal headers only")
    for host, path, status in doors:
        without = ask(scene.port, get(path, host))
        outcome.expect(without.status == status, f"{host}{path} answers {without.status}")
        for name in names:
            for value in (*VALUES, scene.deployments["shut"]):
                raw = get(path, host, f"{name}: {value}")
                look = _same_as(outcome, without, f"{name}: {value} at {host}{path}")
                found.append(((raw,), look))
    return found


def _same_as(outcome: Outcome, without: Seen, what: str) -> Callable[[Seen], None]:
    def look(seen: Seen) -> None:
        outcome.expect(seen.plain == without.plain, lambda: f"{what}: {seen.head[:200]!r}")

    return look


def hosts(outcome: Outcome) -> Iterator[Case]:
    """No form of a host leads to another site than the one that it names."""
    for one, other in (("left", "right"), ("right", "left")):
        for raw, own in host_requests(one, other):
            yield (raw,), _of_host(outcome, raw, mark(one), mark(other), own=own)


def _of_host(
    outcome: Outcome, raw: bytes, mine: bytes, others: bytes, *, own: bool
) -> Callable[[Seen], None]:
    def look(seen: Seen) -> None:
        wrong = others in seen.all or (mine in seen.all and not own)
        outcome.expect(not wrong and seen.status < 500, lambda: f"{raw!r}: {seen.all[:300]!r}")

    return look


_POISON_HEADERS = """
X-Forwarded-Host X-Forwarded-Scheme X-Forwarded-Proto X-Forwarded-Port X-Forwarded-For X-Host
X-Forwarded-Prefix X-Forwarded-Server X-Original-URL Forwarded X-Rewrite-URL X-Original-Host
X-HTTP-Method-Override X-Method-Override Range X-HTTP-Host-Override X-Real-IP True-Client-IP
CF-Connecting-IP X-Client-IP Accept Accept-Language Accept-Charset User-Agent Referer Origin Cookie
Authorization X-Region X-Country CloudFront-Viewer-Country X-Amz-Cf-Id DNT X-Clouddeck-Host
X-Clouddeck-Seen X-Clouddeck-Query X-Clouddeck-Pin Via TE X-Middleware-Subrequest X-Nextjs-Data RSC
Next-Router-State-Tree X-Matched-Path X-Invoke-Path X-Api-Version X-Requested-With Max-Forwards
If-Range X-A From Priority Save-Data Sec-GPC Pragma Cache-Control
"""
POISON_HEADERS = _POISON_HEADERS.split()
POISON_PARAMETERS = (
    "dpl",
    "utm_source",
    "callback",
    "_",
    "x",
    "to",
    "host",
    "lang",
    "__nextLocale",
    "v",
)
POISONED = ("/", "/old/{n}", "/choice/{n}", "/api/{n}", "/none/{n}", "/staff/{n}")


def poison(outcome: Outcome, step: int) -> Iterator[Case]:
    """What one visitor sends is in no answer to the next, who asks for the same without it."""
    ways: list[tuple[str, str]] = [(f"{name}: {CANARY}", "") for name in POISON_HEADERS]
    ways += [("Connection: accept-language\r\nAccept-Language: de", "")]
    ways += [("", f"?{name}={CANARY}") for name in POISON_PARAMETERS]
    number = 0
    for line, query in ways:
        for template in POISONED:
            number += 1
            path = template.format(n=f"{number}-{step}")
            poisoned = get(path + query, "left.localhost", *([line] if line else []))
            clean = get(path, "left.localhost")
            yield (poisoned, clean), _clean(outcome, f"{line}{query} at {path}")


def _clean(outcome: Outcome, what: str) -> Callable[[Seen], None]:
    def look(seen: Seen) -> None:
        outcome.expect(
            seen.status and CANARY.encode() not in seen.all, lambda: f"{what}: {seen.all[:400]!r}"
        )

    return look


def deception(outcome: Outcome, step: int) -> Iterator[Case]:
    """What was answered to somebody who said who they are is never answered to the next visitor."""
    word = base64.b64encode(b"ada:word-of-ada").decode()
    secret = f"secret-of-{CANARY}"
    routes = (
        ("/api/account", f"Cookie: session={secret}"),
        ("/api/account", f"Authorization: Bearer {secret}"),
        ("/staff/list", f"Authorization: Basic {word}"),
    )
    for number, more in enumerate(deceptions()):
        if number % step:
            continue
        for at, line in routes:
            path = (at + more).encode("utf-8")
            secrets = (secret.encode(), mark("left") + b" staff")
            asked = get(path, "left.localhost", line), get(path, "left.localhost")
            yield asked, _nothing_of(outcome, path, secrets)
    for _, line in routes:
        for path in (b"/api/account", b"/staff/list"):
            asked = get(path, "left.localhost", line), get(path, "left.localhost")
            yield asked, _nothing_of(outcome, path, (secret.encode(), mark("left") + b" staff"))


def _nothing_of(
    outcome: Outcome, path: bytes, secrets: tuple[bytes, ...]
) -> Callable[[Seen], None]:
    def look(seen: Seen) -> None:
        found = [one for one in secrets if one in seen.all]
        outcome.expect(not found and seen.status < 500, lambda: f"{path!r}: {seen.all[:300]!r}")

    return look


def paths(scene: Scene, outcome: Outcome, count: int) -> Iterator[Case]:
    """A 200 has the bytes of a file of this site, whatever the path looks like."""
    names = ["staff/list.html", "a b.txt", "ü.txt", ".well-known/x", "staff", "index.html"]
    mine = frozenset(one for one in scene.files if mark("right") in one)
    for path in hostile_paths(outcome.seed, count, names):
        yield (get(path, "right.localhost"),), _of_files(outcome, path, mine)


def _of_files(outcome: Outcome, path: bytes, mine: frozenset[bytes]) -> Callable[[Seen], None]:
    def look(seen: Seen) -> None:
        good = seen.body in mine if seen.status == 200 else 300 <= seen.status < 500
        outcome.expect(good, lambda: f"{path!r}: {seen.status} {seen.body[:200]!r}")

    return look
