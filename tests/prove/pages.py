"""Visitors who open pages: a program of its own, so that asking does not hold up the suite.

`python -m tests.prove.pages PORTS HOST TASKS SECONDS` opens pages at random edges. What a page
asks for it asks at any of the edges, as browsers do when a name leads to several. Each page says
its version, and so does everything that it asks for; a page load with two versions is mixed.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
from dataclasses import dataclass, field

PAGE = "<!doctype html><title>swap</title><p id=v>{version}</p><script src=/app.js></script>"
ASSETS = ("/app.js", "/style.css", "/part.json")
VERSION = re.compile(rb"version-([0-9]{4})")
_PIN = re.compile(rb"\r\n[Ss]et-[Cc]ookie: (__dpl=[^;\r]+)")
_LENGTH = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: ([0-9]+)")


@dataclass
class Seen:
    """What one program saw."""

    requests: int = 0
    loads: int = 0
    failed: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    versions: set[str] = field(default_factory=set)


class Browser:
    """One visitor with a connection to every edge."""

    def __init__(self, ports: list[int], host: str, seen: Seen) -> None:
        self._ports, self._host, self._seen = ports, host, seen
        self._open: dict[int, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = {}
        self._cookie = ""

    async def load(self) -> None:
        """Open a page and what belongs to it."""
        page = await self._get("/", "document", "text/html,*/*;q=0.8")
        if page is None:
            return
        parts = [await self._get(path, "script", "*/*") for path in ASSETS]
        if any(part is None for part in parts):
            return
        versions = [page, *(part for part in parts if part is not None)]
        self._seen.loads += 1
        self._seen.versions.add(page)
        if len(set(versions)) > 1:
            self._seen.mixed.append(" ".join(versions))

    async def _get(self, path: str, destination: str, accept: str) -> str | None:
        """The version that an answer says; None when it failed."""
        port = random.choice(self._ports)
        cookie = f"Cookie: {self._cookie}\r\n" if self._cookie else ""
        asked = (
            f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\nAccept: {accept}\r\n"
            f"Sec-Fetch-Dest: {destination}\r\n{cookie}\r\n"
        )
        self._seen.requests += 1
        try:
            status, head, body = await asyncio.wait_for(self._answer(port, asked.encode()), 10)
        except (OSError, asyncio.IncompleteReadError, TimeoutError, ValueError) as error:
            self._open.pop(port, None)
            self._seen.failed.append(f"{path}: {error!r}")
            return None
        said = VERSION.search(body)
        if status != 200 or said is None:
            self._seen.failed.append(f"{path} at {port}: {status} {body[:60]!r}")
            return None
        if pin := _PIN.search(head):
            self._cookie = pin.group(1).decode()
        return said.group(1).decode()

    async def _answer(self, port: int, asked: bytes) -> tuple[int, bytes, bytes]:
        if port not in self._open:
            self._open[port] = await asyncio.open_connection("127.0.0.1", port)
        reader, writer = self._open[port]
        writer.write(asked)
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if length is None:
            raise ValueError(f"no length: {head[:100]!r}")
        return int(head[9:12]), head, await reader.readexactly(int(length.group(1)))


async def visit(ports: list[int], host: str, tasks: int, seconds: float) -> Seen:
    """Open pages until a line comes in, or for so many seconds; so many visitors at a time."""
    seen, over = Seen(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin.fileno(), over.set)
    loop.call_later(seconds, over.set)

    async def one() -> None:
        browser = Browser(ports, host, seen)
        while not over.is_set():
            await browser.load()

    await asyncio.gather(*(one() for _ in range(tasks)))
    return seen


def files(version: int) -> dict[str, str]:
    """A version of the site: everything in it says which."""
    word = f"version-{version:04d}"
    return {
        "index.html": PAGE.format(version=word),
        "app.js": f"document.body.dataset.app = '{word}'\n",
        "style.css": f"/* {word} */\nbody {{ color: #000 }}\n",
        "part.json": f'{{"version": "{word}"}}\n',
    }


def main(argv: list[str]) -> None:
    """Print what was seen as JSON."""
    import uvloop

    ports = [int(port) for port in argv[0].split(",")]
    seen = uvloop.run(visit(ports, argv[1], int(argv[2]), float(argv[3])))
    told = {
        "requests": seen.requests,
        "loads": seen.loads,
        "failed": [len(seen.failed), *seen.failed[:5]],
        "mixed": [len(seen.mixed), *seen.mixed[:5]],
        "versions": sorted(seen.versions),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1:])
