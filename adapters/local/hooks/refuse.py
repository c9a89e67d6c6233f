"""Refuses a push to a branch or tag that leads where the one who pushes may not deploy now.

Started by git before a push is taken (`pre-receive`), when there is anything to refuse: the gateway
says which environments and why, and by which rules of the project branches and tags lead there.
Standard library only and without `site`, as announce.py.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from chalicelib.projects.rules import flow  # found by the line above


def refusal(line: str) -> str:
    """Why one update (`old new ref`) is not taken; empty when it is, or leads nowhere."""
    _, new, ref = line.rstrip("\n").split(" ", 2)
    if set(new) == {"0"}:
        return ""  # what goes is deployed nowhere
    rules = json.loads(os.environ.get("CLOUDDECK_FLOW") or "{}")
    leads = None
    if ref.startswith("refs/heads/"):
        branch = ref.removeprefix("refs/heads/")
        production = os.environ.get("CLOUDDECK_PRODUCTION_BRANCH") or branch
        leads = flow.environment_of_branch(rules, production, branch)
    elif ref.startswith("refs/tags/"):
        leads = flow.environment_of_tag(rules, ref.removeprefix("refs/tags/"))
    why = json.loads(os.environ["CLOUDDECK_REFUSED"]).get(leads, "")
    return f"{ref.split('/', 2)[2]} is not taken: {why}" if why else ""


def main() -> int:
    """0 when all of a push is taken; git takes nothing of it otherwise."""
    for line in sys.stdin:
        said = refusal(line)
        if said:
            print(f"CloudDeck  {said}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
