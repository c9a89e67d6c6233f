"""What a package is made for: a version of Python on a processor, on Lambda's Linux."""

from __future__ import annotations

import glob
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

Architecture = Literal["arm64", "x86_64"]
_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
_PYTHON = re.compile(r"3\.(1[1-9]|[2-9][0-9])")


@dataclass(frozen=True)
class Target:
    """A runtime of Lambda."""

    python: str = "3.13"
    architecture: Architecture = "arm64"

    def __post_init__(self) -> None:
        """Refuse what no runtime offers; raises ValueError."""
        if not _PYTHON.fullmatch(self.python):
            raise ValueError(f"Python {self.python!r} is no version from 3.11 on, such as 3.13.")
        if self.architecture not in get_args(Architecture):
            raise ValueError(f"{self.architecture!r} is neither arm64 nor x86_64.")

    @property
    def platforms(self) -> list[str]:
        """Names of the platforms whose wheels run there, best first.

        Lambda's Linux has glibc 2.34 from Python 3.12 on. Before that it is Amazon Linux 2 with
        2.26, where a library of passkeys (cbor2) has nothing for; wheels for Python 3.11 can be
        tried on other machines, but `on_lambda` tells that Lambda will not have them.
        """
        machine = _MACHINES[self.architecture]
        newest = 28 if self.python == "3.11" else 34
        return [
            *(f"manylinux_2_{minor}_{machine}" for minor in range(newest, 16, -1)),
            f"manylinux2014_{machine}",
        ]

    @property
    def on_lambda(self) -> bool:
        """Whether Lambda runs what is packed for it."""
        return self.python != "3.11"

    @cached_property
    def compiler(self) -> str | None:
        """A Python of this very version, for bytecode; None when this computer has none."""
        pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
        candidates = [
            sys.executable,
            shutil.which(f"python{self.python}"),
            *sorted(glob.glob(f"{pyenv}/versions/{self.python}.*/bin/python"), reverse=True),  # noqa: PTH207  # the folder is text
        ]
        return next((found for found in candidates if found and self._is(found)), None)

    def _is(self, python: str) -> bool:
        show = "import sys; print('%d.%d' % sys.version_info[:2], sys.implementation.name)"
        try:
            said = subprocess.run(
                [python, "-I", "-c", show], capture_output=True, text=True, timeout=20, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return said.stdout.split() == [self.python, "cpython"]
