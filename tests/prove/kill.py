"""kill -9 of any process of the embedded cloud, at random moments of a deployment."""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.prove import checks, machine
from tests.prove.cloud import TERMINAL, Cloud, wait
from tests.prove.machine import Process
from tests.prove.outcome import Outcome, percentile
from tests.prove.repository import Pushed, Repository
from tests.prove.visitor import Visitor

GOAL = (
    "no acknowledged write lost, every deployment over in time, the live site answers every 50 ms "
    "with what was published, nothing left behind"
)
KILLS = {"smoke": 8, "full": 50}
LONGEST_DELAY = 2.5
BUILDING_SHARE = 0.7
RECOVERY_SECONDS = 45
ROUND_SECONDS = 12
"""A deployment that needs longer goes on beside the next kill."""
OVER_SECONDS = 180
"""45 s until a runner counts as silent, a minute until the sweep looks, twice, and the build."""
VARIABLES = 100
BUILT = '[build]\ncommand = "sleep 1 && mkdir -p out && cp *.html out/"\noutput = "out"\n'


@dataclass
class Site:
    """A project that is pushed to while things die."""

    slug: str
    built: bool
    repository: Repository
    visitor: Visitor
    versions: int = 0
    pushed: list[str] = field(default_factory=list)
    """Commits whose push was acknowledged."""

    def commit(self) -> str:
        """The next version of the site."""
        self.versions += 1
        body = f"<h1>{self.slug} version {self.versions}</h1>"
        self.visitor.publish(body.encode())
        return self.repository.commit(
            {"index.html": body} | ({"clouddeck.toml": BUILT} if self.built else {}),
            f"version {self.versions}",
        )


Victim = Callable[[list[Process], int], list[Process]]
"""Given the supervisor's descendants and the supervisor's pid, who may be hit."""


def _module(name: str) -> Victim:
    def find(family: list[Process], _supervisor: int) -> list[Process]:
        return [one for one in family if one.command[-2:] == ("-m", name)]

    return find


def _argument(word: str) -> Victim:
    def find(family: list[Process], _supervisor: int) -> list[Process]:
        return [one for one in family if any(word in part for part in one.command)]

    return find


def _supervisor(_family: list[Process], supervisor: int) -> list[Process]:
    return [Process(supervisor, 0, ("supervisor",))]


VICTIMS: dict[str, Victim] = {
    "runner": _argument("runner.pyz"),
    "worker": _argument("ministack-lambda-"),
    "ministack": _module("ministack"),
    "dynoxide": _argument("/dynoxide"),
    "gateway": _module("adapters.local.gateway"),
    "slots": _module("adapters.local.slots"),
    "edge": _module("adapters.local.edge"),
    "supervisor": _supervisor,
}
SILENT_SITE = {"edge", "supervisor"}
"""Killing these takes the edge away; for a moment there can be no answer."""


def run(outcome: Outcome) -> None:
    """Deploy, kill, wait, again and again; then check everything that was promised."""
    with Cloud() as cloud:
        story = Story(cloud, outcome, random.Random(outcome.seed))
        story.open()
        with story.watched():
            for victim in schedule(story.random, KILLS[outcome.tier]):
                story.round(victim)
            story.wait_until_over()
        story.check()


def schedule(rng: random.Random, kills: int) -> Iterator[str]:
    """Victims in random order, each as often as the others, give or take one."""
    names: list[str] = []
    for _ in range(kills):
        if not names:
            names = list(VICTIMS)
            rng.shuffle(names)
        yield names.pop()


class Story:
    """What happened, and what was acknowledged meanwhile."""

    def __init__(self, cloud: Cloud, outcome: Outcome, rng: random.Random) -> None:
        self.cloud, self.outcome, self.random = cloud, outcome, rng
        self.sites: list[Site] = []
        self.kills: Counter[str] = Counter()
        self.recoveries: list[float] = []
        self.away: list[float] = []
        """Seconds without sites after the edge itself had died."""
        self.deaths: list[tuple[float, str]] = []
        self.slowest = 0.0
        self.ended: dict[str, str] = {}
        self.writer = Writer(cloud)
        self._next = 0

    def open(self) -> None:
        """Four sites, two of them built, all live."""
        for slug, built in (("still", False), ("plain", False), ("built", True), ("other", True)):
            self.cloud.project(slug)
            visitor = Visitor(self.cloud, slug, ())
            self.sites.append(Site(slug, built, self.cloud.repository(slug), visitor))
        for site in self.sites:
            commit = site.commit()
            if not site.repository.push(commit).ok:
                raise RuntimeError(f"the first push of {site.slug} was refused")
            site.pushed.append(commit)
        for site in self.sites:
            took = wait(lambda s=site: self.cloud.visit(s.slug)[0] == 200, 60, 0.2)
            if took is None:
                raise RuntimeError(f"{site.slug} did not go live")
            site.visitor.start()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While visitors ask and a writer writes."""
        self.writer.start()
        try:
            yield
        finally:
            self.writer.stop()
            for site in self.sites:
                site.visitor.stop()

    def round(self, name: str) -> None:
        """One push, one kill, one recovery."""
        site = self.sites[1 + self._next % 3]
        building = name == "runner" or (name == "slots" and self.random.random() < BUILDING_SHARE)
        if building:
            site = self.sites[2 + self._next % 2]
        self._next += 1
        commit = site.commit()
        told: list[Pushed] = []
        pushing = threading.Thread(target=lambda: told.append(site.repository.push(commit)))
        pushing.start()
        self._kill(name, building)
        pushing.join()
        if told and told[0].ok:
            site.pushed.append(commit)
        self._recover(name)
        wait(lambda: self._over(site, commit), ROUND_SECONDS, 0.3)
        self._note_ends()

    def _kill(self, name: str, building: bool) -> None:
        """Hit one of the named at a random moment; with `building` while a runner runs."""
        if building:
            wait(lambda: self._find("runner"), 10, 0.02)
            time.sleep(self.random.uniform(0, 0.8))
        else:
            time.sleep(self.random.uniform(0, LONGEST_DELAY))
        if wait(lambda: self._find(name), 5, 0.02) is None:
            self.kills["missed"] += 1
            return
        victim = self.random.choice(self._find(name) or [Process(0, 0, ())])
        if victim.pid == 0:
            self.kills["missed"] += 1
            return
        edges = self._find("edge")
        if name in SILENT_SITE:
            self._excuse(True)
        self.deaths.append((time.monotonic(), name))
        os.kill(victim.pid, signal.SIGKILL)
        self.kills[name] += 1
        if name in SILENT_SITE:
            gone = {one.pid for one in edges}
            wait(lambda: not gone & set(machine.processes()), 10, 0.01)

    def _find(self, name: str) -> list[Process]:
        supervisor = self.cloud.status()["pid"]
        family = machine.below(supervisor, machine.processes()) if supervisor else []
        return VICTIMS[name](family, supervisor) if supervisor else []

    def _excuse(self, excused: bool) -> None:
        for site in self.sites:
            (site.visitor.excused.set if excused else site.visitor.excused.clear)()

    def _recover(self, name: str) -> None:
        began = time.monotonic()
        if name == "supervisor":
            wait(lambda: self.cloud.status()["pid"] is None, 5, 0.02)
            self.cloud.up()
        if name in SILENT_SITE:
            back = wait(lambda: self.cloud.visit("still")[0] == 200, RECOVERY_SECONDS, 0.02)
            self.outcome.expect(back is not None, f"the site did not come back after {name}")
            self.away.append(time.monotonic() - began)
            self._excuse(False)
        healthy = self.cloud.wait_healthy(RECOVERY_SECONDS)
        self.outcome.expect(healthy is not None, f"not healthy in time after {name} was killed")
        self.recoveries.append(time.monotonic() - began)

    def _blame(self) -> Counter[str]:
        """Whose death came last before each visit that failed without excuse."""
        blamed: Counter[str] = Counter()
        for site in self.sites:
            for moment, what in site.visitor.failed_at:
                name = next((n for at, n in reversed(self.deaths) if at <= moment), "nobody")
                blamed[f"{what} after {name}"] += 1
        return blamed

    def _over(self, site: Site, commit: str) -> bool:
        rows = [row for row in self.cloud.deployments(site.slug) if row["commit"] == commit]
        return bool(rows) and all(row["state"] in TERMINAL for row in rows)

    def _note_ends(self) -> None:
        """An end is an end: whoever was over stays as it was."""
        for site in self.sites:
            for row in self.cloud.deployments(site.slug):
                before = self.ended.get(row["id"], row["state"])
                self.outcome.expect(
                    before == row["state"], f"{row['id']} was {before} and became {row['state']}"
                )
                if row["state"] in TERMINAL:
                    self.ended[row["id"]] = row["state"]

    def wait_until_over(self) -> None:
        """Nobody is hurt any more; everything has to come to its end."""
        slugs = [site.slug for site in self.sites]

        def known() -> bool:
            return all(not self._unknown(site) for site in self.sites)

        if wait(known, OVER_SECONDS, 0.5) is None:
            lost = [c for site in self.sites for c in self._unknown(site)]
            self.outcome.expect(False, f"acknowledged pushes without a deployment: {lost}")
        took = checks.everything_over(self.cloud, self.outcome, slugs, OVER_SECONDS)
        self.outcome.figures["last_end_s"] = round(took, 1)
        self._note_ends()

    def _unknown(self, site: Site) -> list[str]:
        known = {row["commit"] for row in self.cloud.deployments(site.slug)}
        return [commit for commit in site.pushed if commit not in known]

    def check(self) -> None:
        """Everything that was promised."""
        cloud, outcome = self.cloud, self.outcome
        states: Counter[str] = Counter()
        lost = self.writer.lost()
        outcome.expect(not lost, f"acknowledged writes lost: {lost[:5]}")
        for site in self.sites:
            rows = cloud.deployments(site.slug)
            states.update(row["state"] for row in rows)
            self._check_ends(site, rows)
            checks.pointer_sound(cloud, outcome, site.slug)
            project = cloud.must("GET", f"/v1/projects/{site.slug}")["id"]
            checks.history_monotone(cloud, outcome, project)
        wrong = [text for site in self.sites for text in site.visitor.wrong]
        failed = sum(site.visitor.failures for site in self.sites)
        outcome.expect(not wrong, f"{len(wrong)} wrong answers, first: {wrong[:1]}")
        blamed = dict(self._blame())
        outcome.expect(not failed, f"{failed} visits failed without excuse: {blamed}")
        left = checks.nothing_left_of_builds(cloud, outcome)
        left += checks.nothing_left(cloud, outcome)
        kills = sum(n for name, n in self.kills.items() if name != "missed")
        wanted = KILLS[outcome.tier] * 0.9
        outcome.expect(kills >= wanted, f"only {kills} kills hit: {dict(self.kills)}")
        outcome.figures |= {
            "kills": kills,
            "kinds": len(set(self.kills) - {"missed"}),
            "pushes_acknowledged": sum(len(site.pushed) for site in self.sites),
            "writes_acknowledged": self.writer.acknowledged,
            "writes_lost": len(lost),
            **{state: states[state] for state in sorted(states)},
            "visits": sum(site.visitor.count["asked"] for site in self.sites),
            "visits_failed": failed,
            "visits_wrong": len(wrong),
            "recovery_p50_s": round(percentile(self.recoveries, 0.5), 1),
            "recovery_max_s": round(max(self.recoveries, default=0), 1),
            "slowest_deployment_s": round(self.slowest, 1),
            "edge_away_max_s": round(max(self.away, default=0), 1),
            "left_behind": left,
        }

    def _check_ends(self, site: Site, rows: list[dict[str, Any]]) -> None:
        """A push that is good and was not overtaken ends ready, once."""
        outcome = self.outcome
        for commit in site.pushed:
            mine = [row for row in rows if row["commit"] == commit]
            outcome.expect(len(mine) == 1, f"{site.slug}: {len(mine)} deployments of {commit[:7]}")
        for row in rows:
            error = row["error"] or {}
            took = seconds_between(row["created_at"], row["finished_at"])
            self.slowest = max(self.slowest, took)
            outcome.expect(took <= OVER_SECONDS, f"{row['id']} took {took:.0f} s")
            outcome.expect(
                row["state"] in {"ready", "superseded"},
                f"{row['id']} of {site.slug} is {row['state']}: {error.get('code')} "
                f"{error.get('message', '')[:200]}",
            )


def seconds_between(first: str, last: str | None) -> float:
    """Seconds between two times of the API; for ever when the second is missing."""
    if not last:
        return float("inf")
    return (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds()


class Writer:
    """Changes variables and makes projects all the time; remembers what was acknowledged."""

    def __init__(self, cloud: Cloud) -> None:
        self.acknowledged = 0
        self._cloud = cloud
        self._said: dict[str, set[str]] = {}
        """Variable -> values that it may have: the last acknowledged one and later attempts."""
        self._projects: list[str] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """End after the write that is on its way."""
        self._stop.set()
        self._thread.join(40)

    def lost(self) -> list[str]:
        """Acknowledged writes that cannot be read."""
        variables = {
            item["name"]: item["value"]
            for item in self._cloud.must("GET", "/v1/projects/still/env")["items"]
        }
        lost = [
            f"{name} is {variables.get(name)!r}, not one of {sorted(values)}"
            for name, values in self._said.items()
            if variables.get(name) not in values
        ]
        for slug in self._projects:
            if not self._cloud.api("GET", f"/v1/projects/{slug}").ok:
                lost.append(f"project {slug}")
        return lost

    def _run(self) -> None:
        count = 0
        while not self._stop.is_set():
            count += 1
            if count % 10:
                self._variable(f"COUNT_{count % VARIABLES}", str(count))
            else:
                self._project(f"written-{count}")
            self._stop.wait(0.2)

    def _variable(self, name: str, value: str) -> None:
        body = {"value": value, "environment": "all", "secret": False}
        answer = self._cloud.api("PUT", f"/v1/projects/still/env/{name}", body, seconds=20)
        if answer.ok:
            self._said[name] = {value}
            self.acknowledged += 1
        elif name in self._said:
            self._said[name].add(value)

    def _project(self, slug: str) -> None:
        if self._cloud.api("POST", "/v1/projects", {"name": slug, "slug": slug}, seconds=20).ok:
            self._projects.append(slug)
            self.acknowledged += 1
