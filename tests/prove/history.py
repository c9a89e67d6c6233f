"""Sixteen people at the same sites: what each of them was told fits into one history."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from tests.prove import checks, owners, pages
from tests.prove.cloud import Cloud
from tests.prove.linear import Call, linearise
from tests.prove.outcome import Outcome

GOAL = (
    "deploy, promote, roll back, read, delete by sixteen people at a time: all answers of a site "
    "fit into one order, no visitor sees what was replaced before they came, nothing is left over; "
    "three teams that want the same domains: never two owners, nobody is shown without a proof"
)
THREADS = 16
SITES = {"smoke": 4, "full": 8}
CALLS = {"smoke": 16, "full": 60}
"""Calls by each person."""
VERSIONS = 3
WHATS = ("promote", "rollback", "back", "read", "deploy", "visit")
WEIGHTS = (5, 3, 3, 5, 1, 5)


@dataclass(frozen=True)
class Site:
    """What the model knows of a site: `history` is what was live, the last one at the end."""

    history: tuple[str, ...]
    sequence: int
    pinned: bool = False
    generation: int = 0
    gone: bool = False

    @property
    def live(self) -> str:
        return self.history[-1] if self.history else ""

    def moved(self, deployment: str, sequence: int, *, pinned: bool) -> Site:
        """After a move of the pointer."""
        return Site((*self.history, deployment), sequence, pinned, self.generation + 1)

    def before(self) -> str:
        """What a rollback leads to; after one it leads further back, never to what was left."""
        if not self.pinned:
            return next((one for one in reversed(self.history) if one != self.live), "")
        trail: list[str] = []
        for one in self.history:
            trail = [*trail[: trail.index(one)], one] if one in trail else [*trail, one]
        return trail[-2] if len(trail) > 1 else ""

    def shown(self) -> tuple[str, int, bool]:
        """The pointer as the API tells it."""
        return self.live, self.generation, self.pinned


class Model:
    """How a site answers when everybody waits their turn. `sequences` is that of deployments."""

    def __init__(self, sequences: dict[str, int]) -> None:
        self.sequences = sequences

    def step(self, site: Site, call: Call) -> list[Site]:
        """The states that a call with its result may lead to."""
        if site.gone:
            over = {"not_found", "dropped"}
            return [site] if call.result in over or call.result is None else []
        if call.what == "delete":
            return [Site((), 0, gone=True)] if call.result in {"ok", None} else []
        if call.what == "deploy":
            return self._deploy(site, call)
        after = self._asked(site, call)
        if after is None:
            return [site] if call.result in {"nothing_before", None} else []
        return [after] if call.result is None or call.result == after.shown() else []

    def _asked(self, site: Site, call: Call) -> Site | None:
        """After a call that a person made; None when there is nothing to go back to."""
        if call.what == "read":
            return site
        if call.what == "back":
            before = site.before()
            return self._moved(site, before, pinned=True) if before else None
        return self._moved(site, call.given, pinned=call.what == "rollback")

    def _moved(self, site: Site, deployment: str, *, pinned: bool) -> Site:
        if (site.live, site.pinned) == (deployment, pinned):
            return site
        return site.moved(deployment, self.sequences[deployment], pinned=pinned)

    def _deploy(self, site: Site, call: Call) -> list[Site]:
        """A deployment that became ready: live unless something newer is, or somebody pinned."""
        if call.result is None or call.result in {"dropped", "superseded"}:
            return [site]
        deployment, live = call.result
        sequence = self.sequences[deployment]
        may = not site.pinned and sequence > site.sequence
        if live != may:
            return []
        return [site.moved(deployment, sequence, pinned=False)] if live else [site]


def run(outcome: Outcome) -> None:
    """Let them loose, then judge."""
    with owners.nameserver() as names, Cloud(names.environment()) as cloud:
        story, rivals = Story(cloud, outcome), owners.Rivals(cloud, outcome, names)
        with ThreadPoolExecutor(2) as pool:
            for opened in [pool.submit(story.open), pool.submit(rivals.open)]:
                opened.result()
        story.act()
        rivals.act()
        story.judge()
        rivals.judge()


class Story:
    """One run."""

    def __init__(self, cloud: Cloud, outcome: Outcome) -> None:
        self.cloud, self.outcome = cloud, outcome
        self.slugs = [f"history-{number}" for number in range(SITES[outcome.tier])]
        self.deployments: dict[str, list[str]] = {}
        self.sequences: dict[str, int] = {}
        self.begun: dict[str, Site] = {}
        self.calls: dict[str, list[Call]] = {slug: [] for slug in self.slugs}
        self.visits: dict[str, list[Call]] = {slug: [] for slug in self.slugs}
        self.refused: list[str] = []
        self._lock = threading.Lock()

    def open(self) -> None:
        """Every site with a few versions; what their past is until now."""
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(self._open, self.slugs))

    def _open(self, slug: str) -> None:
        self.cloud.project(slug)
        repository = self.cloud.repository(slug)
        for version in range(VERSIONS):
            self.cloud.published(repository, slug, pages.files(version))
        rows = self.cloud.deployments(slug)[::-1]
        pointer = self.cloud.must("GET", f"/v1/projects/{slug}/pointer")
        with self._lock:
            self.deployments[slug] = [row["id"] for row in rows]
            self.sequences |= {row["id"]: int(row["sequence"]) for row in rows}
        history = tuple(move["deployment"] for move in pointer["history"][::-1])
        live = self.sequences[pointer["deployment"]]
        self.begun[slug] = Site(history, live, pointer["pinned"], pointer["generation"])

    def act(self) -> None:
        """Everybody at once; in the middle somebody deletes the last site."""
        began = time.monotonic()
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(self._person, range(THREADS)))
        self.outcome.figures["seconds_of_calls"] = round(time.monotonic() - began, 1)

    def _person(self, who: int) -> None:
        rng = random.Random(self.outcome.seed * 100 + who)
        count = CALLS[self.outcome.tier]
        for number in range(count):
            slug = rng.choice(self.slugs)
            if who == 0 and number == count // 2:
                self._note(who, self.slugs[-1], "delete", None)
                continue
            what = rng.choices(WHATS, WEIGHTS)[0]
            given = rng.choice(self.deployments[slug]) if what in {"promote", "rollback"} else None
            self._note(who, slug, what, given)

    def _note(self, who: int, slug: str, what: str, given: str | None) -> None:
        began = time.monotonic()
        result = self._ask(slug, what, given)
        call = Call(who, what, given, result, began, time.monotonic())
        with self._lock:
            (self.visits if what == "visit" else self.calls)[slug].append(call)

    def _ask(self, slug: str, what: str, given: str | None) -> Any:
        at = f"/v1/projects/{slug}"
        if what == "visit":
            return self.cloud.visit(slug)[1]
        if what == "deploy":
            return self._deploy(slug)
        if what == "read":
            answer = self.cloud.api("GET", f"{at}/pointer", seconds=60)
        elif what == "delete":
            answer = self.cloud.api("DELETE", at, seconds=60)
            return "ok" if answer.ok else None
        elif what == "promote":
            answer = self.cloud.api("POST", f"{at}/promote", {"deployment": given}, seconds=60)
        else:
            body = {"to": given} if given else {}
            answer = self.cloud.api("POST", f"{at}/rollback", body, seconds=60)
        if answer.ok:
            told = answer.content
            return told["deployment"], told["generation"], told["pinned"]
        if answer.status == 404:
            return "not_found"
        code = str(answer.content.get("code", ""))
        return code if code == "nothing_before" else None

    def _deploy(self, slug: str) -> Any:
        """What was built before, deployed again; live or not, once it is over."""
        asked = {"branch": "main"}
        answer = self.cloud.api("POST", f"/v1/projects/{slug}/deployments", asked, seconds=60)
        if not answer.ok:
            with self._lock:
                self.refused.append(f"{answer.status} {answer.content.get('code')}")
            return "not_found" if answer.status == 404 else "dropped"
        made = answer.content["id"]
        with self._lock:
            self.sequences[made] = int(answer.content["sequence"])
        seen = self.cloud.api("GET", f"/v1/deployments/{made}")
        end = time.monotonic() + 180
        while seen.status in {0, 200} and time.monotonic() < end:
            if seen.ok and seen.content["state"] in {"failed", "cancelled", "superseded"}:
                return "superseded"
            if seen.ok and seen.content["state"] == "ready":
                stages = {one["name"]: one["state"] for one in seen.content["stages"]}
                return made, stages["promote"] == "done"
            time.sleep(0.3)
            seen = self.cloud.api("GET", f"/v1/deployments/{made}")
        return "dropped"

    def judge(self) -> None:
        """Is there one order for each site, and did visitors see no further back?"""
        model = Model(self.sequences)
        told: Counter[str] = Counter()
        for slug in self.slugs:
            calls = self.calls[slug]
            told.update(call.what for call in calls)
            order = linearise(calls, self.begun[slug], model.step)
            if not self.outcome.expect(order is not None, lambda s=slug: self._shown(s)):
                continue
            self._visited(slug, [call for call in order or () if isinstance(call.result, tuple)])
        self.outcome.figures |= dict(told)
        self.outcome.figures["deploys_refused"] = len(self.refused)
        self.outcome.figures["visits"] = sum(map(len, self.visits.values()))
        unanswered = sum(call.result is None for calls in self.calls.values() for call in calls)
        self.outcome.figures["unanswered"] = unanswered
        checks.everything_over(self.cloud, self.outcome, self.slugs[:-1], 120)
        for slug in self.slugs[:-1]:
            checks.pointer_sound(self.cloud, self.outcome, slug)
        gone = self.cloud.visit(self.slugs[-1])[0]
        self.outcome.expect(gone == 404, f"the deleted site answers {gone}")

    def _visited(self, slug: str, order: list[Call]) -> None:
        """Whoever came after a move was acknowledged sees it, or something later."""
        model, site = Model(self.sequences), self.begun[slug]
        moves = [(site.generation, site.live, 0.0, 0.0)]
        for call in order:
            after = model.step(site, call)
            if not after:
                return
            if after[0].generation != site.generation:
                moves.append((after[0].generation, after[0].live, call.began, call.ended))
            site = after[0]
        for visit in self.visits[slug]:
            if not visit.result:
                continue  # the site was deleted, or nothing was live
            certain = max(g for g, _, _, ended in moves if ended < visit.began)
            possible = {d for g, d, began, _ in moves if g >= certain and began <= visit.ended}
            self.outcome.expect(
                visit.result in possible,
                f"{slug}: a visitor saw {visit.result} after generation {certain}",
            )

    def _shown(self, slug: str) -> str:
        lines = [
            f"{c.began:.3f}-{c.ended:.3f} {c.what} {(c.given or '')[-6:]} -> {c.result}"
            for c in sorted(self.calls[slug], key=lambda call: call.began)
        ]
        return f"{slug}: no order explains\n      " + "\n      ".join(lines[:80])
