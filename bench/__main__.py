"""`python -m bench [--suite NAME] [--json DIR]`: every suite beside its peer, one table each.

Suites that measure for a while take `--seconds` of one run and `--rounds` per figure.
"""

from __future__ import annotations

import argparse
import importlib
import json
from pathlib import Path

from bench import table

SUITES = (
    "start",
    "api",
    "publish",
    "deploy",
    "build",
    "logs",
    "edge",
    "origin",
    "checks",
    "detect",
    "rules",
    "flat",
    "swap",
    "proxy",
    "console",
)
TIMED = {"edge": ("seconds", "rounds"), "swap": ("rounds",), "console": ("rounds",)}
TIMED["flat"] = TIMED["proxy"] = TIMED["edge"]


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--suite", choices=[*SUITES, "all"], default="all")
    parser.add_argument("--json", type=Path, help="folder for one JSON file per suite")
    parser.add_argument("--seconds", type=float, help="length of one run")
    parser.add_argument("--rounds", type=int, help="runs per figure")
    given = parser.parse_args()
    for suite in SUITES if given.suite == "all" else (given.suite,):
        module = importlib.import_module(f"bench.{suite}")
        said = {name: getattr(given, name) for name in TIMED.get(suite, ())}
        rows = module.run(**{name: value for name, value in said.items() if value is not None})
        table.show(suite, rows)
        if given.json:
            given.json.mkdir(parents=True, exist_ok=True)
            document = json.dumps({"suite": suite, "rows": rows}, indent=1)
            (given.json / f"{suite}.json").write_text(document + "\n")


if __name__ == "__main__":
    main()
