"""Advice: given when the facts bear it out, gone once it was followed."""

from __future__ import annotations

import shlex
import tomllib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.supply.rules.advice import Facts, advise
from chalicelib.supply.rules.advice.model import Past


def check(name, ms, run="true"):
    return {"name": name, "stage": "check", "run": run}, {
        "name": name,
        "stage": "check",
        "ms": ms,
        "exit_code": 0,
        "outcome": "ok",
    }


LINT, LINTED = check("lint", 20_000, "npm run lint")
TEST, TESTED = check("test", 30_000, "npm test")
MISS = {"caches": [{"kind": "dependencies", "state": "miss", "bytes": 0, "ms": 0}]}
TIMED = {"timings": {"install_ms": 30_000, "build_ms": 5_000}}

# kind -> facts that lead to it, and the same facts after it was followed
CASES = {
    "no_lock_file": (
        Facts(plan={"package_manager": "npm", "install": "npm install"}, report=TIMED),
        lambda f: replace(f, locks=["package-lock.json"]),
    ),
    "cache_rejected": (
        Facts(report={**TIMED, "caches": [{"kind": "dependencies", "state": "rejected"}]}),
        lambda f: replace(
            f, report={**TIMED, "caches": [{"kind": "dependencies", "state": "exact"}]}
        ),
    ),
    "cache_never_exact": (
        Facts(report={**TIMED, **MISS}, locks=["yarn.lock"], past=[Past(MISS)] * 4),
        lambda f: replace(
            f, past=[Past({"caches": [{"kind": "dependencies", "state": "exact"}]}), *f.past]
        ),
    ),
    "cache_off": (
        Facts(
            report={**TIMED, "caches": [{"kind": "dependencies", "state": "off"}]},
            locks=["yarn.lock"],
        ),
        lambda f: replace(
            f, report={**TIMED, "caches": [{"kind": "dependencies", "state": "exact"}]}
        ),
    ),
    "checks_in_sequence": (
        Facts(plan={"steps": [LINT, TEST]}, report={"steps": [LINTED, TESTED]}),
        lambda f: replace(
            f,
            plan={"steps": [{**LINT, "name": "checks"}]},
            report={"steps": [{**LINTED, "name": "checks"}]},
        ),
    ),
    "queue_wait": (
        Facts(queued_ms=60_000, past=[Past({}, 45_000)] * 4),
        lambda f: replace(f, queued_ms=100, past=[Past({}, 90)] * 4),
    ),
    "step_slower": (
        Facts(
            report={"steps": [{"name": "build", "ms": 90_000, "outcome": "ok"}]},
            past=[Past({"steps": [{"name": "build", "ms": 30_000, "outcome": "ok"}]})] * 3,
        ),
        lambda f: replace(f, report={"steps": [{"name": "build", "ms": 31_000, "outcome": "ok"}]}),
    ),
    "node_version": (
        Facts(plan={"node": "18"}, report={"versions": {"node": "v20.11.0"}}),
        lambda f: replace(f, plan={"node": "20"}),
    ),
    "python_version": (
        Facts(plan={"python": "3.9"}, report={"versions": {"python": "3.11.2"}}),
        lambda f: replace(f, plan={"python": "3.11"}),
    ),
    "no_watch_paths": (
        Facts(
            settings={"root": "apps/web"},
            packages=["", "apps/web", "apps/api"],
            locks=["pnpm-lock.yaml"],
        ),
        lambda f: replace(f, settings={"root": "apps/web", "watch": ["apps/web/**"]}),
    ),
    "source_maps": (
        Facts(
            files=[("a.js.map", "1", 800_000), ("a.js", "2", 200_000)], report={"framework": "vite"}
        ),
        lambda f: replace(f, files=f.files[1:]),
    ),
    "large_files": (
        Facts(files=[("film.mp4", "1", 26_000_000)]),
        lambda f: replace(f, files=[("film.mp4", "1", 25_000_000)]),
    ),
    "images": (
        Facts(files=[("a/Photo.JPG", "1", 900_000)]),
        lambda f: replace(f, files=[("a/Photo.webp", "1", 450_000)]),
    ),
    "duplicates": (
        Facts(files=[("a.woff2", "1", 90_000), ("b.woff2", "1", 90_000), ("c.woff2", "1", 90_000)]),
        lambda f: replace(f, files=f.files[:1]),
    ),
}


@pytest.mark.parametrize("kind", CASES)
def test_it_is_given_for_a_reason_and_only_as_long_as_there_is_one(kind):
    facts, followed = CASES[kind]
    found = {advice.kind: advice for advice in advise(facts)}
    assert kind in found
    advice = found[kind]
    assert advice.title
    assert advice.change
    assert advice.evidence.endswith(".")
    assert kind not in {a.kind for a in advise(followed(facts))}


def test_nothing_is_advised_of_what_is_in_order():
    assert advise(Facts()) == []


def test_the_lines_for_the_configuration_can_be_read():
    for kind in ("checks_in_sequence", "node_version", "python_version", "no_watch_paths"):
        facts, _ = CASES[kind]
        (advice,) = [a for a in advise(facts) if a.kind == kind]
        assert advice.file.endswith("clouddeck.toml")
        assert tomllib.loads(advice.change)


def test_checks_beside_each_other_fail_when_one_does():
    import subprocess

    facts, _ = CASES["checks_in_sequence"]
    for first, second, good in (
        ("true", "true", True),
        ("false", "true", False),
        ("true", "false", False),
    ):
        plan = {"steps": [{**LINT, "run": first}, {**TEST, "run": second}]}
        (advice,) = advise(replace(facts, plan=plan))
        (step,) = tomllib.loads(advice.change)["steps"]
        done = subprocess.run(["sh", "-c", step["run"]], check=False)
        assert (done.returncode == 0) is good


def test_one_processor_runs_nothing_beside():
    facts, _ = CASES["checks_in_sequence"]
    assert advise(replace(facts, settings={"size": "small"})) == []


def test_what_saves_most_time_stands_first():
    one, other = CASES["queue_wait"][0], CASES["checks_in_sequence"][0]
    found = advise(replace(one, plan=other.plan, report=other.report))
    assert [a.kind for a in found] == ["queue_wait", "checks_in_sequence"]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a.png", "b.map", "c.js", "d.jpg", "e.webp"]),
            st.sampled_from([0, 1, 99_999, 100_000, 300_000, 500_000, 25_000_001, 40_000_000]),
        ),
        max_size=8,
    )
)
def test_no_output_saves_more_than_there_is(found):
    # equal sizes are equal contents here
    files = [(f"{number}{name}", str(size), size) for number, (name, size) in enumerate(found)]
    whole = sum(size for _, size in found)
    for advice in advise(Facts(files=files)):
        assert 0 < (advice.saves_bytes or 1) <= max(whole, 1)


@pytest.mark.parametrize("name", ["a'$(id)'.png", "a;id .png", "-rf.png", '"`id`.png'])
def test_a_line_to_paste_runs_nothing_that_a_file_is_called(name):
    (advice,) = advise(Facts(files=[(name, "1", 400_000)]))
    words = shlex.split(advice.change.partition(", and")[0])
    assert words == [
        *("npx", "sharp-cli", "--input", f"./{name}"),
        *("--output", f"./{name.removesuffix('.png')}.webp"),
    ]
