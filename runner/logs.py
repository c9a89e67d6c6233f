"""Sends log lines in order, in small batches, without holding up the build."""

import threading
import time
from collections import deque
from typing import NamedTuple

from runner.errors import ApiError, BuildClosed, Unreachable
from runner.lines import CUT, LONGEST
from runner.mask import Mask
from runner.protocol import Api

LINES = 200
BYTES = 192 * 1024
WAIT = 0.2
HEARTBEAT = 10.0
BACKLOG = 20_000
BACKLOG_BYTES = 8 * 1024 * 1024
LONGEST_HOLD = 5.0
COST = 64  # what a line takes besides its text


class Line(NamedTuple):
    """One line; `t` in milliseconds since 1970."""

    t: int
    level: str
    stage: str
    text: str


class Log:
    """The build's log. `stage` says what is being done now. One writer, one sending thread."""

    def __init__(self, api: Api, mask: Mask) -> None:
        self.stage = "prepare"
        self.mask = mask
        self._api = api
        self._queue: deque[Line] = deque()
        self._ready = threading.Condition()
        self._next = 1
        self._lost = self._held = 0
        self._hurry = self._ending = self._busy = False
        self._thread = threading.Thread(target=self._run, name="logs", daemon=True)
        self._thread.start()

    @property
    def closed(self) -> bool:
        """Whether nobody waits for this build any more."""
        return self._api.client.closed.is_set()

    def info(self, text: str) -> None:
        """A line of ours."""
        self.write([text], "info")

    def warn(self, text: str) -> None:
        """A line of ours that somebody should read."""
        self.write([text], "warn")

    def write(self, texts: list[str], level: str) -> int:
        """Mask and queue lines; returns how many bytes of log they are.

        When the API cannot keep up it waits a few seconds for room, then drops lines and says so.
        """
        t = time.time_ns() // 1_000_000
        lines = [Line(t, level, self.stage, self._clean(text)) for text in texts]
        size = sum(len(line.text) + COST for line in lines)
        with self._ready:
            if not self._has_room():
                self._hurry = True
                self._ready.notify_all()
                self._ready.wait_for(self._has_room, LONGEST_HOLD)
            if self._has_room():
                was = len(self._queue)
                self._queue.extend(lines)
                self._held += size
                if was == 0 or was < LINES <= len(self._queue):
                    self._ready.notify_all()
            else:
                self._lost += len(lines)
        return size

    def flush(self, patience: float) -> bool:
        """Wait until everything is sent; False when `patience` seconds were not enough."""
        with self._ready:
            self._hurry = True
            self._ready.notify_all()
            return self._ready.wait_for(lambda: not self._queue and not self._busy, patience)

    def close(self, patience: float = 30.0) -> None:
        """Send what is left and stop sending heartbeats."""
        self.flush(patience)
        with self._ready:
            self._ending = True
            self._ready.notify_all()

    def _has_room(self) -> bool:
        roomy = len(self._queue) < BACKLOG and self._held < BACKLOG_BYTES
        return roomy or self._api.client.closed.is_set()

    def _clean(self, text: str) -> str:
        cut = CUT if len(text) > LONGEST else ""
        text = self.mask(text[: LONGEST + self.mask.longest], LONGEST) + cut
        return text.replace("\0", "")

    def _run(self) -> None:
        while not self._ending:
            batch = self._batch()
            lost = 0
            try:
                self._post(batch)
            except (Unreachable, ApiError):
                lost = len(batch)
            except BuildClosed:
                pass
            with self._ready:
                self._lost += lost
                self._next += len(batch)
                self._busy = False
                self._ready.notify_all()
            if self._api.client.closed.is_set():
                self._drop_all()
                return

    def _batch(self) -> list[Line]:
        """The next lines to send; none after a silence, for a sign of life."""
        with self._ready:
            self._ready.wait_for(lambda: self._queue or self._ending, HEARTBEAT)
            if self._queue:
                self._ready.wait_for(self._full, self._queue[0].t / 1000 + WAIT - time.time())
            batch: list[Line] = []
            room = BYTES
            while self._queue and len(batch) < LINES:
                room -= len(self._queue[0].text) * 2 + COST
                if batch and room < 0:
                    break
                batch.append(self._queue.popleft())
                self._held -= len(batch[-1].text) + COST
            if not self._queue:
                self._hurry = False
                self._note_losses()
            self._busy = True
            return batch

    def _full(self) -> bool:
        return self._hurry or self._ending or len(self._queue) >= LINES

    def _note_losses(self) -> None:
        if self._lost:
            text = f"Lines missing here, for the log could not be sent in time: {self._lost:,}"
            self._queue.append(Line(time.time_ns() // 1_000_000, "warn", self.stage, text))
            self._held += len(text) + COST
            self._lost = 0

    def _post(self, batch: list[Line]) -> None:
        if batch or not self._ending:
            lines = [line._asdict() for line in batch]
            self._api.call("logs", {"first": self._next, "lines": lines})

    def _drop_all(self) -> None:
        with self._ready:
            self._queue.clear()
            self._ready.notify_all()
