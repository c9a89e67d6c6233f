"""The folder in which slots keep sockets and workspaces, and one build's place in it.

As root each workspace is a memory disk with a cap on bytes and inodes, mounted in this process's
own mount namespace: unmounting is the clean-up, whatever a build left there. Without root the
sandbox makes its own memory disks.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from adapters.local.slots import mounts
from adapters.local.slots.sandbox import Place
from adapters.local.slots.settings import Limits, Settings

SOCKET_PATH_LIMIT = 90
ACCOUNTS = "root:x:0:0::/:/usr/sbin/nologin\nbuild:x:{uid}:{uid}::/home/build:/bin/sh\n"
GROUP = "root:x:0:\nbuild:x:{uid}:\n"
HOSTS = "127.0.0.1 localhost build\n::1 localhost\n"
NAMES = "passwd: files\ngroup: files\nhosts: files\n"


@dataclass(frozen=True, slots=True)
class Workspace:
    """One build's folders on the host, and what the sandbox needs to know of them."""

    root: Path
    place: Place
    mounted: bool

    @property
    def full(self) -> bool:
        """Whether the memory disk has run out of bytes or inodes (false when not mounted)."""
        if not self.mounted:
            return False
        with contextlib.suppress(OSError):
            disk = os.statvfs(self.root / "disk")
            return disk.f_bavail * 50 < disk.f_blocks or disk.f_favail * 50 < disk.f_files
        return False


class Yard:
    """The run folder: makes, empties and removes workspaces."""

    def __init__(self, folder: Path, *, can_mount: bool) -> None:
        self.folder = folder
        self.can_mount = can_mount

    @property
    def runner(self) -> Path:
        """The runner's zipapp, as builds see it."""
        return self.folder / "runner.pyz"

    def open(self) -> None:
        """Makes the folder, walkable for build users; raises OSError."""
        self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        self.folder.chmod(0o711)

    def expose(self, path: str) -> str:
        """Makes a system folder visible inside the run folder, for uids that cannot walk to it."""
        if not self.can_mount:
            return path
        target = self.folder / f"tool-{len(list(self.folder.glob('tool-*')))}"
        target.mkdir()
        mounts.read_only_view(path, target)
        return str(target)

    def prepare(self, name: str, uid: int, limits: Limits, *, sandbox: bool) -> Workspace:
        """Empty folders for a build; raises OSError."""
        root = self.folder / name
        self.clear(root)
        root.mkdir(mode=0o711)
        etc = root / "etc"
        etc.mkdir(mode=0o755)
        for file, text in (("passwd", ACCOUNTS), ("group", GROUP)):
            (etc / file).write_text(text.format(uid=uid))
        (etc / "hosts").write_text(HOSTS)
        (etc / "nsswitch.conf").write_text(NAMES)
        for entry in etc.iterdir():
            entry.chmod(0o644)
        folders = self._folders(root, uid, limits, sandbox=sandbox)
        place = Place(
            runner=str(self.runner),
            socket=str(root / "proxy.sock"),
            etc=str(etc),
            disk_bytes=limits.disk_bytes,
            **folders,
        )
        return Workspace(root, place, mounted=self.can_mount and sandbox)

    def clear(self, root: Path) -> None:
        """Unmounts and removes one workspace."""
        while self.can_mount and mounts.unmount(root / "disk"):
            pass
        if root.exists():
            with contextlib.suppress(OSError):
                (root / "disk").rmdir()
            if not os.path.ismount(root / "disk"):
                remove_tree(root)

    def sweep(self) -> int:
        """Removes what a former process left here; returns how many entries there were."""
        entries = list(self.folder.glob("*")) if self.folder.exists() else []
        for entry in entries:
            while self.can_mount and mounts.unmount(entry):
                pass
            if entry.name.startswith("tool-"):
                with contextlib.suppress(OSError):
                    entry.rmdir()
            elif entry.is_dir() and not entry.is_symlink():
                self.clear(entry)
            else:
                entry.unlink(missing_ok=True)
        return len(entries)

    def close(self) -> None:
        """Removes everything, the folder too."""
        self.sweep()
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def _folders(self, root: Path, uid: int, limits: Limits, *, sandbox: bool) -> dict[str, str]:
        if sandbox and not self.can_mount:
            return {}
        disk = root / "disk"
        disk.mkdir(mode=0o711)
        if self.can_mount and sandbox:
            mounts.memory_disk(disk, size=limits.disk_bytes, inodes=limits.inodes, uid=uid)
        folders: dict[str, str] = {}
        for name in ("build", "tmp", "home"):
            (disk / name).mkdir(mode=0o700)
            if self.can_mount and sandbox:
                os.chown(disk / name, uid, uid)
            folders[name] = str(disk / name)
        return folders


def choose_folder(settings: Settings) -> Path:
    """Where the run folder goes: short enough for sockets, walkable for build users."""
    name = settings.instance
    candidates = [
        settings.home / "run" / "slots",
        Path(os.environ.get("XDG_RUNTIME_DIR", tempfile.gettempdir())) / name,
    ]
    if os.geteuid() == 0:
        candidates.insert(0, Path("/run") / name)
    for candidate in candidates:
        if len(os.fsencode(candidate)) > SOCKET_PATH_LIMIT:
            continue
        with contextlib.suppress(OSError):
            candidate.mkdir(mode=0o711, parents=True, exist_ok=True)
            if candidate.stat().st_uid == os.geteuid() and not candidate.is_symlink():
                return candidate
    raise OSError("no folder can be made for build workspaces")


def place_runner(yard: Yard, packed: Path) -> None:
    """Copies the packed runner where builds can read it."""
    shutil.copyfile(packed, yard.runner)
    yard.runner.chmod(0o644)


def pack_runner(repository: Path, target: Path) -> str:
    """Packs the runner beside its final place and moves it there; returns what went wrong."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(".new")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "runner.pack", str(fresh)],
            cwd=repository,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode == 0:
            fresh.replace(target)
            return ""
        return done.stderr.strip()[-400:] or f"exit status {done.returncode}"
    except (OSError, subprocess.TimeoutExpired) as fault:
        return str(fault)


def remove_tree(root: Path) -> None:
    """Removes a tree that may be hostile: very deep, or with folders nobody may enter."""
    try:
        shutil.rmtree(root)
    except (OSError, RecursionError):
        subprocess.run(
            ["rm", "-rf", "--one-file-system", "--", str(root)], check=False, capture_output=True
        )
