"""The access log: JSON lines, collected in memory, written and counted by a thread."""

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from json.encoder import encode_basestring_ascii as _json
from pathlib import Path

from adapters.local.edge.traffic import Entry, Line, Traffic

_FLUSH_SECONDS = 0.5
_FLUSH_LINES = 8192
_MOST_LINES = 200_000
_ROTATE_BYTES = 64 * 1024 * 1024
_KEEP = 3


def fragment(
    *,
    host: str,
    site: str,
    deployment: str,
    path: str,
    status: int,
    size: int,
    cache: str,
    hidden: bool = False,
) -> Line:
    """The part of a line that is the same for every visitor of a page.

    `hidden` is every address of a site but production's; the log does not say it, counting does.
    """
    line = Line(
        f'"host":{_json(host)},"site":{_json(site) if site else "null"},'
        f'"deployment":{_json(deployment) if deployment else "null"},"path":{_json(path)},'
        f'"status":{status},"bytes":{size},"cache":{_json(cache)}}}\n'
    )
    line.site, line.deployment, line.hidden = site, deployment, hidden
    line.status, line.size, line.cached = status, size, cache in {"memory", "disk"}
    return line


class AccessLog:
    """Lines go to a file twice a second; a disk that cannot follow costs lines, never visitors."""

    def __init__(self, path: Path, traffic: Traffic | None = None) -> None:
        self.path = path
        self.dropped = 0
        self._traffic = traffic
        self._lines: list[Entry] = []
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="access-log")
        self._timer: asyncio.TimerHandle | None = None
        self._writing = False

    def add(self, now: float, milliseconds: float, line: Line) -> None:
        """Log one answer; `line` comes from `fragment`."""
        lines = self._lines
        lines.append((now, milliseconds, line))
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

    def _write(self, lines: list[Entry]) -> None:
        if self._traffic is not None:
            self._traffic.count(lines)  # first: a full disk takes lines, no numbers
        text = "".join([f'{{"t":{int(now * 1000)},"ms":{ms:.1f},{line}' for now, ms, line in lines])
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(text)
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
