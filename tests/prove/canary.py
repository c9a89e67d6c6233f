"""Releases in steps: the judge over made-up traffic, and rollouts of a real cloud with visitors."""

from __future__ import annotations

import math
import random
import time
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from chalicelib.projects.rules.delivery import Judge
from tests.prove.cloud import Cloud, wait
from tests.prove.crowd import Crowd
from tests.prove.outcome import Outcome, percentile
from tests.unit.rollouts.visits import Plan, Version, decide

GOAL = (
    "the judge is right about gross faults in 100 of 100 seeds and takes harmless versions back no "
    "more often than it says; visitors are split as the weights say, each sees one version, a good "
    "version reaches everybody and a bad one is gone in seconds"
)
GOOD = Version()
GROSS = {
    "errors_20": GOOD.but(errors=0.2),
    "missing_half": GOOD.but(refused=0.5),
    "stuck_30": GOOD.but(stuck=0.3),
    "slow_tenfold": GOOD.but(median_ms=400),
    "dead": GOOD.but(errors=1.0),
}
SMALL = {
    "errors_1": GOOD.but(errors=0.01),
    "errors_2": GOOD.but(errors=0.02),
    "errors_3": GOOD.but(errors=0.03),
    "missing_15": GOOD.but(refused=0.15),
    "slow_twofold": GOOD.but(median_ms=80),
}
"""Beside 0.2 % errors, 2 % refusals and a median of 40 ms of the live version."""

EDGE = (Version(errors=0.01), Version(errors=0.015, refused=0.07))
"""The live version, and one that is exactly as much worse as it may be."""

SEEDS = 100
HARMLESS = {"smoke": 200, "full": 4000}
LOOKS = 40
SLUG = "canary"
STEPS = [{"weight": w, "seconds": 12} for w in (5, 25, 50)]
LIMITS = {"min_requests": 50, "max_seconds": 120}
VISITORS = 3000


def run(outcome: Outcome) -> None:
    """First the judge alone, then everything."""
    with ProcessPoolExecutor(2) as pool:
        _judged(outcome, pool)
    with Cloud({"CLOUDDECK_ROLLOUT_LOOK_SECONDS": "2"}) as cloud:
        _rolled_out(outcome, cloud)


def _judged(outcome: Outcome, pool: ProcessPoolExecutor) -> None:
    seeds = [outcome.seed * 10_000 + n for n in range(SEEDS)]
    for name, version in GROSS.items():
        found = list(pool.map(_step, [(seed, GOOD, version, False) for seed in seeds]))
        right = sum(what == "abort" for _, what in found)
        outcome.expect(right == SEEDS, f"{name}: {right} of {SEEDS} were taken back")
        outcome.figures[f"{name}_looks"] = max(look for look, _ in found)
    passed = [what for _, what in pool.map(_step, [(s, GOOD, GOOD, False) for s in seeds])]
    outcome.expect(passed.count("pass") == SEEDS, f"as good as live: {set(passed)}")
    for name, version in SMALL.items():
        found = list(pool.map(_step, [(seed, GOOD, version, True) for seed in seeds]))
        outcome.figures[f"{name}_found_of_100"] = sum(what == "abort" for _, what in found)
    many = HARMLESS[outcome.tier]
    asked = [(outcome.seed * 10_000 + n, *EDGE, True) for n in range(many)]
    wrong = sum(what == "abort" for _, what in pool.map(_step, asked, chunksize=20))
    most = Judge().false_abort * many
    outcome.expect(
        wrong <= most + 3 * math.sqrt(most), f"{wrong} of {many} harmless ones were taken back"
    )
    outcome.figures |= {"harmless": many, "harmless_taken_back": wrong}


def _step(asked: tuple[int, Version, Version, bool]) -> tuple[int, str]:
    """One step of 5 %: five minutes long, or looked at forty times whatever the limits."""
    seed, live, canary, long = asked
    plan = Plan(bake=10**6, looks=LOOKS) if long else Plan()
    limits = Judge(max_seconds=10**7) if long else Judge()
    look, verdict = decide(seed, live, canary, plan, limits)
    return look, verdict.outcome


def _rolled_out(outcome: Outcome, cloud: Cloud) -> None:
    cloud.project(SLUG)
    repository = cloud.repository(SLUG)
    first = cloud.published(repository, SLUG, _files(1))
    delivery = {"strategy": "canary", "steps": STEPS, "judge": LIMITS, "skew_seconds": 3600}
    cloud.must("PATCH", f"/v1/projects/{SLUG}", {"delivery": delivery})
    rng = random.Random(outcome.seed)
    with Crowd(cloud, SLUG, rng, VISITORS) as crowd:
        second = cloud.published(repository, SLUG, _files(2))
        good = _ended(cloud, second)
        outcome.expect(good["state"] == "completed", f"a good version: {good['reason']}")
        outcome.expect(_live(cloud) == second, "a good version is not what is live")
        crowd.check_split(outcome, good, second)
        third = cloud.published(repository, SLUG, _files(3, broken=True))
        bad = _ended(cloud, third)
        over = time.time()
        outcome.expect(bad["state"] == "aborted", f"a broken version: {bad['reason']}")
        outcome.expect("4xx" in bad["reason"], f"the reason is {bad['reason']!r}")
        outcome.expect(_live(cloud) == second, "what was live is not live any more")
        time.sleep(5)
        crowd.stop()
        late = [one.at - over for one in crowd.seen if one.deployment == third and one.at > over]
        outcome.expect(not late, f"it was seen {max(late, default=0):.1f} s after its end")
        _steady(outcome, crowd, first, second)
        outcome.figures |= {
            "requests": len(crowd.seen),
            "failed": sum(one.status >= 500 or not one.status for one in crowd.seen),
            "bad_seen_s": round(_span(crowd, third), 1),
            "bad_looks": bad["verdict"]["numbers"]["looks"],
            "answer_p99_ms": round(1000 * percentile([o.took for o in crowd.seen], 0.99), 1),
        }
        outcome.expect(not outcome.figures["failed"], f"{outcome.figures['failed']} failed")


def _steady(outcome: Outcome, crowd: Crowd, first: str, second: str) -> None:
    """Who has seen the second version never sees the first one again."""
    reached: set[str] = set()
    back = 0
    for one in crowd.seen:
        if one.deployment == second:
            reached.add(one.visitor)
        elif one.deployment == first and one.visitor in reached:
            back += 1
    outcome.expect(not back, f"{back} answers went back to the version before")
    outcome.expect(len(reached) > VISITORS / 2, f"only {len(reached)} visitors saw the second")


def _span(crowd: Crowd, deployment: str) -> float:
    """Seconds between the first and the last answer of a deployment."""
    times = [one.at for one in crowd.seen if one.deployment == deployment]
    return max(times) - min(times) if times else 0.0


def _ended(cloud: Cloud, deployment: str) -> dict[str, Any]:
    """The rollout of a deployment with its history, once it has ended."""

    def found() -> dict[str, Any] | None:
        page = cloud.must("GET", f"/v1/projects/{SLUG}/rollouts?limit=5")
        return next((one for one in page["items"] if one["deployment"] == deployment), None)

    def over() -> bool:
        one = found()
        return one is not None and one["state"] not in {"running", "paused"}

    wait(over, 240, 0.3)
    one = found()
    if one is None:
        raise RuntimeError(f"no rollout of {deployment} began")
    return cloud.must("GET", f"/v1/projects/{SLUG}/rollouts/{one['id']}")


def _live(cloud: Cloud) -> str:
    return str(cloud.must("GET", f"/v1/projects/{SLUG}/pointer")["deployment"])


def _files(version: int, *, broken: bool = False) -> dict[str, str]:
    """A version of the site; a broken one forgot what its page asks for."""
    page = f"<!doctype html><p>version {version}<script src=/app.js></script>"
    return {"index.html": page} | ({} if broken else {"app.js": f"version = {version}\n"})
