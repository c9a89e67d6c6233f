"""Control groups: memory, process count and cpu of one build, on either generation of the kernel.

`candidates` and `limit_files` decide (text in, data out); `open_tree` and `Group` act.
"""

import contextlib
import errno
import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

from adapters.local.slots.settings import Limits

CONTROLLERS = ("memory", "pids", "cpu")
PERIOD_US = 100_000


@dataclass(frozen=True, slots=True)
class Tree:
    """Folders that hold this instance's groups, by controller; version 0 = no control groups."""

    version: int
    roots: dict[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sample:
    """What a group has been through: counts since its creation, bytes and processes now."""

    oom_kills: int = 0
    refused_forks: int = 0
    private_bytes: int = 0


def candidates(
    memberships: str, mountinfo: str, *, root: bool
) -> list[tuple[int, dict[str, Path]]]:
    """(version, controller -> folder) choices, best first, from the two /proc/self texts."""
    own = _memberships(memberships)
    unified: Path | None = None
    legacy: dict[str, Path] = {}
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        fields, kind = before.split(), after.split()
        if len(fields) < 5 or len(kind) < 3:
            continue
        if kind[0] == "cgroup2":
            unified = Path(fields[4])
        elif kind[0] == "cgroup":
            for name in kind[2].split(","):
                if name in CONTROLLERS and name in own:
                    legacy[name] = _below(Path(fields[4]), fields[3], own[name])
    found: list[tuple[int, dict[str, Path]]] = []
    if unified is not None:
        places = [unified / own.get("", "/").lstrip("/")] + ([unified] if root else [])
        found += [(2, dict.fromkeys(CONTROLLERS, place)) for place in dict.fromkeys(places)]
    if legacy:
        found.append((1, legacy))
    return found


def limit_files(version: int, limits: Limits) -> dict[str, list[tuple[str, str, bool]]]:
    """Controller -> (file, content, must succeed) for one build.

    The kernel charges workspace files to memory too, so its ceiling is memory plus disk; the part
    that is not files is watched by the slot (`Sample.private_bytes`).
    """
    memory = str(limits.memory_bytes + limits.disk_bytes)
    quota = int(limits.cpus * PERIOD_US)
    if version == 2:
        return {
            "memory": [
                ("memory.max", memory, True),
                ("memory.swap.max", "0", False),
                ("memory.oom.group", "1", False),
            ],
            "pids": [("pids.max", str(limits.pids), True)],
            "cpu": [("cpu.max", f"{quota} {PERIOD_US}", True)],
        }
    return {
        "memory": [
            ("memory.limit_in_bytes", memory, True),
            ("memory.memsw.limit_in_bytes", memory, False),
        ],
        "pids": [("pids.max", str(limits.pids), True)],
        "cpu": [
            ("cpu.cfs_period_us", str(PERIOD_US), False),
            ("cpu.cfs_quota_us", str(quota), True),
        ],
    }


def open_tree(instance: str) -> Tree:
    """Makes this instance's folder in the best hierarchy that can be written to."""
    try:
        memberships = Path("/proc/self/cgroup").read_text()
        mountinfo = Path("/proc/self/mountinfo").read_text()
    except OSError:
        return Tree(0)
    for version, places in candidates(memberships, mountinfo, root=os.geteuid() == 0):
        with contextlib.suppress(OSError):
            if version == 2:
                return Tree(2, delegated(next(iter(places.values())), instance))
            return Tree(1, _legacy(places, instance))
    return Tree(0)


class Group:
    """The control groups of one build; use `create`, then `files` to enter, then `remove`."""

    def __init__(self, version: int, folders: dict[str, Path]) -> None:
        self._version = version
        self._folders = folders

    @classmethod
    def create(cls, tree: Tree, name: str, limits: Limits) -> "Group":
        """Empty groups with limits set; a former group of that name is emptied first."""
        folders = {controller: root / name for controller, root in tree.roots.items()}
        group = cls(tree.version, folders)
        group.remove(seconds=2.0)
        try:
            for folder in dict.fromkeys(folders.values()):
                folder.mkdir()
            for controller, files in limit_files(tree.version, limits).items():
                if controller in folders:
                    _write(folders[controller], files)
        except OSError:
            group.remove(seconds=0.5)
            raise
        return group

    @property
    def files(self) -> tuple[str, ...]:
        """Paths of the `cgroup.procs` files to enter."""
        folders = dict.fromkeys(self._folders.values())
        return tuple(str(folder / "cgroup.procs") for folder in folders)

    def sample(self) -> Sample:
        """Counts and bytes now; zeros for what the kernel does not tell."""
        memory, pids = self._folders.get("memory"), self._folders.get("pids")
        events, private = (
            ("memory.events", "anon") if self._version == 2 else ("memory.oom_control", "total_rss")
        )
        return Sample(
            oom_kills=_field(memory, events, "oom_kill"),
            refused_forks=_field(pids, "pids.events", "max"),
            private_bytes=_field(memory, "memory.stat", private),
        )

    def processes(self) -> set[int]:
        """Process ids in any of the groups."""
        found: set[int] = set()
        for path in self.files:
            with contextlib.suppress(OSError):
                found |= {int(word) for word in Path(path).read_text().split()}
        return found

    def kill(self) -> None:
        """SIGKILL to every member, once."""
        if self._version == 2:
            for folder in dict.fromkeys(self._folders.values()):
                with contextlib.suppress(OSError):
                    (folder / "cgroup.kill").write_text("1")
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def discard(self) -> bool:
        """Removes the empty groups; False while something still lives in one."""
        gone = True
        for folder in dict.fromkeys(self._folders.values()):
            try:
                folder.rmdir()
            except FileNotFoundError:
                continue
            except OSError:
                gone = False
        return gone

    def remove(self, *, seconds: float) -> bool:
        """Kills and removes, blocking for at most `seconds`; False if something resisted."""
        until = time.monotonic() + seconds
        while not self.discard():
            self.kill()
            if time.monotonic() > until:
                return False
            time.sleep(0.002)
        return True


def sweep(tree: Tree) -> int:
    """Kills and removes every group of this instance, and its folder; counts the groups."""
    names = {path.name for root in tree.roots.values() for path in root.glob("*") if path.is_dir()}
    for name in names:
        Group(tree.version, {c: root / name for c, root in tree.roots.items()}).remove(seconds=2.0)
    return len(names)


def close_tree(tree: Tree) -> None:
    """Removes what `open_tree` made; groups in it must be gone."""
    sweep(tree)
    for root in dict.fromkeys(tree.roots.values()):
        with contextlib.suppress(OSError):
            root.rmdir()


def _memberships(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.splitlines():
        _, names, path = line.split(":", 2)
        for name in names.split(","):
            found[name] = path
    return found


def _below(mount: Path, mounted: str, own: str) -> Path:
    """Where the group `own` is seen under a mount that shows the hierarchy from `mounted` on."""
    if mounted != "/" and (own == mounted or own.startswith(mounted + "/")):
        own = own[len(mounted) :]
    return mount / own.lstrip("/")


def _legacy(places: dict[str, Path], instance: str) -> dict[str, Path]:
    roots: dict[str, Path] = {}
    for controller, place in places.items():
        with contextlib.suppress(OSError):
            (place / instance).mkdir(exist_ok=True)
            roots[controller] = place / instance
    if not roots:
        raise OSError(errno.EACCES, "no control group can be made")
    return roots


def delegated(base: Path, instance: str) -> dict[str, Path]:
    """Version 2: hands the controllers down to a new folder; raises OSError.

    A group with members of its own may not do that, so this process moves into a leaf if it is in
    the way; with others in the way the kernel says no.
    """
    offered = set((base / "cgroup.controllers").read_text().split())
    names = [name for name in CONTROLLERS if name in offered]
    if not {"memory", "pids"} <= offered:
        raise OSError(errno.ENOTSUP, "memory and pids are not delegated here")
    wanted = " ".join(f"+{name}" for name in names)
    control = base / "cgroup.subtree_control"
    try:
        control.write_text(wanted)
    except OSError:
        leaf = base / f"{instance}-self"
        leaf.mkdir(exist_ok=True)
        (leaf / "cgroup.procs").write_text(str(os.getpid()))
        try:
            control.write_text(wanted)
        except OSError:
            (base / "cgroup.procs").write_text(str(os.getpid()))
            leaf.rmdir()
            raise
    root = base / instance
    root.mkdir(exist_ok=True)
    (root / "cgroup.subtree_control").write_text(wanted)
    return dict.fromkeys(names, root)


def _write(folder: Path, files: list[tuple[str, str, bool]]) -> None:
    for name, content, needed in files:
        try:
            (folder / name).write_text(content)
        except OSError:
            if needed:
                raise


def _field(folder: Path | None, file: str, name: str) -> int:
    if folder is None:
        return 0
    try:
        for line in (folder / file).read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
    except (OSError, ValueError):
        return 0
    return 0
