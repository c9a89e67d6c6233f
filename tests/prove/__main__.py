"""Entry: run the suites, those that time what they see alone, the others two at a time."""

import argparse
import importlib
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.prove.outcome import SHOWN, Outcome

SUITES = (
    "kill",
    "points",
    "storm",
    "malicious",
    "trust",
    "authz",
    "forgeries",
    "fuzz",
    "canary-scan",
    "swaps",
    "canary",
    "history",
    "outage",
    "matrix",
)
UNTIMED = ("points", "trust", "fuzz", "authz", "matrix", "canary-scan", "forgeries")
"""These look at what comes and not at how soon: a neighbour does not change what they find. The
longest first, so that none is left to run alone."""


def main(argv: list[str] | None = None) -> int:
    """Run what was asked for; 0 when every goal was met."""
    given = _parser().parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    wanted = given.suite.split(",") if given.suite else SUITES
    beside = [name for name in UNTIMED if name in wanted]
    if len(beside) < 2 or (os.cpu_count() or 1) < 2:
        beside = []
    alone = [name for name in wanted if name not in beside]
    results = [_one(name, given.tier, given.seed, given.json) for name in alone]
    results += _side_by_side(beside, given)
    return 0 if all(results) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.prove", description=__doc__)
    parser.add_argument("--suite", default="", type=_suites, help=", ".join(SUITES))
    parser.add_argument("--tier", default="smoke", type=_tier, help="smoke or full")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--json", type=Path, default=None, help="folder for the reports")
    return parser


def _suites(text: str) -> str:
    """Names joined by commas; nothing, or `all`, is every suite."""
    if text == "all":
        return ""
    unknown = [name for name in text.split(",") if name and name not in SUITES]
    if unknown:
        raise argparse.ArgumentTypeError(f"no suite {unknown[0]!r}; there are {', '.join(SUITES)}")
    return text


def _tier(text: str) -> str:
    """An empty tier, as an unset variable of make gives it, is the small one."""
    if text not in {"", "smoke", "full"}:
        raise argparse.ArgumentTypeError(f"no tier {text!r}; smoke or full")
    return text or "smoke"


def _one(name: str, tier: str, seed: int | None, folder: Path | None) -> bool:
    seed = random.SystemRandom().randrange(1_000_000) if seed is None else seed
    module = importlib.import_module(f"tests.prove.{name.replace('-', '_')}")
    outcome = Outcome(name, module.GOAL, seed, tier)
    print(f"prove {name} {tier} seed {seed}: {module.GOAL}", flush=True)
    began = time.monotonic()
    try:
        module.run(outcome)
    except Exception as fault:
        traceback.print_exc()
        outcome.failures.append(f"the suite broke: {type(fault).__name__}: {fault}")
    outcome.figures["seconds"] = round(time.monotonic() - began, 1)
    for failure in outcome.failures[:SHOWN]:
        print(f"  - {failure}", flush=True)
    if folder is not None:
        outcome.write(folder)
    print(outcome.line(), flush=True)
    return outcome.ok


def _side_by_side(names: list[str], given: argparse.Namespace) -> list[bool]:
    """Two at a time, each in a process of its own; what one says comes in one piece at its end."""
    running: list[subprocess.Popen[str]] = []

    def one(name: str) -> bool:
        command = [sys.executable, "-m", "tests.prove", "--suite", name, "--tier", given.tier]
        command += [] if given.seed is None else ["--seed", str(given.seed)]
        command += [] if given.json is None else ["--json", str(given.json)]
        child = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        running.append(child)
        print(child.communicate()[0], end="", flush=True)
        return child.returncode == 0

    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(one, name) for name in names]
        try:
            return [each.result() for each in waiting]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in running:  # each stops its cloud, as it would if it were alone
                child.terminate()
            raise


if __name__ == "__main__":
    sys.exit(main())
