"""Entry: run the suites one after another."""

import argparse
import importlib
import random
import signal
import sys
import time
import traceback
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
)


def main(argv: list[str] | None = None) -> int:
    """Run what was asked for; 0 when every goal was met."""
    given = _parser().parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    wanted = given.suite.split(",") if given.suite else SUITES
    results = [_one(name, given.tier, given.seed, given.json) for name in wanted]
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


if __name__ == "__main__":
    sys.exit(main())
