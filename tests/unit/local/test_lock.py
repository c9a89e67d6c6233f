from __future__ import annotations

import os
import subprocess
import sys

import pytest

from adapters.local.lock import HomeLock, holder
from adapters.local.settings import ROOT, Refusal

HOLD = """
import sys, time
from pathlib import Path
from adapters.local.lock import HomeLock
HomeLock(Path(sys.argv[1])).take()
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def other(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout.readline().strip() == "held"
    yield process
    process.kill()
    process.wait()


def test_the_second_copy_learns_who_was_first(tmp_path, other):
    with pytest.raises(Refusal, match=f"pid {other.pid}"):
        HomeLock(tmp_path).take()
    assert holder(tmp_path) == other.pid


def test_the_lock_dies_with_its_holder(tmp_path, other):
    other.kill()
    other.wait()
    assert holder(tmp_path) is None
    lock = HomeLock(tmp_path)
    lock.take()
    assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
    lock.release()
    assert holder(tmp_path) is None


def test_nobody_holds_what_is_not_there(tmp_path):
    assert holder(tmp_path / "absent") is None
    HomeLock(tmp_path).release()
