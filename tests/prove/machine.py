"""What the machine knows of an embedded cloud: processes, mounts, control groups. Reads /proc."""

import contextlib
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
CGROUPS = Path("/sys/fs/cgroup")
MARK = "CLOUDDECK_SUPERVISED"


@dataclass(frozen=True)
class Process:
    """One process as /proc shows it."""

    pid: int
    parent: int
    command: tuple[str, ...]

    @property
    def text(self) -> str:
        """The command line for people."""
        return " ".join(self.command)[:160]


def instance(home: Path) -> str:
    """The name under which the build slots of a home keep folders and control groups."""
    return f"clouddeck-{zlib.crc32(os.fsencode(home)):08x}"


def parse_stat(text: str) -> tuple[int, str]:
    """Parent and state from /proc/PID/stat, whose second field may hold anything."""
    fields = text.rpartition(")")[2].split()
    return int(fields[1]), fields[0]


def processes() -> dict[int, Process]:
    """Every living process by pid; zombies are not alive."""
    found = {}
    for folder in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            parent, state = parse_stat((folder / "stat").read_text(errors="replace"))
            if state in "ZX":
                continue
            raw = (folder / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
            command = tuple(part.decode(errors="replace") for part in raw)
            found[int(folder.name)] = Process(int(folder.name), parent, command)
    return found


def below(pid: int, everyone: dict[int, Process]) -> list[Process]:
    """Descendants of a process."""
    found, waiting = [], [pid]
    while waiting:
        parent = waiting.pop()
        for one in everyone.values():
            if one.parent == parent:
                found.append(one)
                waiting.append(one.pid)
    return found


def of_home(home: Path) -> list[Process]:
    """Every process that belongs to an embedded cloud: by mark, by control group, by argument."""
    mark, group, argument = f"{MARK}={home}".encode(), instance(home).encode(), str(home)
    found = []
    for pid, one in processes().items():
        ours = argument in " ".join(one.command)
        for name in ("environ", "cgroup"):
            with contextlib.suppress(OSError):
                content = (PROC / str(pid) / name).read_bytes()
                split = content.split(b"\0") if name == "environ" else []
                ours = ours or mark in split or (name == "cgroup" and group in content)
        if ours and pid != os.getpid():
            found.append(one)
    return found


def mounts(home: Path) -> list[str]:
    """Mounts of a cloud that are visible from here."""
    lines = (PROC / "self" / "mountinfo").read_text().splitlines()
    points = [line.split()[4] for line in lines]
    return [point for point in points if instance(home) in point or point.startswith(str(home))]


def groups(home: Path, slots_only: bool = False) -> list[str]:
    """Control groups of a cloud; with `slots_only` just those of single builds."""
    name, found = instance(home), []
    for folder, names, _ in os.walk(CGROUPS):
        if name in names:
            top = Path(folder, name)
            found += [str(p) for p in top.glob("slot-*")] if slots_only else [str(top)]
            names.remove(name)
    return found


def builds_left(home: Path) -> list[str]:
    """What builds have left behind while the cloud goes on running."""
    folder = Path("/run") / instance(home)
    workspaces = [str(path) for path in folder.glob("slot-*")]
    runners = [p.text for p in of_home(home) if any("runner.pyz" in part for part in p.command)]
    return [*runners, *workspaces, *groups(home, slots_only=True)]


def left(home: Path) -> list[str]:
    """What a stopped cloud has left behind outside its home."""
    folder = Path("/run") / instance(home)
    return [
        *(f"process {p.pid} {p.text}" for p in of_home(home)),
        *(f"mount {point}" for point in mounts(home)),
        *(f"group {path}" for path in groups(home)),
        *([f"folder {folder}"] if folder.exists() else []),
    ]
