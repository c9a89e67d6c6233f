"""Suite `build`: a change of the Vite site, from the command to its end, beside two rivals' builds.

Ours is a `git push` to the embedded cloud until the production address answers with the change:
queue, sandbox, restored cache, build, upload, publish, verify, promote. Theirs are `netlify build
--offline` and `vercel build` on the same tree, which build and stop there: nothing is uploaded or
served. Everybody is warm: our cache has what the first push installed, their `node_modules` stays.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from bench import table
from bench.cloud import ROOT, Cloud
from bench.deploy import push, tree

SITE = "vite-react"
ROUNDS = 5
CLIS = ROOT / "bench" / "clis" / "node_modules" / ".bin"
GOAL = 2.0
UNCHANGED_SECONDS = 1.5


def run() -> list[table.Row]:
    """Every row of the suite; the three take turns."""
    with Cloud() as cloud, tempfile.TemporaryDirectory() as folder:
        cloud.call("POST", "/projects", {"name": SITE})
        ours = tree(SITE, Path(folder) / "ours")
        push(cloud, SITE, ours, 0)
        rivals = [Rival(name, Path(folder)) for name in ("netlify", "vercel")]
        mine: list[float] = []
        theirs: dict[str, list[float]] = {rival.name: [] for rival in rivals}
        for number in range(1, ROUNDS + 1):
            for rival in rivals:
                theirs[rival.name].append(rival.build(number))
            mine.append(push(cloud, SITE, ours, number)["total"])
        again = [push(cloud, SITE, ours, n, empty=True)["total"] for n in range(ROUNDS)]
    total = statistics.median(mine)
    middle = {name: statistics.median(times) for name, times in theirs.items()}
    return [
        *(
            table.faster(f"push to live, warm | {name} build", total, middle[name], "s", None)
            for name in middle
        ),
        table.faster("... | the faster of the two", total, min(middle.values()), "s", GOAL),
        table.below(
            "same tree again (full hit): push to live",
            statistics.median(again),
            "s",
            UNCHANGED_SECONDS,
        ),
    ]


class Rival:
    """One of the command lines and a tree of its own."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._home = folder / f"{name}-home"
        self._home.mkdir()
        self._tree = tree(SITE, folder / name)
        self._run("npm", "ci", "--no-audit", "--no-fund")
        if name == "vercel":  # what `vercel pull` would have written
            settings = {"projectId": "prj_x", "orgId": "team_x", "settings": {"framework": "vite"}}
            (self._tree / ".vercel").mkdir()
            (self._tree / ".vercel" / "project.json").write_text(json.dumps(settings))
        self.build(0)

    def build(self, number: int) -> float:
        """Seconds from the command to its end, after a change."""
        (self._tree / "bench.txt").write_text(f"{number}\n")
        for left in ("dist", ".vercel/output"):
            shutil.rmtree(self._tree / left, ignore_errors=True)
        began = time.monotonic()
        if self.name == "netlify":
            self._run(str(CLIS / "netlify"), "build", "--offline")
        else:
            self._run(str(CLIS / "vercel"), "build", "--yes", "--prod", "--token", "none")
        return time.monotonic() - began

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            command,
            cwd=self._tree,
            env={**os.environ, "HOME": str(self._home), "CI": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{self.name}: {' '.join(command)}: {done.stderr[-800:]}")
