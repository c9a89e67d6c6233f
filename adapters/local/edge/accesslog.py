"""The access log: JSON lines, collected in memory and written by a thread."""

import asyncio
import contextlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_FLUSH_SECONDS = 0.5
_FLUSH_LINES = 8192
_MOST_LINES = 200_000
_ROTATE_BYTES = 64 * 1024 * 1024
_KEEP = 3


def fragment(
    *, host: str, site: str, deployment: str, path: str, status: int, size: int, cache: str
) -> str:
    """The part of a line that is the same for every visitor of a page."""
    fields = {
        "host": host,
        "site": site or None,
        "deployment": deployment or None,
        "path": path,
        "status": status,
        "bytes": size,
        "cache": cache,
    }
    return json.dumps(fields, separators=(",", ":"))[1:] + "\n"


class AccessLog:
    """Lines go to a file twice a second; a disk that cannot follow costs lines, never visitors."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.dropped = 0
        self._lines: list[str] = []
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="access-log")
        self._timer: asyncio.TimerHandle | None = None
        self._writing = False

    def add(self, now: float, milliseconds: float, text: str) -> None:
        """Log one answer; `text` comes from `fragment`."""
        lines = self._lines
        lines.append(f'{{"t":{int(now * 1000)},"ms":{milliseconds:.1f},{text}')
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_FLUSH_SECONDS, self._flush)
        elif len(lines) >= _FLUSH_LINES:
            self._flush()

    def _flush(self) -> None:
        """Hand the collected lines to the thread, one batch at a time."""
        if self._writing:
            if len(self._lines) > _MOST_LINES:
                self.dropped += len(self._lines)
                self._lines.clear()
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        lines, self._lines = self._lines, []
        if not lines:
            return
        self._writing = True
        loop = asyncio.get_running_loop()
        loop.run_in_executor(self._pool, self._write, lines).add_done_callback(self._written)

    def _written(self, future: "asyncio.Future[None]") -> None:
        self._writing = False
        if future.exception() is not None:
            self.dropped += 1
        if self._lines and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_FLUSH_SECONDS, self._flush)

    def _write(self, lines: list[str]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write("".join(lines))
            full = file.tell() > _ROTATE_BYTES
        if full:
            self._rotate()

    def _rotate(self) -> None:
        names = [self.path, *(Path(f"{self.path}.{n}") for n in range(1, _KEEP + 1))]
        for older, newer in zip(reversed(names), reversed(names[:-1]), strict=False):
            with contextlib.suppress(FileNotFoundError):
                newer.replace(older)

    def close(self) -> None:
        """Write what is left."""
        self._pool.shutdown(wait=True)
        if self._lines:
            with contextlib.suppress(OSError):
                self._write(self._lines)
            self._lines = []
