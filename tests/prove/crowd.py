"""Visitors of a site in threads: who they are, what they asked for, and which version answered."""

from __future__ import annotations

import http.client
import math
import random
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from chalicelib.edge.rules.visitors import bucket
from tests.prove.cloud import Cloud
from tests.prove.outcome import Outcome

THREADS = 3
SETTLED_SECONDS = 1.0
"""So long after a shift an edge may still know the weight before."""


@dataclass(frozen=True)
class Seen:
    """One answer: when it was asked for, who asked, and how long it took (seconds)."""

    at: float
    visitor: str
    path: str
    status: int
    deployment: str
    took: float


class Crowd:
    """People who open the page and what it asks for, at random, until told to stop."""

    def __init__(self, cloud: Cloud, slug: str, rng: random.Random, visitors: int) -> None:
        self.visitors = [f"{rng.getrandbits(128):032x}" for _ in range(visitors)]
        self.seen: list[Seen] = []
        self._port, self._host = cloud.port + 1, f"{slug}.localhost"
        self._seeds = [rng.random() for _ in range(THREADS)]
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._visit, args=(s,)) for s in self._seeds]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Let everybody finish; what was seen is in the order in which it was asked for."""
        self._over.set()
        for thread in self._threads:
            thread.join()
        self.seen.sort(key=lambda one: one.at)

    def _visit(self, seed: float) -> None:
        rng = random.Random(seed)
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        while not self._over.is_set():
            visitor = rng.choice(self.visitors)
            page = self._ask(connection, visitor, "/", "document", "")
            self._ask(connection, visitor, "/app.js", "script", page.deployment)
        connection.close()

    def _ask(
        self,
        connection: http.client.HTTPConnection,
        visitor: str,
        path: str,
        kind: str,
        page: str,
    ) -> Seen:
        """One request; `page` is the deployment of the page that it is for, which is its pin."""
        pin = f"; __dpl={page.removeprefix('dpl_')}" if page else ""
        headers = {
            "Host": self._host,
            "Accept": "text/html,*/*" if kind == "document" else "*/*",
            "Sec-Fetch-Dest": kind,
            "Cookie": f"__cdv={visitor}{pin}",
        }
        began, at = time.perf_counter(), time.time()
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            status, said = answer.status, answer.getheader("X-CloudDeck-Deployment", "")
        except (OSError, http.client.HTTPException):
            connection.close()
            status, said = 0, ""
        one = Seen(at, visitor, path, status, said, time.perf_counter() - began)
        self.seen.append(one)
        return one

    def check_split(self, outcome: Outcome, rollout: dict[str, Any], canary: str) -> None:
        """While a weight was in force exactly those saw the canary whose place is below it."""
        spans = _spans(rollout)
        for weight, since, until in spans:
            pages = [o for o in self.seen if o.path == "/" and since < o.at < until and o.status]
            who = {one.visitor for one in pages}
            wrong = sum((o.deployment == canary) != (bucket(o.visitor) < weight) for o in pages)
            outcome.expect(pages, f"nobody came at {weight / 100:g} %")
            outcome.expect(not wrong, f"{wrong} of {len(pages)} pages at {weight / 100:g} %")
            share = sum(bucket(visitor) < weight for visitor in who) / max(1, len(who))
            spread = math.sqrt(weight / 10_000 * (1 - weight / 10_000) / max(1, len(who)))
            outcome.expect(
                abs(share - weight / 10_000) <= 4 * spread + 1e-9,
                f"{share:.4f} of {len(who)} visitors saw {weight / 100:g} %",
            )
            outcome.figures[f"split_at_{weight // 100}"] = round(100 * share, 2)
        mixed = self._mixed()
        outcome.expect(not mixed, f"{mixed} pages got parts of another version")

    def _mixed(self) -> int:
        """How many parts came from another deployment than their page."""
        last: dict[str, str] = {}
        wrong = 0
        for one in sorted(self.seen, key=lambda seen: seen.at):
            if one.path == "/":
                last[one.visitor] = one.deployment
            elif one.status == 200 and last.get(one.visitor) not in {None, "", one.deployment}:
                wrong += 1
        return wrong


def _spans(rollout: dict[str, Any]) -> list[tuple[int, float, float]]:
    """(weight of 10,000, from, until) of every step, without the moments of change."""
    shifts = [
        (round(one["weight"] * 100), datetime.fromisoformat(one["at"]).timestamp())
        for one in rollout["history"]
        if one["outcome"] == "shift"
    ]
    ends = [datetime.fromisoformat(o["at"]).timestamp() for o in rollout["history"]]
    found = []
    for number, (weight, at) in enumerate(shifts):
        until = shifts[number + 1][1] if number + 1 < len(shifts) else ends[-1]
        found.append((weight, at + SETTLED_SECONDS, until - 0.5))
    return found
