"""Tells the API how a build ended when its runner could not."""

import asyncio
import http.client
import json
import random
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from adapters.local.slots.log import log

PATIENCE_SECONDS = 30.0
CALL_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a build ended: a failure code of the runner protocol, a sentence, what to do."""

    code: str
    message: str
    hint: str
    exit_code: int | None = None


async def send(
    api: str, build: str, token: str, failure: Failure, patience: float = PATIENCE_SECONDS
) -> bool:
    """Reports a failure, again and again for `patience` seconds while the gateway is away.

    True once the API has taken it or says that the build is closed already.
    """
    until = time.monotonic() + patience
    pause = 0.1
    while True:
        left = until - time.monotonic()
        status = await asyncio.to_thread(_post, api, token, failure, max(0.2, left))
        if 200 <= status < 300 or status == 409:
            return True
        if 400 <= status < 500 and status not in {408, 425, 429}:
            log("report_refused", build=build, status=status)
            return False
        if until - time.monotonic() <= pause:
            log("report_lost", build=build, code=failure.code, status=status)
            return False
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  # jitter
        pause = min(pause * 2, 4.0)


def _post(api: str, token: str, failure: Failure, seconds: float) -> int:
    parts = urlsplit(api)
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port or 80, timeout=min(CALL_SECONDS, seconds)
    )
    body = {
        "code": failure.code,
        "message": failure.message,
        "hint": failure.hint,
        "stage": None,
        "exit_code": failure.exit_code,
    }
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        connection.request("POST", "/v1/runner/fail", json.dumps(body), headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
