"""`python -m bench [--suite NAME] [--json DIR]`: every suite beside its peer, one table each."""

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
)


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--suite", choices=[*SUITES, "all"], default="all")
    parser.add_argument("--json", type=Path, help="folder for one JSON file per suite")
    given = parser.parse_args()
    for suite in SUITES if given.suite == "all" else (given.suite,):
        module = importlib.import_module(f"bench.{suite}")
        rows = module.run(5.0, 3) if suite == "edge" else module.run()
        table.show(suite, rows)
        if given.json:
            given.json.mkdir(parents=True, exist_ok=True)
            document = json.dumps({"suite": suite, "rows": rows}, indent=1)
            (given.json / f"{suite}.json").write_text(document + "\n")


if __name__ == "__main__":
    main()
