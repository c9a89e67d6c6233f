"""Finds what this machine offers for sandboxes: bubblewrap, the interpreter, node."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from adapters.local.slots.sandbox import Tools

LINKS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SYSTEM = ("/usr", "/bin", "/sbin", "/lib")


def find(expose: Callable[[str], str]) -> Tools:
    """Looks around once.

    `expose(path)` makes a folder outside /usr reachable for a uid that may not walk the path to
    it, and returns where.
    """
    prefixes = [(expose(prefix), prefix) for prefix in _prefixes()]
    bwrap = shutil.which("bwrap") or ""
    return Tools(
        bwrap=bwrap,
        setpriv=shutil.which("setpriv") or "",
        disable_userns=bool(bwrap) and "--disable-userns" in _help(bwrap),
        python=interpreter(),
        prefixes=tuple(prefixes),
        links=tuple((str(Path(p).readlink()), p) for p in LINKS if Path(p).is_symlink()),
    )


def interpreter() -> str:
    """The path of the base interpreter, not of the virtual environment this process may be in."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (Path(sys.base_prefix, "bin", name), Path(sys.base_prefix, "bin/python3")):
        if candidate.exists():
            return str(candidate)
    return str(Path(sys.executable).resolve())


def _prefixes() -> list[str]:
    """Install folders outside /usr that a build needs: the interpreter's, and node's if its own."""
    found = [sys.base_prefix]
    node = shutil.which("node")
    if node:
        prefix = Path(node).resolve().parent.parent
        if (prefix / "lib/node_modules/npm").exists():
            found.append(str(prefix))
    home = Path.home()
    return [
        prefix
        for prefix in dict.fromkeys(found)
        if not prefix.startswith(SYSTEM)
        and Path(prefix) not in (Path("/"), home, home / ".local", home.parent)
    ]


def _help(bwrap: str) -> str:
    try:
        return subprocess.run(
            [bwrap, "--help"], capture_output=True, text=True, timeout=5, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
