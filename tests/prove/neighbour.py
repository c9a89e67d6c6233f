"""A team next door, whose builds shall not feel who else builds on this machine."""

import contextlib
import statistics
import threading
from collections.abc import Iterator

from tests.prove.cloud import Cloud, wait
from tests.prove.malicious_case import built

SLUG = "neighbour"
WORK = (
    "import hashlib, os, time\n"
    "began = time.monotonic()\n"
    "body = b'x' * 65536\n"
    "for n in range(3000): body = hashlib.sha256(body).digest() * 2048\n"
    "os.makedirs('out', exist_ok=True)\n"
    "for n in range(200): open(f'out/{n}.html', 'w').write(str(n))\n"
    "print('took', time.monotonic() - began)\n"
)
ALONE = 3
SELDOM_SECONDS = 15
DONE_SECONDS = 240


class Neighbour:
    """Builds one site again and again, and notes what the work itself took inside the sandbox."""

    def __init__(self, cloud: Cloud, *, often: bool) -> None:
        self._cloud, self._often = cloud, often
        self._quiet: list[float] = []
        self._loud: list[float] = []
        self._stop = threading.Event()
        self._number = 0
        cloud.project(SLUG)
        self._repository = cloud.repository(SLUG)

    def alone(self) -> None:
        """How long it takes with nobody else there."""
        self._quiet = [self._build() for _ in range(ALONE if self._often else 1)]

    @contextlib.contextmanager
    def in_company(self) -> Iterator[None]:
        """Build on while others do what they do."""
        thread = threading.Thread(target=self._go_on, name="neighbour", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join(DONE_SECONDS)

    @property
    def slowdown(self) -> float:
        """Median in company over median alone; 1 when there was no company."""
        if not self._quiet or not self._loud:
            return 1.0
        return statistics.median(self._loud) / statistics.median(self._quiet)

    def figures(self) -> dict[str, object]:
        """For the report."""
        return {
            "neighbour_builds": len(self._loud),
            "neighbour_slowdown": round(self.slowdown, 3),
        }

    def _go_on(self) -> None:
        while not self._stop.is_set() and not self._cloud.abandoned.is_set():
            self._loud.append(self._build())
            self._stop.wait(0 if self._often else SELDOM_SECONDS)

    def _build(self) -> float:
        """One push to its end; seconds that the work took."""
        self._number += 1
        files = {**built("python3 work.py"), "work.py": WORK, "n.txt": str(self._number)}
        commit = self._repository.commit(files)
        if not self._repository.push(commit).ok:
            raise RuntimeError("the neighbour's push was refused")
        wait(lambda: self._row(commit), 60, 0.2)
        row = self._cloud.settled(str(self._row(commit)), DONE_SECONDS)
        if row["state"] != "ready":
            raise RuntimeError(f"the neighbour's build is {row['state']}: {row['error']}")
        said = [line for line in self._cloud.log_lines(row["id"]) if line.startswith("took ")]
        return float(said[-1].split()[1])

    def _row(self, commit: str) -> str | None:
        found = [r for r in self._cloud.deployments(SLUG) if r["commit"] == commit]
        return str(found[0]["id"]) if found else None
