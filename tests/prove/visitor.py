"""A visitor who never stops asking: what a site answers while its cloud is being hurt."""

import threading
import time
from collections import Counter
from collections.abc import Iterable

from tests.prove.cloud import Cloud

EVERY = 0.05


class Visitor:
    """Asks for one site every 50 ms; a body that was never published there is a wrong one."""

    def __init__(self, cloud: Cloud, host: str, bodies: Iterable[bytes]) -> None:
        self.host = host
        self.count: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.failed_at: list[tuple[float, str]] = []
        self.longest_gap = 0.0
        self._cloud = cloud
        self._order = {body: at for at, body in enumerate(bodies)}
        self._seen = -1
        self.excused = threading.Event()
        """Set while the edge itself is dead: no answer is no failure then."""
        self._stop = threading.Event()
        self._good_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name=f"visitor {host}", daemon=True)

    def start(self) -> "Visitor":
        """Begin; the site has to be there."""
        self._good_at = time.monotonic()
        self._thread.start()
        return self

    def stop(self) -> None:
        """End, after the answer that is on its way."""
        self._stop.set()
        self._thread.join(10)

    def publish(self, body: bytes) -> None:
        """From now on this body is right as well; one seen before may not come back after it."""
        self._order.setdefault(body, len(self._order))

    @property
    def failures(self) -> int:
        """Answers that a visitor did not get, or not well, without excuse."""
        return sum(n for name, n in self.count.items() if name.startswith("failed"))

    def _run(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            excused = self.excused.is_set()
            status, _, body = self._cloud.visit(self.host)
            excused = excused or self.excused.is_set()
            self._judge(status, body, excused)
            self._stop.wait(max(0.0, EVERY - (time.monotonic() - began)))

    def _judge(self, status: int, body: bytes, excused: bool) -> None:
        self.count["asked"] += 1
        if status != 200:
            name = "excused" if excused else f"failed {status or 'unanswered'}"
            self.count[name] += 1
            if not excused:
                self.failed_at.append((time.monotonic(), name))
            return
        now = time.monotonic()
        self.longest_gap = max(self.longest_gap, 0.0 if excused else now - self._good_at)
        self._good_at = now
        at = self._order.get(body)
        if at is None:
            self.wrong.append(f"{self.host} answered {body[:80]!r}, which was never published")
        elif at < self._seen:
            self.wrong.append(f"{self.host} went back from version {self._seen} to {at}")
        self._seen = max(self._seen, -1 if at is None else at)
