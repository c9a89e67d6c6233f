import os
import signal
import subprocess
import sys
import time

import pytest

from runner.pack import pack
from tests.unit.runner.fake import TOKEN, Fake


@pytest.fixture(scope="session")
def pyz(tmp_path_factory):
    path = tmp_path_factory.mktemp("pack") / "runner.pyz"
    pack(path)
    return path


@pytest.fixture
def fake():
    server = Fake()
    yield server
    server.close()


class Agent:
    """Starts the packed agent and waits for it; knows how much memory it took (KiB)."""

    def __init__(self, pyz, fake, workspace):
        self.pyz, self.fake, self.workspace = pyz, fake, workspace
        self.runs = 0
        self.memory = 0
        self.errors = ""

    def start(self, **extra):
        self.runs += 1
        place = self.workspace / f"ws{self.runs}"
        place.mkdir()
        env = {
            "PATH": os.environ["PATH"],
            "CLOUDDECK_API": self.fake.url,
            "CLOUDDECK_BUILD_TOKEN": TOKEN,
            "CLOUDDECK_WORKSPACE": str(place),
            "CLOUDDECK_SANDBOX": "one,two",
            **extra,
        }
        self.place = place
        return subprocess.Popen(
            [sys.executable, "-I", str(self.pyz)], env=env, stderr=subprocess.PIPE, text=True
        )

    def run(self, seconds=60, **extra):
        process = self.start(**extra)
        return self.wait(process, seconds)

    def wait(self, process, seconds=60):
        peak, end = 0, time.monotonic() + seconds
        while process.poll() is None and time.monotonic() < end:
            try:
                with open(f"/proc/{process.pid}/status") as file:
                    for line in file:
                        if line.startswith("VmHWM"):
                            peak = max(peak, int(line.split()[1]))
            except OSError:
                pass
            time.sleep(0.02)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            raise AssertionError(f"the agent hangs; log: {self.fake.text()[-2000:]}")
        self.memory = peak
        self.errors = process.stderr.read()
        process.stderr.close()
        return process.returncode


@pytest.fixture
def agent(pyz, fake, tmp_path):
    return Agent(pyz, fake, tmp_path)
