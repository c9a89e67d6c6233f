"""`python -m cdk.package`: pack everything and show what came out."""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from cdk.package import PARTS, Target, build, imports
from cdk.package.layers import LayerFault
from cdk.package.sources import CHECKOUT


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0, 1 when something is too big, 2 when it could not be packed."""
    parser = argparse.ArgumentParser(prog="python -m cdk.package", description=__doc__)
    parser.add_argument("--python", default=Target.python, help="version of the runtime")
    parser.add_argument("--architecture", default=Target.architecture, help="arm64 or x86_64")
    parser.add_argument("--only", action="append", choices=PARTS, help="a part; can be repeated")
    parser.add_argument("--out", type=Path, default=CHECKOUT / "build", help="where to")
    given = parser.parse_args(arguments)
    out = given.out.resolve()
    try:
        target = Target(given.python, given.architecture)
        if not target.on_lambda:
            raise ValueError("Lambda's Python 3.11 is too old for a library; 3.12 or newer works.")
        report = build(out, target, given.only)
        if "api" in report.parts:
            report = replace(report, imports=imports.measure(out / "api"))
    except (ValueError, LayerFault, OSError, subprocess.CalledProcessError) as fault:
        print(f"package: {fault}", file=sys.stderr)
        return 2
    print(report.table())
    for problem in report.problems():
        print(f"package: {problem}", file=sys.stderr)
    return 1 if report.problems() else 0


if __name__ == "__main__":
    sys.exit(main())
