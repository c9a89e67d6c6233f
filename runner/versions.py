"""Which node and python a build runs with: the ones asked for, where they can be had."""

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

from runner import steps
from runner.errors import Failure
from runner.logs import Log
from runner.protocol import Plan

_NUMBERS = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4}){0,2}\Z")
_FOUND = re.compile(r"[0-9]{1,6}\.[0-9]{1,6}(?:\.[0-9]{1,6})?")
PATIENCE = 10


class Versions(NamedTuple):
    """The versions that run; None where there is no such program."""

    node: str | None
    python: str | None


class Tools:
    """Looks at the machine's programs and brings others; `env` is that of the build's commands."""

    def __init__(self, home: Path, env: dict[str, str], log: Log, budget: steps.Budget) -> None:
        self._folder = home / ".clouddeck" / "tools"
        self._env, self._log, self._budget = dict(env), log, budget

    def provide(self, plan: Plan) -> tuple[dict[str, str], Versions]:
        """The environment in which the versions of the plan are found first, and what they are.

        A version that is not to be had is no failure: the build goes on with the machine's own,
        and its log says so.
        """
        node = self._look("node") if plan.node or _uses(plan, "node") else None
        python = self._look("python3") if plan.python or _uses(plan, "python") else None
        if plan.node and not _satisfies(node, plan.node):
            node = self._node(plan.node, node)
        if plan.python and not _satisfies(python, plan.python):
            python = self._python(plan.python, python)
        return self._env, Versions(node, python)

    def _look(self, program: str) -> str | None:
        """The version of a program on the path; None when it is not there or says none."""
        try:
            told = subprocess.run(
                [program, "--version"],
                env=self._env,
                cwd=self._folder.parent.parent,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PATIENCE,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        found = _FOUND.search(told.stdout.decode("utf-8", "replace"))
        return found.group() if found else None

    def _node(self, asked: str, has: str | None) -> str | None:
        """Install node from npm, which has it as a package. Returns the version that will run."""
        if not _NUMBERS.match(asked):
            return self._stays("node", asked, has, "only numbers such as 22 or 22.4 are understood")
        folder = self._folder / f"node-{asked}"
        programs = folder / "node_modules" / ".bin"
        if not (programs / "node").exists():
            folder.mkdir(parents=True, exist_ok=True)
            text = f"npm install --prefix {folder} --no-save --no-package-lock"
            text += f" --fetch-retries=1 --fetch-retry-mintimeout=1000 node@{asked}"
            try:
                command = steps.Command("node", "install", text, folder, self._env)
                steps.run(command, self._log, self._budget)
            except Failure as failure:
                if failure.exit_code is None:
                    raise
                return self._stays("node", asked, has, "npm could not install it")
        self._first(programs)
        found = self._look("node")
        if not _satisfies(found, asked):
            return self._stays("node", asked, found, "npm has none for this machine")
        self._log.info(f"Node {found}, because the repository asks for {asked}")
        return found

    def _python(self, asked: str, has: str | None) -> str | None:
        """Another python of the machine, when it has the one that is asked for."""
        series = ".".join(asked.split(".")[:2])
        other = f"python{series}"
        if not _NUMBERS.match(asked) or not _satisfies(self._look(other), asked):
            return self._stays("Python", asked, has, "this build machine does not have it")
        import shutil

        real = shutil.which(other, path=self._env["PATH"])
        folder = self._folder / other
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("python", "python3"):
            link = folder / name
            link.unlink(missing_ok=True)
            link.symlink_to(str(real))
        self._first(folder)
        self._log.info(f"Python {asked}, because the repository asks for it")
        return self._look("python3")

    def _first(self, folder: Path) -> None:
        self._env["PATH"] = f"{folder}{os.pathsep}{self._env['PATH']}"

    def _stays(self, what: str, asked: str, has: str | None, why: str) -> str | None:
        runs = f"{what} {has} runs instead" if has else f"there is no {what} here"
        self._log.warn(f"The repository asks for {what} {asked[:40]}, but {why}: {runs}.")
        return has


def _satisfies(version: str | None, asked: str) -> bool:
    """Whether a version begins with the numbers that are asked for."""
    wanted = asked.split(".")
    return version is not None and version.split(".")[: len(wanted)] == wanted


def _uses(plan: Plan, program: str) -> bool:
    """Whether a plan needs the program, as far as its install tells."""
    words = {"node": ("npm", "pnpm", "yarn", "bun"), "python": ("pip", "uv ", "poetry", "python")}
    return any(word in step.run for step in plan.steps for word in words[program])
