"""Visitors in programs of their own, and what they saw."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, Self

from adapters.local.settings import ROOT
from tests.prove.outcome import Outcome

LOADERS, VISITORS = 2, 12
LONGEST_SECONDS = 3600


class Load:
    """Open pages of a site at these ports until told to stop."""

    def __init__(self, ports: list[int], slug: str, visitors: int = VISITORS) -> None:
        self._arguments = [",".join(map(str, ports)), f"{slug}.localhost"]
        self._visitors = visitors
        self._running: list[subprocess.Popen[str]] = []

    def __enter__(self) -> Self:
        for _ in range(LOADERS):
            command = [sys.executable, "-m", "tests.prove.pages", *self._arguments]
            self._running.append(
                subprocess.Popen(
                    [*command, str(self._visitors), str(LONGEST_SECONDS)],
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
        return self

    def __exit__(self, *_error: object) -> None:
        for one in self._running:
            one.kill()

    def stop(self, outcome: Outcome, seconds: float) -> float:
        """Let them finish the page that they are at; what failed or was mixed is a complaint.

        Returns the requests per second over `seconds`.
        """
        seen: list[dict[str, Any]] = [json.loads(one.communicate("\n")[0]) for one in self._running]
        outcome.expect(all(one["loads"] for one in seen), "nobody visited")
        for what in ("failed", "mixed"):
            count = sum(one[what][0] for one in seen)
            shown = [text for one in seen for text in one[what][1:]]
            outcome.expect(count == 0, f"{count} {what}: {shown[:4]}")
            outcome.figures[what] = count
        requests = sum(one["requests"] for one in seen)
        outcome.figures |= {
            "requests": requests,
            "requests_per_s": round(requests / seconds),
            "page_loads": sum(one["loads"] for one in seen),
        }
        return requests / seconds
