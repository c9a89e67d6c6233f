"""Log lines while they are being printed."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.e2e.asking import PATIENCE, Json
from tests.e2e.person import Person, Site

BUILD = """\
[build]
framework = "custom"
install = ""
command = "sh build.sh"
output = "out"
"""
TICKS = 24
SCRIPT = f"""\
mkdir -p out
for i in $(seq 1 {TICKS}); do
  echo "tick $i $(date +%s%3N)"
  sleep 0.25
done
echo '<h1>ticked</h1>' > out/index.html
"""


@pytest.fixture(scope="module")
def site(person: Person) -> Site:
    return person.site("ticking", {"clouddeck.toml": BUILD, "build.sh": SCRIPT})


@contextlib.contextmanager
def listening(site: Site, deployment: str, after: int) -> Iterator[ClientConnection]:
    url = f"ws://127.0.0.1:{site.cloud.port}/live?token={site.api.token}"
    with connect(url, proxy=None, max_size=1 << 24) as live:
        wish = {"action": "subscribe", "deployment": deployment, "after": after}
        live.send(json.dumps(wish))
        yield live


def received(live: ClientConnection) -> Iterator[tuple[float, Json]]:
    """Messages, each with the milliseconds since 1970 at which it came."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        message: Any = json.loads(live.recv(timeout=PATIENCE))
        assert message["type"] in {"subscribed", "log", "deployment"}, message
        yield time.time() * 1000, message


def is_over(message: Json) -> bool:
    return message["type"] == "deployment" and message["deployment"]["state"] == "ready"


def test_lines_arrive_within_a_second_and_go_on_after_a_lost_connection(site: Site) -> None:
    site.commit()
    deployment = site.push()["id"]
    late: list[float] = []
    lines: list[Json] = []

    def take(came: float, message: Json) -> None:
        for line in message.get("lines", []):
            lines.append(line)
            words = line["text"].split()
            if words[:1] == ["tick"]:
                late.append(came - int(words[2]))

    with listening(site, deployment, 0) as live:
        for came, message in received(live):
            take(came, message)
            if len(late) >= TICKS / 3:
                break
    missed = lines[-1]["n"]
    time.sleep(1)
    behind = len(late)
    states: list[str] = []
    with listening(site, deployment, missed) as live:
        for came, message in received(live):
            take(came, message)
            if message["type"] == "deployment":
                states.append(message["deployment"]["state"])
            if is_over(message):
                break
    site.api.ready(deployment)
    everything = site.api.lines(deployment)
    known = [line["n"] for line in lines]
    assert known == sorted(set(known)), "no line twice, and in order"
    ticks = [line["text"] for line in lines if line["text"].startswith("tick ")]
    assert [int(text.split()[1]) for text in ticks] == list(range(1, TICKS + 1)), "no gap"
    assert lines == everything[: len(lines)]
    assert "publishing" in states or "promoting" in states
    # those printed while nobody listened are late by nature: a second's worth of them
    timely = late[:behind] + late[behind + 6 :]
    assert sorted(timely)[len(timely) * 9 // 10] < milliseconds(), timely


def milliseconds() -> int:
    """A second; three on a computer on which everything has to wait for its turn."""
    return 1000 if os.getloadavg()[0] < 4 * (os.cpu_count() or 1) else 3000


def test_the_log_can_be_read_from_any_line_on(site: Site) -> None:
    newest = site.api.ready(site.deck("inspect")["id"])["id"]
    everything = site.api.lines(newest)
    middle = everything[len(everything) // 2]["n"]
    assert site.api.lines(newest, middle) == [line for line in everything if line["n"] > middle]
    page = site.api.get(f"/deployments/{newest}/logs?after={everything[-1]['n']}")
    assert page == {"lines": [], "next": everything[-1]["n"], "done": True}


def test_deck_follows_a_deployment_to_its_end(site: Site) -> None:
    site.commit({"again": "1\n"})
    deployment = site.push()["id"]
    *lines, end = site.deck("logs", deployment, "--follow")
    assert end["deployment"]["state"] == "ready"
    stripped = [{key: line[key] for key in line if key != "type"} for line in lines]
    assert stripped == site.api.lines(deployment)


def test_nobody_listens_without_a_key(site: Site) -> None:
    url = f"ws://127.0.0.1:{site.cloud.port}/live?token=wrong"
    with pytest.raises(Exception, match=r"40[13]"):
        connect(url, proxy=None)
