"""Advice about the build: time, caches, order of work, versions."""

from __future__ import annotations

import re
from statistics import median

from chalicelib.supply.rules.advice.model import Advice, Facts, seconds

_LONG_INSTALL = 10_000
_LONG_CHECKS = 10_000
_LONG_WAIT = 30_000
_SLOWER = 1.5
_SLOWER_MS = 10_000
_SHORT_UPLOAD = 5_000
_CPUS = {"small": 1, "medium": 2, "large": 4}
_LOCKED_BY = {
    "npm": ("package-lock.json", "npm install --package-lock-only"),
    "pnpm": ("pnpm-lock.yaml", "pnpm install --lockfile-only"),
    "yarn": ("yarn.lock", "yarn install --mode=update-lockfile"),
    "bun": ("bun.lock", "bun install --lockfile-only"),
    "uv": ("uv.lock", "uv lock"),
    "poetry": ("poetry.lock", "poetry lock"),
    "pip": ("requirements.txt", "pip freeze > requirements.txt"),
    "cargo": ("Cargo.lock", "cargo generate-lockfile"),
}
_CONFIG = "clouddeck.toml"


def lock_file(facts: Facts) -> Advice | None:
    """Packages are installed, and nothing says which."""
    manager = str(facts.plan.get("package_manager") or "").split("@")[0]
    if manager not in _LOCKED_BY or not facts.plan.get("install") or facts.locks:
        return None
    file, command = _LOCKED_BY[manager]
    spent = facts.timings["install"]
    return Advice(
        "no_lock_file",
        "Commit a lock file",
        f"{manager} installed packages for {seconds(spent)}, and the source has no {file}: the "
        "cache cannot tell whether it is current, and two builds may get different packages.",
        f"Run `{command}` and commit {file}.",
        file,
        saves_ms=spent or None,
    )


def lost_cache(facts: Facts) -> Advice | None:
    """The same lock file was built before, and the cache was not there all the same."""
    cache = facts.cache("dependencies")
    if cache.get("state") != "rejected":
        return None
    spent = facts.timings["install"]
    return Advice(
        "cache_rejected",
        "Let the cache be written anew",
        "The kept dependencies were not what had been kept, so they were thrown away and "
        f"installed again in {seconds(spent)}.",
        "Deploy again: this build has kept them anew. If it happens again, tell those who run "
        "the installation.",
        "",
        saves_ms=spent or None,
    )


def cache_without_use(facts: Facts) -> Advice | None:
    """The lock file changes with every build, so what is kept never fits exactly."""
    states = [facts.cache("dependencies").get("state")]
    states += [
        Facts(report=past.report).cache("dependencies").get("state") for past in facts.past[:5]
    ]
    spent = facts.timings["install"]
    if len(states) < 4 or not facts.locks or spent < _LONG_INSTALL:
        return None
    if any(state not in {"miss", "hit"} for state in states):
        return None
    return Advice(
        "cache_never_exact",
        "Keep the lock file still",
        f"In {len(states)} builds running, the lock file was another one than the last time, so "
        f"packages were installed each time, now for {seconds(spent)}.",
        "Change dependencies in pull requests of their own, and do not write a version or a date "
        f"into {facts.locks[0]}.",
        facts.locks[0],
        saves_ms=spent,
    )


def long_install(facts: Facts) -> Advice | None:
    """Installing takes longer than building, although a lock file is there."""
    spent, built = facts.timings["install"], facts.timings["build"]
    state = facts.cache("dependencies").get("state")
    if spent < _LONG_INSTALL or spent <= built or not facts.locks or state != "off":
        return None
    return Advice(
        "cache_off",
        "Keep dependencies between builds",
        f"Installing took {seconds(spent)}, building {seconds(built)}, and no cache was used.",
        "Remove what switches the cache off, or build from a branch of the repository itself: "
        "builds of forks keep nothing.",
        _CONFIG,
        saves_ms=spent,
    )


def checks_in_sequence(facts: Facts) -> Advice | None:
    """Checks that do not need one another ran one after another."""
    ran = {str(step.get("name")): int(step.get("ms") or 0) for step in facts.steps}
    checks = [
        step
        for step in facts.plan.get("steps") or []
        if step.get("stage") == "check" and step.get("name") in ran and not step.get("always")
    ]
    total = sum(ran[step["name"]] for step in checks)
    if len(checks) < 2 or total < _LONG_CHECKS or len({s.get("folder") for s in checks}) > 1:
        return None
    longest = max(ran[step["name"]] for step in checks)
    cpus = _CPUS.get(str(facts.settings.get("size") or "medium"), 2)
    saved = total - max(longest, total // cpus)
    if cpus < 2 or saved < _LONG_CHECKS // 2:
        return None
    names = ", ".join(step["name"] for step in checks)
    begun = " ".join(f"({step['run']}) & p{n}=$!;" for n, step in enumerate(checks))
    waited = " && ".join(f"wait $p{n}" for n in range(len(checks)))
    return Advice(
        "checks_in_sequence",
        "Run the checks beside each other",
        f"{names} took {seconds(total)} one after another, the longest {seconds(longest)}; the "
        f"machine has {cpus} processors.",
        f"[[steps]]\nname = \"checks\"\nstage = \"check\"\nrun = '''{begun} {waited}'''",
        _CONFIG,
        saves_ms=saved,
    )


def queue(facts: Facts) -> Advice | None:
    """Builds wait longer than they would have to."""
    waits = [facts.queued_ms, *(past.queued_ms for past in facts.past[:9])]
    typical = int(median(waits))
    if len(waits) < 3 or typical < _LONG_WAIT:
        return None
    if (facts.settings.get("auto_cancel")) is False:
        change = "Set `auto_cancel` of the project's `git` to true, so that overtaken builds end."
    else:
        change = (
            "Ask for a plan with more parallel builds, or build fewer branches (`git.branches`)."
        )
    return Advice(
        "queue_wait",
        "Wait less for a machine",
        f"Of the last {len(waits)} builds, half waited {seconds(typical)} or longer.",
        change,
        "",
        saves_ms=typical,
    )


def slower_step(facts: Facts) -> Advice | None:
    """A step takes much longer than it used to."""
    worst: tuple[int, str, int, int] | None = None
    for step in facts.steps:
        name, spent = str(step.get("name")), int(step.get("ms") or 0)
        before = [
            int(old.get("ms") or 0)
            for past in facts.past
            for old in past.report.get("steps") or []
            if old.get("name") == name and old.get("outcome") == "ok"
        ]
        usual = int(median(before)) if len(before) >= 3 else spent
        more = spent - usual
        if more >= _SLOWER_MS and spent >= _SLOWER * usual and (worst is None or more > worst[0]):
            worst = (more, name, spent, usual)
    if worst is None:
        return None
    more, name, spent, usual = worst
    return Advice(
        "step_slower",
        f"Look at what made `{name}` slower",
        f"It took {seconds(spent)}; in the builds before, half took {seconds(usual)} or less.",
        "Compare with the last quick build: `deck build <deployment>` shows the steps of both.",
        "",
        saves_ms=more,
    )


def versions(facts: Facts) -> Advice | None:
    """The build ran another version than the repository asks for."""
    ran = facts.report.get("versions") or {}
    for tool in ("node", "python"):
        asked, got = str(facts.plan.get(tool) or ""), str(ran.get(tool) or "")
        wanted = re.match(r"v?(\d+(?:\.\d+){0,2})\Z", asked)
        if wanted and got and not _fits(wanted[1], got.removeprefix("v")):
            short = ".".join(got.removeprefix("v").split(".")[: 1 if tool == "node" else 2])
            return Advice(
                f"{tool}_version",
                f"Build with the version of {tool} that you ask for",
                f"The repository asks for {asked}, and {got} ran: what was tested elsewhere is "
                "not what was built here.",
                f'[build]\n{tool} = "{short}"',
                _CONFIG,
            )
    return None


def _fits(asked: str, got: str) -> bool:
    parts = asked.split(".")
    return got.split(".")[: len(parts)] == parts


def watch(facts: Facts) -> Advice | None:
    """Every push builds a project that is one part of a repository."""
    root = str(facts.settings.get("root") or facts.plan.get("root") or "").strip("/.")
    scope = (facts.plan.get("scope") or {}).get("paths") or ["**"]
    others = [
        folder for folder in facts.packages if folder and not f"{root}/".startswith(f"{folder}/")
    ]
    if not root or facts.settings.get("watch") or "**" not in scope or not others:
        return None
    globs = [f"{root}/**", *(path for path in facts.locks if "/" not in path)]
    listed = ", ".join(f'"{glob}"' for glob in globs)
    return Advice(
        "no_watch_paths",
        "Build only when this part of the repository changes",
        f"The project is {root}, one of {len(others) + 1} packages of its repository, and every "
        "push builds it.",
        f"[build]\nwatch = [{listed}]",
        f"{root}/{_CONFIG}",
    )


RULES = (
    *(lock_file, lost_cache, cache_without_use, long_install, checks_in_sequence),
    *(queue, slower_step, versions, watch),
)
