"""`python -m cdk`: install, upgrade, uninstall, doctor, cost, plan, synth; `deck` runs these."""

from __future__ import annotations

import sys
from argparse import Namespace

from cdk.install.options import parser
from cdk.install.problems import INTERRUPTED, Problem, Refused, from_aws
from cdk.install.terminal import Terminal


def main(arguments: list[str] | None = None) -> int:
    """Run a command; the exit code is that of `deck` (see `cdk/install/problems.py`)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    terminal = Terminal(json="--json" in given, yes="--yes" in given)
    try:
        return run(parser().parse_args(given), terminal)
    except Problem as problem:
        terminal.error(problem)
        return problem.exit_code
    except KeyboardInterrupt:
        terminal.note("Interrupted. What AWS has begun goes on; the same command continues.")
        return INTERRUPTED
    except Exception as error:
        known = from_aws(error)
        if known is None:
            raise
        terminal.error(known)
        return known.exit_code


def run(given: Namespace, terminal: Terminal) -> int:
    """Run what the options ask for; raises Problem."""
    if given.verb == "install":
        from cdk.install.installing import install

        install(given, terminal)
    elif given.verb == "upgrade":
        from cdk.install.upgrading import upgrade

        upgrade(given, terminal)
    elif given.verb == "uninstall":
        from cdk.install.uninstalling import uninstall

        uninstall(given, terminal)
    elif given.verb == "doctor":
        from cdk.install.examining import doctor

        return 0 if doctor(given, terminal)["ok"] else 1
    elif given.verb == "cost":
        _cost(given, terminal)
    else:
        from cdk.install import offline

        (offline.plan if given.verb == "plan" else offline.synth)(given, terminal)
    return 0


def _cost(given: Namespace, terminal: Terminal) -> None:
    from cdk.cost import report

    try:
        month = report.usage(given)
    except ValueError as error:
        raise Refused("usage", str(error), "See `deck cost --help`.") from None
    terminal.result(report.document(month), report.text(month))


if __name__ == "__main__":
    sys.exit(main())
