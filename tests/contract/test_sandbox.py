"""Real builds in real sandboxes: what a hostile one can reach, take, and leave behind."""

import os
import shutil
import signal
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract.sandbox_slots import MISSING, FakeApi, Slots, api, begin, slots, wait

__all__ = ["api", "begin", "slots"]

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(bool(MISSING), reason=f"missing here: {', '.join(MISSING)}"),
]


NOTHING = {"processes": [], "groups": [], "mounts": [], "files": []}


def test_every_protection_was_tried_and_holds(slots: Slots) -> None:
    status = slots.call("GET", "/status")
    assert status["missing"] == []


def test_identity(slots: Slots, api: FakeApi) -> None:
    slots.finish("identity")
    seen = api.results["identity"]
    assert isinstance(seen, dict)
    assert seen["uid"] in {slots.settings.uid(0), slots.settings.uid(1)}
    assert seen["gids"] == []
    assert int(seen["caps"], 16) == 0
    assert (seen["new_privileges"], seen["seccomp"]) == ("1", "2")
    assert seen["pids"] <= 3
    assert seen["secrets"] == 0
    assert not any("identity" in line for line in seen["cmdlines"])
    assert not {"PLATFORM_SECRET", "CLOUDDECK_LOCAL_SECRET"} & set(seen["env"])
    assert seen["work"] == []
    assert seen["hostname"] == "build"
    assert seen["threads"] == "ok"
    if shutil.which("node"):
        assert seen["node"] == "42"
    if shutil.which("git"):
        assert seen["git"] == 0


def test_boundaries(slots: Slots, api: FakeApi) -> None:
    slots.finish("boundaries")
    seen = api.results["boundaries"]
    assert isinstance(seen, dict)
    assert "allowed" not in {**seen["writes"], **seen["reads"], **seen["others"]}.values(), seen
    assert set(seen["calls"].values()) == {-1}, seen
    assert set(seen["sockets"].values()) == {"Address family not supported by protocol"}


def test_no_network_but_the_proxy(slots: Slots, api: FakeApi) -> None:
    slots.finish("network")
    seen = api.results["network"]
    assert isinstance(seen, dict)
    assert "allowed" not in seen.values(), seen


def test_what_the_proxy_lets_through(slots: Slots, api: FakeApi) -> None:
    slots.finish("proxy")
    seen = api.results["proxy"]
    assert isinstance(seen, dict)
    statuses = {name: line.split(" ")[1] for name, line in seen.items()}
    assert statuses.pop("put") == "200"  # the store answers 400 to an Authorization header
    assert statuses.pop("claim") == "200"
    assert set(statuses.values()) == {"403"}, seen


def test_small_uploads_are_fast(slots: Slots, api: FakeApi) -> None:
    slots.finish("uploads")
    rate = api.results["uploads"]
    print(f"uploads from inside a sandbox: {rate:.0f}/s on one connection")
    assert isinstance(rate, float)
    assert rate > 100


@pytest.mark.parametrize("program", ["fork_bomb", "shell_bomb"])
def test_fork_bombs_are_contained(slots: Slots, api: FakeApi, program: str) -> None:
    build = slots.start(program, 15)
    time.sleep(1)
    begun = time.monotonic()
    slots.finish("told")
    print(f"another build beside {program}: {time.monotonic() - begun:.2f} s")
    assert api.results.pop("told") == "ran"
    wait(lambda: slots.call("GET", f"/builds/{build}")["state"] == "gone", 40)
    wait(lambda: program in api.failures, 5)
    assert api.failures[program]["code"] == "pids_limit"
    assert slots.leftovers() == NOTHING


@pytest.mark.parametrize("program", ["hungry", "hungry_children"])
def test_memory_ends_the_whole_build(slots: Slots, api: FakeApi, program: str) -> None:
    seconds = slots.finish(program)
    wait(lambda: program in api.failures, 5)
    assert api.failures[program]["code"] == "oom"
    assert seconds < 10
    assert slots.leftovers() == NOTHING


def test_the_disk_is_capped(slots: Slots, api: FakeApi) -> None:
    slots.finish("fill_disk")
    wait(lambda: "fill_disk" in api.failures, 5)
    assert api.failures["fill_disk"]["code"] == "disk_full"
    written = api.results["fill_disk"]
    assert isinstance(written, int)
    assert 50 << 20 < written <= 64 << 20
    slots.finish("fill_inodes")
    count = api.results["fill_inodes"]
    assert isinstance(count, int)
    assert count <= slots.settings.limits.inodes
    assert slots.leftovers() == NOTHING


def test_daemons_are_gone_with_their_build(slots: Slots, api: FakeApi) -> None:
    slots.finish("daemons")
    assert api.results["daemons"] == "daemons are up"
    assert slots.leftovers() == NOTHING


def test_stopping_a_build_ends_all_of_it_without_a_report(slots: Slots, api: FakeApi) -> None:
    api.results.pop("daemons_and_stay", None)
    build = slots.start("daemons_and_stay")
    wait(lambda: "daemons_and_stay" in api.results, 10)
    begun = time.monotonic()
    slots.call("DELETE", f"/builds/{build}")
    wait(lambda: slots.call("GET", f"/builds/{build}")["state"] == "gone", 5)
    assert time.monotonic() - begun < 4, "a kill, and no waiting for the deadline"
    assert slots.leftovers() == NOTHING
    assert "daemons_and_stay" not in api.failures


def test_the_deadline(slots: Slots, api: FakeApi) -> None:
    assert 2 <= slots.finish("sleep", 2) < 15, "it sleeps for five minutes"
    wait(lambda: "sleep" in api.failures, 5)
    assert api.failures.pop("sleep")["code"] == "timeout"


def test_a_hostile_tree_disappears(slots: Slots, api: FakeApi) -> None:
    assert slots.finish("deep_tree") < 10
    assert api.results["deep_tree"] == "made"
    assert slots.leftovers() == NOTHING


def test_endless_output_and_a_crash(slots: Slots, api: FakeApi) -> None:
    slots.finish("flood", 2)
    wait(lambda: "flood" in api.failures, 5)
    assert api.failures["flood"]["code"] == "timeout"
    api.refuse = 2
    slots.finish("crash")
    wait(lambda: "crash" in api.failures, 10)
    assert api.failures["crash"]["code"] == "internal"
    assert "fell over" in str(api.failures["crash"]["hint"])
    assert api.failures["crash"]["exit_code"] == 1


def test_an_order_is_carried_out_once(slots: Slots, api: FakeApi) -> None:
    api.runs.clear()
    order = {"build": "bld_once", "token": "told", "deadline_seconds": 9, "trusted": False}
    for _ in range(5):
        slots.call("POST", "/builds", order)
    wait(lambda: slots.call("GET", "/builds/bld_once")["state"] == "gone", 10)
    assert slots.call("POST", "/builds", order)["state"] == "gone"
    assert api.runs == ["told"]


def test_start_times(slots: Slots) -> None:
    before = len(slots.events("build_ended"))
    took = [slots.finish("quick") for _ in range(30)]
    ended = slots.events("build_ended")[before:]
    for name in ("start_ms", "run_ms", "clean_ms"):
        values = sorted(event[name] for event in ended)
        print(f"{name}: p50 {statistics.median(values)}, max {values[-1]}")
    print(f"order to gone: p50 {statistics.median(took) * 1000:.0f} ms")
    assert slots.leftovers() == NOTHING


@pytest.mark.parametrize("janitor_too", [False, True])
def test_kill_nine(begin: Callable[..., Slots], api: FakeApi, janitor_too: bool) -> None:
    slots = begin()
    api.results.pop("daemons_and_stay", None)
    slots.start("daemons_and_stay")
    slots.start("sleep")
    wait(lambda: "daemons_and_stay" in api.results, 10)
    assert len(slots.leftovers()["processes"]) > 12
    if janitor_too:
        pid = slots.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
    slots.process.kill()
    slots.process.wait()
    begun = time.monotonic()
    wait(lambda: not slots.leftovers()["processes"], 5)
    print(f"kill -9 to no process: {(time.monotonic() - begun) * 1000:.0f} ms")
    again = begin() if janitor_too else None
    wait(lambda: slots.leftovers() == NOTHING, 5)
    if again:
        again.end()
    wait(lambda: not Path("/run", slots.settings.instance).exists(), 5)
    assert not list(Path("/sys/fs/cgroup").glob(f"*/**/{slots.settings.instance}"))


def test_sigterm_reports_what_it_stops(begin: Callable[..., Slots], api: FakeApi) -> None:
    slots = begin(CLOUDDECK_SLOTS="1")
    api.results.pop("sleep", None)
    slots.start("sleep")
    slots.start("told")
    wait(lambda: "sleep" in api.results, 10)
    begun = time.monotonic()
    slots.process.terminate()
    assert slots.process.wait(10) == 0
    assert time.monotonic() - begun < 8, "the builds have 60 seconds"
    assert api.failures.pop("sleep")["code"] == "runner_lost"
    assert api.failures.pop("told")["code"] == "runner_lost"
    assert slots.leftovers() == NOTHING


def test_without_bubblewrap(begin: Callable[..., Slots], api: FakeApi) -> None:
    slots = begin(PATH="/nonexistent")
    assert slots.call("GET", "/status")["protections"] == []
    slots.finish("quick", trusted=False)
    wait(lambda: "quick" in api.failures, 5)
    assert "cannot isolate untrusted builds" in str(api.failures.pop("quick")["message"])
    api.results.pop("daemons", None)
    slots.finish("daemons", trusted=True)
    assert api.results["daemons"] == "daemons are up"
    assert slots.events("build_without_sandbox")
    assert slots.leftovers() == NOTHING
    assert not [e for e in os.listdir("/proc") if e.isdigit() and marked(e, slots)]


def marked(entry: str, slots: Slots) -> bool:
    try:
        return slots.settings.instance in Path("/proc", entry, "environ").read_text()
    except OSError:
        return False
