"""What is around an embedded cloud: this checkout, and the environment of a person."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
EMAIL = "owner@localhost"


def person_environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of somebody whose home folder is `home`.

    Registries and proxies of this network stay; nothing of the tests' own settings does.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CLOUDDECK_", "AWS_", "POWERTOOLS_", "GIT_", "XDG_", "PYTEST_"))
    }
    return {
        **kept,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": EMAIL,
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": EMAIL,
        "NO_PROXY": "localhost,127.0.0.1,.localhost",
        "no_proxy": "localhost,127.0.0.1,.localhost",
        **more,
    }
