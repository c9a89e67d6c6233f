"""A thousand pushes of one branch at once, each announced ten times, in any order, some never.

The small tier has sixty, three times.
"""

import hashlib
import hmac
import json
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from adapters.local.settings import ROOT
from tests.prove import checks
from tests.prove.cloud import Answer, Cloud, wait
from tests.prove.outcome import Outcome, percentile
from tests.prove.repository import git
from tests.prove.visitor import Visitor

GOAL = (
    "production ends on the newest push although one in twenty is never announced; one deployment "
    "per push, the overtaken superseded, nobody stuck, the pointer never backwards"
)
PUSHES = {"smoke": 60, "full": 1000}
DELIVERIES = {"smoke": 3, "full": 10}
REAL_SHARE = 0.1
LOST_SHARE = 0.05
"""Moves that nobody is told of. The sweep finds the branch's head; what lay before stays unseen."""
BREATHS = {"smoke": 0, "full": 6}
"""Moments at which the storm holds its breath, so that some deployments go live."""
BREATH_SECONDS = 4
SENDERS = 16
OVER_SECONDS = {"smoke": 180, "full": 900}
SLUG = "storm"
REF = "refs/heads/main"
HOOKS = ROOT / "adapters" / "local" / "hooks"


@dataclass
class Move:
    """The branch went from one commit to another; `answers` are the deployments it was told."""

    old: str
    new: str
    sequence: int
    answers: set[str] = field(default_factory=set)

    def body(self, project: str) -> bytes:
        """What the hook of the git remote would send, the same every time."""
        update = {"ref": REF, "old": self.old, "new": self.new, "sequence": self.sequence}
        return json.dumps(
            {
                "project": project,
                "updates": [update],
                "pusher": "storm",
                "delivery": f"storm-{self.new}",
            }
        ).encode()


def run(outcome: Outcome) -> None:
    """Make the commits, move the branch, announce, wait, check."""
    rng = random.Random(outcome.seed)
    with Cloud() as cloud:
        storm = Storm(cloud, outcome, rng, PUSHES[outcome.tier])
        storm.open()
        storm.blow()
        storm.check()


def read_moves(path: Path) -> dict[str, tuple[str, int]]:
    """New commit -> (old commit, sequence), as the remote noted them while it held the lock."""
    moves = {}
    for line in path.read_text().splitlines() if path.exists() else ():
        sequence, old, new, ref = line.split(" ", 3)
        if ref == REF:
            moves[new] = (old, int(sequence))
    return moves


class Storm:
    """One run."""

    def __init__(self, cloud: Cloud, outcome: Outcome, rng: random.Random, pushes: int) -> None:
        self.cloud, self.outcome, self.random, self.pushes = cloud, outcome, rng, pushes
        self.project = ""
        self.moves: list[Move] = []
        self.lost: set[str] = set()
        self.refused: list[str] = []
        self.slowest: list[float] = []
        self._lock = threading.Lock()

    def open(self) -> None:
        """A live site, and a hundred commits of it that nobody has seen."""
        self.project = self.cloud.project(SLUG)["id"]
        self.repository = self.cloud.repository(SLUG)
        bodies = [f"<h1>storm {number}</h1>" for number in range(self.pushes + 1)]
        self.commits = [self.repository.commit({"index.html": body}) for body in bodies]
        if not self.repository.push(self.commits[0]).ok:
            raise RuntimeError("the first push was refused")
        if wait(lambda: self.cloud.visit(SLUG)[0] == 200, 60, 0.2) is None:
            raise RuntimeError("the first push did not go live")
        self.bare = self.cloud.home / "git" / f"{self.project}.git"
        git(self.bare, "fetch", "--quiet", str(self.repository.folder), "refs/heads/work")
        self.visitor = Visitor(self.cloud, SLUG, [body.encode() for body in bodies]).start()

    def blow(self) -> None:
        """Move the branch while the announcements come in, shuffled, each several times."""
        numbers = range(1, self.pushes + 1)
        real = set(self.random.sample(numbers, int(self.pushes * REAL_SHARE)))
        others = [number for number in numbers if number not in real]
        lost = set(self.random.sample(others, int(self.pushes * LOST_SHARE)))
        breaths = self.random.sample(range(1, self.pushes + 1), BREATHS[self.outcome.tier])
        began = time.monotonic()
        with ThreadPoolExecutor(SENDERS) as pool:
            held: list[Move] = []
            for number in range(1, self.pushes + 1):
                move = self._move(number, number in real)
                if number in lost:
                    self.lost.add(self.commits[number])
                elif move is not None:
                    held += [move] * DELIVERIES[self.outcome.tier]
                self.random.shuffle(held)
                if number in breaths:
                    time.sleep(BREATH_SECONDS)
                while len(held) > self.pushes // 2:
                    pool.submit(self._announce, held.pop())
            for move in held:
                pool.submit(self._announce, move)
        self.outcome.figures["blown_in_s"] = round(time.monotonic() - began, 1)

    def _move(self, number: int, real: bool) -> Move | None:
        """Move the branch by a real push, which announces itself, or in the remote's folder."""
        old, new = self.commits[number - 1], self.commits[number]
        if real:
            pushed = self.repository.push(new)
            if not self.outcome.expect(pushed.ok, f"push refused: {pushed.said[-200:]}"):
                raise RuntimeError(pushed.said)
        else:
            move_ref(self.bare, new, old)
        noted = [self.bare / "clouddeck" / name for name in ("pushes.1", "pushes")]
        _, sequence = {k: v for path in noted for k, v in read_moves(path).items()}[new]
        move = Move(old, new, sequence)
        self.moves.append(move)
        return None if real else move

    def _announce(self, move: Move) -> None:
        """Send until it is acknowledged, as the hook does."""
        body = move.body(self.project)
        secret = self.cloud.installation.secrets.local_secret.encode()
        signature = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
        answer = Answer(0, {})
        for pause in (0.0, 0.3, 1.0, 3.0):
            time.sleep(pause)
            began = time.monotonic()
            headers = {"X-CloudDeck-Signature": signature}
            answer = self.cloud.api("POST", "/v1/hooks/git", headers=headers, raw=body, seconds=60)
            with self._lock:
                self.slowest.append(time.monotonic() - began)
            if answer.ok:
                with self._lock:
                    move.answers |= {one["id"] for one in answer.content["deployments"]}
                return
        with self._lock:
            self.refused.append(f"{answer.status} {answer.content}")

    def check(self) -> None:
        """Who is live, who is over, and how they got there."""
        cloud, outcome = self.cloud, self.outcome
        began = time.monotonic()
        newest = max(self.moves, key=lambda move: move.sequence)
        patience = OVER_SECONDS[outcome.tier]
        expected = self.pushes - len(self.lost - {newest.new})
        known = wait(lambda: len(cloud.deployments(SLUG)) > expected, patience, 0.5)
        outcome.expect(known is not None, "some pushes never became a deployment")
        checks.everything_over(cloud, outcome, [SLUG], patience)
        outcome.figures["calm_after_s"] = round(time.monotonic() - began, 1)
        self.visitor.stop()
        rows = cloud.deployments(SLUG)
        self._check_deployments(rows)
        pointer = checks.pointer_sound(cloud, outcome, SLUG)
        live = next((r for r in rows if pointer and r["id"] == pointer["deployment"]), None)
        outcome.expect(
            live is not None and live["commit"] == newest.new,
            f"production is {live and live['commit']}, the newest push is {newest.new}",
        )
        moved = checks.history_monotone(cloud, outcome, self.project)
        left = checks.nothing_left_of_builds(cloud, outcome) + checks.nothing_left(cloud, outcome)
        outcome.expect(not self.refused, f"announcements refused: {self.refused[:3]}")
        outcome.expect(not self.visitor.wrong, f"wrong answers: {self.visitor.wrong[:2]}")
        outcome.expect(not self.visitor.failures, f"visits failed: {dict(self.visitor.count)}")
        states = Counter(row["state"] for row in rows)
        outcome.figures |= {
            "pushes": self.pushes,
            "announcements": len(self.slowest),
            "never_announced": len(self.lost),
            "deployments": len(rows),
            **{state: states[state] for state in sorted(states)},
            "pointer_moves": moved,
            "announced_p99_s": round(percentile(self.slowest, 0.99), 2),
            "visits": self.visitor.count["asked"],
            "left_behind": left,
        }

    def _check_deployments(self, rows: list[dict[str, object]]) -> None:
        outcome = self.outcome
        per_commit = Counter(str(row["commit"]) for row in rows)
        twice = {commit: n for commit, n in per_commit.items() if n > 1}
        outcome.expect(not twice, f"pushes with several deployments: {twice}")
        for row in rows:
            outcome.expect(
                row["state"] in {"ready", "superseded"},
                f"{row['id']} is {row['state']}: {row['error']}",
            )
        by_commit = {str(row["commit"]): row for row in rows}
        for move in self.moves:
            row = by_commit.get(move.new)
            if row is None and move.new in self.lost:
                continue
            if not outcome.expect(row, f"no deployment of {move.new}"):
                continue
            ids = move.answers or {row["id"]}
            outcome.expect(ids == {row["id"]}, f"{move.new} was told {ids}, is {row['id']}")
            outcome.expect(
                int(str(row["sequence"])) == move.sequence,
                f"{row['id']} has sequence {row['sequence']}, git noted {move.sequence}",
            )


def move_ref(bare: Path, new: str, old: str) -> None:
    """Move the branch in the remote's own folder, with the remote's own hook taking the time."""
    git(bare, "-c", f"core.hooksPath={HOOKS}", "update-ref", REF, new, old)
