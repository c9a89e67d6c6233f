"""Suite `logs`: from a line being printed in a build to somebody reading it, by two ways.

The build prints the time, again and again; a WebSocket and `deck logs --follow` note when they get
each line. Everything runs on one machine, so one clock tells both times.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from bench import table
from bench.cloud import PYTHON, ROOT, Cloud

LINES = 200
PAUSE = 0.05
LIMIT = 1.0
MARK = "printed at "
SCRIPT = f"""import time
time.sleep(4)
for _ in range({LINES}):
    print({MARK!r} + str(time.time()), flush=True)
    time.sleep({PAUSE})
open("index.html", "w").write("done")
"""


def run() -> list[table.Row]:
    """Every row of the suite."""
    with Cloud() as cloud, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "print.py").write_text(SCRIPT)
        (folder / "clouddeck.toml").write_text(
            '[build]\ncommand = "python3 print.py"\noutput = "."\n'
        )
        cloud.call("POST", "/projects", {"name": "logs"})
        (folder / ".deck.json").write_text(
            json.dumps({"project": "logs", "slug": "logs", "api": f"http://localhost:{cloud.port}"})
        )
        started = json.loads(cloud.deck(folder, "deploy", "--no-wait", "--json"))
        deployment = str(started.get("id") or started["deployment"]["id"])
        ways = {"WebSocket": _socket, "deck logs --follow": _command}
        late: dict[str, list[float]] = {way: [] for way in ways}
        threads = [
            threading.Thread(target=follow, args=(cloud, folder, deployment, late[way]))
            for way, follow in ways.items()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        return [row for way in ways for row in _rows(way, late[way])]


def _rows(way: str, late: list[float]) -> list[table.Row]:
    if len(late) < LINES:
        raise SystemExit(f"{way}: {len(late)} of {LINES} lines came")
    return [
        table.below(f"{way}: printed to read, p50", statistics.median(late), "s", LIMIT),
        table.below(
            f"{way}: printed to read, p99", sorted(late)[len(late) * 99 // 100], "s", LIMIT
        ),
    ]


def _note(text: str, late: list[float]) -> None:
    now = time.time()
    if text.startswith(MARK):
        late.append(now - float(text.removeprefix(MARK)))


def _socket(cloud: Cloud, _folder: Path, deployment: str, late: list[float]) -> None:
    from websockets.sync.client import connect

    url = f"ws://127.0.0.1:{cloud.port}/live?token={cloud.token}"
    with connect(url, max_size=16 << 20) as live:
        live.send(json.dumps({"action": "subscribe", "deployment": deployment, "after": 0}))
        while len(late) < LINES:
            message = json.loads(live.recv(timeout=60))
            for line in message.get("lines") or ():
                _note(line["text"], late)


def _command(cloud: Cloud, folder: Path, deployment: str, late: list[float]) -> None:
    environment = {
        **os.environ,
        **cloud.environment,
        "CLOUDDECK_API": f"http://localhost:{cloud.port}",
        "CLOUDDECK_TOKEN": cloud.token,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }
    command = [str(PYTHON), "-m", "cli", "logs", deployment, "--follow", "--json"]
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for raw in process.stdout:
            line = json.loads(raw)
            if line["type"] == "log":
                _note(line["text"], late)
