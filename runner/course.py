"""The steps of a plan, in their order: run, timed, and their test reports read."""

import time
from pathlib import Path
from typing import NamedTuple

from runner import environment, junit, plan, steps
from runner.errors import Failure
from runner.junit import Tests
from runner.logs import Log
from runner.protocol import Plan, Step
from runner.unpack import show

TITLES = {"install": "Installing dependencies", "check": "Checking", "build": "Building"}
DONE = {"install": "Installed", "check": "Checked", "build": "Built"}
SHOWN_FAILED = 3


class Ran(NamedTuple):
    """How a step went: `outcome` is ok, failed, allowed (failed, and it may) or skipped."""

    name: str
    stage: str
    ms: int
    exit_code: int | None
    outcome: str


class Course:
    """Runs the steps; `ran` and `tests` tell how they went, also when a failure ended them."""

    def __init__(self, tree: Path, root: Path, log: Log, budget: steps.Budget) -> None:
        self._tree, self._root, self._log, self._budget = tree, root, log, budget
        self.ran: list[Ran] = []
        self.tests: list[Tests] = []
        self._failure: Failure | None = None

    def run(self, planned: Plan, env: dict[str, str], *, hit: bool, exact: bool) -> None:
        """Run every step of the plan that has to; raises the first Failure when all is done.

        `hit` and `exact` say what the cache of dependencies was good for. What ends the build as
        a whole, such as its time being used up, is raised at once.
        """
        for step in planned.steps:
            if self._failure and not step.always:
                self._note(step, 0, None, "skipped")
            elif step.name == "install" and exact:
                self._log.stage = step.stage
                self._log.info("Skipped the install: the cache was made from this very lock file")
                self._note(step, 0, None, "skipped")
            elif step.name == "install" and hit and planned.install_cached:
                self._step(step._replace(run=planned.install_cached), env)
            else:
                self._step(step, env)
        if self._failure:
            raise self._failure

    def took(self, stage: str) -> int:
        """Milliseconds that the steps of a stage took."""
        return sum(step.ms for step in self.ran if step.stage == stage)

    def _step(self, step: Step, env: dict[str, str]) -> None:
        folder = self._folder(step)
        self._log.stage = step.stage
        named = "" if step.name in TITLES else f": {show(step.name)}"
        self._log.info(f"{TITLES.get(step.stage, 'Running')}{named}")
        began, since = time.monotonic(), time.time_ns() - 10_000_000
        failure: Failure | None = None
        try:
            given = environment.for_install(env) if step.stage == "install" else env
            steps.run(
                steps.Command(step.name, step.stage, step.run, folder, given),
                self._log,
                self._budget,
            )
        except Failure as fault:
            if fault.exit_code is None:  # no fault of the command's: time, log, or ours
                self._note(step, _since(began), None, "failed")
                raise
            failure = fault
        tests = self._reports(step, folder, since) if step.junit else None
        self._settle(step, _since(began), failure, tests)

    def _reports(self, step: Step, folder: Path, since: int) -> Tests | None:
        return junit.collect(step.name, folder, step.junit, since, self._log.mask)

    def _settle(self, step: Step, ms: int, failure: Failure | None, tests: Tests | None) -> None:
        if tests:
            self.tests.append(tests)
            self._log.info(_sum(tests))
            for failed in tests.failed[:10]:
                self._log.write([f"  {failed.name}: {_first_line(failed.message)}"], "error")
        if failure is None:
            self._note(step, ms, 0, "ok")
            took = f"{ms / 1000:.1f} s" if ms >= 100 else f"{ms} ms"
            self._log.info(f"{DONE.get(step.stage, 'Done')} in {took}")
            return
        self._note(step, ms, failure.exit_code, "allowed" if step.allow_failure else "failed")
        if step.allow_failure:
            self._log.warn(f"{failure.message} It is allowed to fail, so the build goes on.")
        elif self._failure is None:
            self._failure = _named(step, failure, tests)
        else:
            self._log.warn(failure.message)

    def _note(self, step: Step, ms: int, exit_code: int | None, outcome: str) -> None:
        self.ran.append(Ran(step.name, step.stage, ms, exit_code, outcome))

    def _folder(self, step: Step) -> Path:
        """Where a step runs. Raises Failure when that is no folder of the tree."""
        if step.folder is None:
            return self._root
        real = plan.inside(self._tree, step.folder)
        if real is not None and real.is_dir():
            return real
        outside = plan.leaves(self._tree, step.folder)
        raise Failure(
            "path_outside_root" if outside else "root_missing",
            f"The step {show(step.name)!r} is to run in {show(step.folder)!r}, which "
            + ("lies outside of the repository." if outside else "is no folder of it."),
            "Correct the folder of the step in clouddeck.toml.",
        )


def _named(step: Step, failure: Failure, tests: Tests | None) -> Failure:
    """The failure as its owner should read it: a check names the tests that did not pass."""
    if step.stage != "check" or not tests or not tests.failed:
        return failure
    names = ", ".join(show(failed.name) for failed in tests.failed[:SHOWN_FAILED])
    count = tests.failures + tests.errors
    more = f" and {count - SHOWN_FAILED:,} more" if count > SHOWN_FAILED else ""
    message = f"{failure.message} {count:,} of {tests.tests:,} tests failed: {names}{more}."
    return Failure(failure.code, message, failure.hint, exit_code=failure.exit_code)


def _sum(tests: Tests) -> str:
    bad = tests.failures + tests.errors
    skipped = f", {tests.skipped:,} skipped" if tests.skipped else ""
    return f"Tests: {tests.tests - bad - tests.skipped:,} passed, {bad:,} failed{skipped}"


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "no message")[:300]


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
