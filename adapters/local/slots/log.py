"""One JSON line per event on standard error; never a token."""

import json
import sys
import time


def log(event: str, **fields: object) -> None:
    """Writes an event with the time in milliseconds."""
    line = {"t": int(time.time() * 1000), "process": "slots", "event": event, **fields}
    print(json.dumps(line, default=str), file=sys.stderr, flush=True)
