"""How long the rules of a deployment think about one request, from 10 to 10,000 rules.

Beside us in the same run: path-to-regexp in Node, which Vercel's rules are written for, and
regular expressions in Python, both asked one rule after another as such tables are. Below, tables
and paths that are made to be slow, at the limits of what may be published: for each the median and
the slowest of many requests. `python -m bench --suite rules`.
"""

from __future__ import annotations

import gc
import itertools
import json
import random
import re
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import table
from chalicelib.edge.rules.resolve import SiteRules
from chalicelib.edge.rules.routing import limits
from chalicelib.edge.rules.routing.codec import digest_of, encode, parse_routing
from chalicelib.edge.rules.routing.decide import decide
from chalicelib.edge.rules.routing.facts import Facts
from chalicelib.edge.rules.routing.model import (
    MAX_HEADER_RULES,
    MAX_RULES,
    HeaderRule,
    Routing,
    Rule,
    When,
)
from chalicelib.edge.rules.routing.table import Table

PEERS = Path("bench/peers")
SIZES = (10, 1_000, 10_000)
REQUESTS = 300
LIMIT_US = 5_000.0
LONG = 2_040
SITE = SiteRules()
FROM_DE = Facts(
    "a.shop.example",
    "GET",
    {
        "country": "DE",
        "cookie:a": "?",
        "query": "&".join(f"x{number}=1" for number in range(60)),
        "language": ",".join(f"de-{number};q=0.{number}" for number in range(1, 50)),
    },
)
_GIVEN = tuple((f"x{number}", None) for number in range(9))


def run() -> list[table.Row]:
    """Medians of matching the last rule and none, then the worst tables; microseconds."""
    rows = []
    for kind, shape in (("exact", "/old/{}"), ("pattern", "/shop{}/:item/*")):
        for size in SIZES:
            patterns = [shape.format(number) for number in range(size)]
            last = patterns[-1].replace(":item", "a").replace("*", "b/c")
            for what, path in (("last rule", last), ("none fits", "/nothing/here/at/all")):
                rows.extend(_beside(f"{kind}, {size:,} rules, {what}", patterns, path))
    for name, routing, path in worst():
        faults = limits.check(routing)
        if faults:
            raise SystemExit(f"{name}: not what may be published: {faults[0]}")
        took = _ours(routing, path)
        rows.append(table.below(f"{name}, median", statistics.median(took), "us", LIMIT_US))
        rows.append(table.below(f"{name}, slowest of {REQUESTS}", max(took), "us", LIMIT_US))
    rows.extend(_making())
    return rows


def _beside(name: str, patterns: list[str], path: str) -> Iterator[table.Row]:
    """Ours and both peers'; of few rules ours alone, because nobody is slow there."""
    ours = statistics.median(_ours(Routing(rules=_redirects(patterns)), path))
    if len(patterns) <= SIZES[0]:
        yield table.fact(name, ours, "us")
        return
    yield table.faster(f"{name}, beside path-to-regexp", ours, _node(patterns, path), "us", 1)
    yield table.faster(f"{name}, beside re", ours, _re(patterns, path), "us", 1)


def worst() -> Iterator[tuple[str, Routing, str]]:
    """(name, table, path) that are slow for one reason or another, and may all be published."""
    few = limits.MAX_COMPARED
    combined = (
        "/".join(f"{kind}{place}" for place, kind in enumerate(kinds))
        for kinds in itertools.product((":p", "s"), repeat=13)
    )
    yield (
        "8,192 ways through one tree",
        _routing(f"/{ways}/end" for ways in combined),
        "/" + "/".join(f"s{n}" for n in range(13)) + "/nope",
    )
    yield (
        "10,000 rules, a thousand segments",
        _routing(f"/:x/a{number}/*" for number in range(MAX_RULES)),
        "/q" * (LONG // 2),
    )
    for name, when in (
        ("country and cookie", lambda n: When(country=("DE",), cookie=(("a", (str(n),)),))),
        ("query", lambda n: When(query=((f"p{n}", None),))),
        ("languages and hosts", lambda n: When(language=_tags(n), unless=When(host=_names(n)))),
        ("ten parameters each", lambda n: When(query=(*_GIVEN, (f"p{n}", None)))),
    ):
        rules = tuple(Rule("b", 1, "/*", "/t", 302, when=when(n)) for n in range(few))
        yield f"{few} conditions on {name}", Routing(rules=rules), "/x" * (LONG // 2)
    yield (
        f"{few} parts of segments",
        _routing(f"/:a-{number}-:b-:c!" for number in range(few)),
        "/" + "-1" * (LONG // 2),
    )
    yield (
        f"{few} ends after *",
        _routing(f"/*/x{number}/:y/z" for number in range(few)),
        "/" + "x1/" * (LONG // 3) + "y/z",
    )
    yield (
        "20 segments atom by atom",
        _routing(rf"/:a([a-z0-9-]+)-:b([a-z0-9]*)-:c(\d+)z{n}" for n in range(limits.MAX_PIECED)),
        "/" + "-1" * 40,
    )
    headers = tuple(
        HeaderRule("b", 1, "/*", ((f"X-{number}", "v"),)) for number in range(MAX_HEADER_RULES)
    )
    yield "1,000 header rules that all apply", Routing(headers=headers), "/a"
    yield "10,000 random rules", _routing(_random(MAX_RULES)), "/a/b/c/d/e"


def _tags(number: int) -> tuple[str, ...]:
    return tuple(f"fr-{number:03}{other:02}" for other in range(99))


def _names(number: int) -> tuple[str, ...]:
    return tuple(f"*.{number}.{other}.example" for other in range(99))


def _routing(patterns: Iterator[str]) -> Routing:
    return Routing(rules=_redirects(list(patterns)))


def _redirects(patterns: list[str]) -> tuple[Rule, ...]:
    return tuple(
        Rule("b", number, pattern, f"/to/{number}", 301) for number, pattern in enumerate(patterns)
    )


def _random(count: int) -> Iterator[str]:
    chance = random.Random(7)
    for number in range(count):
        parts = [
            chance.choice(["a", "b", ":p", "c", f"n{number}"]) for _ in range(chance.randint(1, 6))
        ]
        named = [f":p{place}" if part == ":p" else part for place, part in enumerate(parts)]
        yield "/" + "/".join(named) + chance.choice(["", "/*"])


def _ours(routing: Routing, path: str) -> list[float]:
    """Microseconds of each decision, the whole of it."""
    made = Table(routing)
    raw = path.encode()
    return _timed(lambda: decide(raw, "", _absent, SITE, made, FROM_DE))


def _re(patterns: list[str], path: str) -> float:
    """The same of regular expressions, compiled beforehand and tried in their order."""
    made = [
        re.compile(re.sub(r":\w+", "[^/]+", pattern).replace("*", ".*") + r"\Z")
        for pattern in patterns
    ]
    return statistics.median(_timed(lambda: next((one for one in made if one.match(path)), None)))


def _node(patterns: list[str], path: str) -> float:
    """The same of path-to-regexp; raises CalledProcessError when it is not installed."""
    asked = json.dumps({"patterns": [one.replace("*", ":rest*") for one in patterns], "path": path})
    done = subprocess.run(
        ["node", "rules.mjs"], cwd=PEERS, input=asked, capture_output=True, text=True, check=True
    )
    return float(json.loads(done.stdout)["median_us"])


def _making() -> Iterator[table.Row]:
    """What a cold edge does once for a deployment of 10,000 rules."""
    data = encode(Routing(rules=_redirects([f"/shop{n}/:item/*" for n in range(MAX_RULES)])))
    digest = digest_of(data)
    read = [_once(lambda: parse_routing(data, digest)) for _ in range(5)]
    routing = parse_routing(data, digest)
    made = [_once(lambda: Table(routing)) for _ in range(5)]
    yield table.fact("10,000 patterns read, once for a deployment", min(read) / 1000, "ms")
    yield table.fact("10,000 patterns made ready, once for a deployment", min(made) / 1000, "ms")
    yield table.fact("10,000 patterns in the store", len(data) / 1024, "KB")


def _timed(work: Callable[[], object]) -> list[float]:
    for _ in range(20):
        work()
    gc.collect()
    gc.disable()
    try:
        return [_once(work) for _ in range(REQUESTS)]
    finally:
        gc.enable()


def _once(work: Callable[[], object]) -> float:
    """Microseconds of this thread: what else runs on the machine is not the rules' fault."""
    start = time.thread_time_ns()
    work()
    return (time.thread_time_ns() - start) / 1000


def _absent(_path: str) -> bool:
    return False
