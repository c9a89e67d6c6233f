"""The one Lambda function of the embedded cloud: it hands every event to the right handler.

On AWS every handler is a function of its own. Here they share one, so that a few warm workers
serve all of them. This file is zipped as it is; the rest is found through PYTHONPATH.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
import time
import traceback
from functools import lru_cache
from pathlib import Path
from typing import Any


def handler(event: dict[str, Any], context: Any) -> Any:
    """Call the handler that an event is meant for, and say on one line how long it took."""
    began = time.monotonic()
    try:
        if event.get("warm"):
            return {"warm": warm()}
        return called(targets(event), event, context)
    except Exception:
        traceback.print_exc()
        raise
    finally:
        # Past sys.stderr, which is a file: MiniStack waits 50 ms for logs of a call without any.
        os.write(2, f"{(time.monotonic() - began) * 1000:.0f} ms\n".encode())


def log_to_file() -> None:
    """Let everything a handler says go to `logs/functions.log`, where a person looks for it."""
    folder = Path(os.environ["CLOUDDECK_HOME"], "logs")
    sys.stdout = sys.stderr = (folder / "functions.log").open("a", buffering=1)


def called(modules: list[str], event: dict[str, Any], context: Any) -> Any:
    """Call every handler, and give back what the last one answered.

    All are called also when one raises; then the first error is raised, so the event comes again,
    to all of them: each takes an event twice.
    """
    answer, errors = None, []
    for module in modules:
        try:
            answer = importlib.import_module(module).handler(event, context)
        except Exception as error:
            if len(modules) == 1:
                raise
            traceback.print_exc()
            errors.append(error)
    if errors:
        raise errors[0]
    return answer


def targets(event: dict[str, Any]) -> list[str]:
    """The modules of the handlers for an event; raises LookupError when there is none.

    An event of the bus has one for every rule that it fits: all rules are one here.
    """
    from chalicelib import resources

    modules = {function.name: function.module for function in resources.FUNCTIONS}
    if "state" in event:
        return [modules[f"{event.get('machine', 'pipeline')}-{str(event['state']).lower()}"]]
    if "expire" in event:
        return ["adapters.local.expiry"]
    if "schedule" in event:
        names = {schedule.name: schedule.function for schedule in resources.SCHEDULES}
        return [modules[names[event["schedule"]]]]
    if "detail-type" in event:
        here = resources.everywhere(resources.RULES)
        hear = [modules[rule.function] for rule in here if event["detail-type"] in rule.kinds]
        if hear:
            return hear
    raise LookupError(f"no handler for an event with the fields {sorted(event)[:10]}")


@lru_cache(maxsize=1)
def warm() -> int:
    """Import every handler, so that no push waits for it; says how many there are."""
    from chalicelib import resources

    ready = 0
    for function in resources.everywhere(resources.FUNCTIONS):
        try:
            importlib.import_module(function.module)
            ready += 1
        except ImportError:
            logging.getLogger("clouddeck.shim").exception("cannot import %s", function.module)
    from chalicelib.clouds.aws.session import client
    from chalicelib.core.config import settings
    from chalicelib.ports import services

    for service in ("s3", "stepfunctions", "events"):
        client(service, settings().region)
    services().store.size("blobs/warm")
    return ready


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ and "CLOUDDECK_HOME" in os.environ:
    log_to_file()
