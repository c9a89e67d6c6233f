"""How long a fresh interpreter takes to import the API package: most of a cold start."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 5
_STACK = (
    "import chalice, pydantic, aws_lambda_powertools.logging, boto3, pynamodb.models;"
    "boto3.client('dynamodb', region_name='us-east-1')"
)


@dataclass(frozen=True)
class ImportTimes:
    """Medians in milliseconds, with the Python and the libraries of this computer."""

    python: float
    stack: float
    api: float

    def text(self) -> str:
        """One line."""
        version = "{}.{}".format(*sys.version_info[:2])
        return (
            f"import of the API {self.api:.0f} ms; bare Python {self.python:.0f} ms, its libraries "
            f"alone {self.stack:.0f} ms (median of {ROUNDS}, Python {version} of this computer)"
        )


def measure(api: Path) -> ImportTimes:
    """Measure in turns, so that a busy moment hits all three. Raises CalledProcessError."""
    codes = {"python": "pass", "stack": _STACK, "api": "import app"}
    times: dict[str, list[float]] = {name: [] for name in codes}
    with tempfile.TemporaryDirectory() as cache:
        environment = {
            **{name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}},
            "PYTHONPYCACHEPREFIX": cache,
            "PYTHONPATH": str(api),
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        for turn in range(ROUNDS + 1):
            for name, code in codes.items():
                began = time.monotonic()
                subprocess.run([sys.executable, "-c", code], cwd=cache, env=environment, check=True)
                if turn:  # the first one compiles
                    times[name].append((time.monotonic() - began) * 1000)
    return ImportTimes(**{name: statistics.median(found) for name, found in times.items()})
