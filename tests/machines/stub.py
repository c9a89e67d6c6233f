"""A Lambda function whose answers a test writes into files.

Runs inside the emulator's worker, so it uses the standard library only. `STUB_FOLDER` holds one
folder per deployment: `<state>.json` says what to do, `calls` is the list of what happened.
What to do: `{"answer": {...}}`, with `"faults": n` after raising n times (-1: always); a state
without a file answers `{"outcome": "ok"}`. With `"answers"` each call gets the next of a list.
"""

import json
import os
from pathlib import Path


class BrokenError(Exception):
    """Not an outcome: something broke."""


def handler(event, _context):
    """Note the call, then do what the test wrote."""
    folder = Path(os.environ["STUB_FOLDER"]) / event["deployment"]
    with (folder / "calls").open("a") as calls:
        calls.write(json.dumps(event) + "\n")
    script = folder / f"{event['state']}.json"
    plan = json.loads(script.read_text()) if script.exists() else {}
    before = [json.loads(line) for line in (folder / "calls").read_text().splitlines()]
    times = sum(call["state"] == event["state"] for call in before)
    faults = plan.get("faults", 0)
    if faults < 0 or times <= faults:
        raise BrokenError(f"{event['state']} broke, time {times}")
    if "answers" in plan:
        return plan["answers"][times - faults - 1]
    return plan.get("answer", {"outcome": "ok"})
