"""Builds on the machine itself: orders go to the slots process, which stands for CodeBuild."""

import http.client
import json
import random
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.ports import BuildOrder

ATTEMPTS = 3
PAUSE_SECONDS = 0.2
CALL_SECONDS = 5.0


class LocalBuilder:
    """The Builder port over the slots process's control API on 127.0.0.1.

    Every call may be repeated: the slots process knows a build by its id and never runs it twice.
    """

    def __init__(self, port: int, secret: str) -> None:
        self._port = port
        self._secret = secret

    def start(self, order: "BuildOrder") -> str:
        """Queues a build; returns before it runs. What it says is what the machine has less of.

        Raises Over when the order was carried out before and its machine has ended, OSError when
        the slots process does not answer, RuntimeError when it refuses.
        """
        body = {
            "build": order.build,
            "token": order.token,
            "deadline_seconds": order.deadline_seconds,
            "trusted": order.trusted,
            "memory_mb": order.memory_mb,
            "cpus": order.cpus,
            "disk_mb": order.disk_mb,
            "priority": order.priority,
        }
        answer = json.loads(self._call("POST", "/builds", json.dumps(body).encode()) or "{}")
        if answer.get("state") == "gone":
            from chalicelib.ports import Over

            raise Over("its sandbox ended before the build began")
        note = answer.get("note", "")
        return note if isinstance(note, str) else ""

    def stop(self, build: str) -> None:
        """Ends a build, queued or running; a build that is unknown or over is no error.

        Raises OSError when the slots process does not answer, RuntimeError when it refuses.
        """
        self._call("DELETE", f"/builds/{build}", b"")

    def _call(self, method: str, path: str, body: bytes) -> str:
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS
            try:
                status, answer = self._once(method, path, body)
            except (OSError, http.client.HTTPException) as fault:
                if last:
                    raise OSError(f"the slots process does not answer: {fault!r}") from fault
            else:
                if status < 300:
                    return answer
                if status < 500 or last:
                    raise RuntimeError(f"the slots process answered {status}: {answer}")
            time.sleep(PAUSE_SECONDS * 2**attempt * random.uniform(0.5, 1.0))  # noqa: S311  # jitter
        raise AssertionError("the last attempt answers or raises")

    def _once(self, method: str, path: str, body: bytes) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=CALL_SECONDS)
        headers = {"X-CloudDeck-Secret": self._secret, "Content-Type": "application/json"}
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.read(4000).decode(errors="replace")
        finally:
            connection.close()
