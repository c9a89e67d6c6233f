"""One process in its sandbox, with everything that must be gone afterwards."""

import asyncio
import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from adapters.local.slots import sandbox
from adapters.local.slots.cgroups import Group, Sample, Tree
from adapters.local.slots.egress import Proxy
from adapters.local.slots.process import Children, in_memory_file, kill_marked
from adapters.local.slots.settings import Limits
from adapters.local.slots.workspace import Workspace, Yard

TAIL_BYTES = 4096
OUTPUT_BYTES = 10 * 1024 * 1024
CLEAN_SECONDS = 5.0
MARK = "CLOUDDECK_SLOT"


@dataclass(frozen=True, slots=True)
class Host:
    """What sessions share: tools, folders, groups, children, the filter."""

    tools: sandbox.Tools
    yard: Yard
    tree: Tree
    children: Children
    filter: bytes | None


@dataclass(frozen=True, slots=True)
class Spec:
    """What to run: name of the slot, uid (None: own user), limits, program, in a sandbox or not."""

    name: str
    uid: int | None
    limits: Limits
    env: dict[str, str]
    sandboxed: bool = True
    program: Path | None = None


class Session:
    """Call `start` once, wait for `ended`, and always `clean`."""

    def __init__(self, host: Host, spec: Spec, proxy: Proxy | None) -> None:
        self._host, self._spec, self._proxy = host, spec, proxy
        self._group: Group | None = None
        self._workspace: Workspace | None = None
        self._pid = 0
        self._output = -1
        self._read = 0
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.tail = b""

    async def start(self) -> None:
        """Makes the groups, the workspace and the socket, then the process; raises OSError."""
        host, spec = self._host, self._spec
        if host.tree.version:
            self._group = Group.create(host.tree, spec.name, spec.limits)
        uid = spec.uid if spec.uid is not None else os.geteuid()
        self._workspace = host.yard.prepare(spec.name, uid, spec.limits, sandbox=spec.sandboxed)
        if self._proxy is not None:
            await self._proxy.open(Path(self._workspace.place.socket), spec.uid)
        if spec.sandboxed:
            self._start_sandbox(self._workspace)
        else:
            self._start_plain(self._workspace)

    def sample(self) -> Sample:
        """What the control groups have counted."""
        return self._group.sample() if self._group else Sample()

    @property
    def disk_full(self) -> bool:
        """Whether the workspace has run out of bytes or inodes."""
        return bool(self._workspace and self._workspace.full)

    def kill(self) -> None:
        """SIGKILL to all of it, without waiting."""
        if self._pid and not self.ended.done():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._pid, signal.SIGKILL)
        if self._group is not None:
            self._group.kill()

    async def clean(self) -> float:
        """Ends what still runs and removes every trace; returns the seconds it took."""
        begun = time.monotonic()
        self.kill()
        if not self._spec.sandboxed:
            kill_marked(MARK, self._mark)
        if self._pid:
            await asyncio.wait({self.ended}, timeout=CLEAN_SECONDS)
        while self._group and not self._group.discard():
            self._group.kill()
            self._host.children.reap()
            if time.monotonic() - begun > CLEAN_SECONDS:
                break
            await asyncio.sleep(0.002)
        self._drain()
        self._close_output()
        if self._proxy is not None:
            await self._proxy.close()
        if self._workspace is not None:
            self._host.yard.clear(self._workspace.root)
        return time.monotonic() - begun

    @property
    def _mark(self) -> str:
        return str(self._host.yard.folder / self._spec.name)

    def _start_sandbox(self, workspace: Workspace) -> None:
        host, spec = self._host, self._spec
        place = workspace.place
        if spec.program is not None:
            place = sandbox.replaced(place, str(spec.program))
        if self._proxy is None:
            place = sandbox.without_socket(place)
        env = sandbox.environment(spec.env, host.tools, sandboxed=True, home=sandbox.HOME)
        env["CLOUDDECK_WORKSPACE"] = sandbox.BUILD
        files = self._group.files if self._group else ()
        private = sandbox.private_arguments(env)
        arguments = in_memory_file("arguments", b"".join(a.encode() + b"\0" for a in private))
        keep = [arguments]
        if host.filter is not None:
            keep.append(in_memory_file("filter", host.filter))
        try:
            argv = sandbox.sandboxed(
                host.tools,
                place,
                sandbox.Identity(spec.uid, files),
                sandbox.Descriptors(arguments, keep[1] if len(keep) > 1 else None),
            )
            self._spawn(argv, {"PATH": "/usr/bin:/bin"}, keep, None)
        finally:
            for descriptor in keep:
                os.close(descriptor)

    def _start_plain(self, workspace: Workspace) -> None:
        host, spec, place = self._host, self._spec, workspace.place
        env = sandbox.environment(spec.env, host.tools, sandboxed=False, home=place.home or "/")
        env |= {"CLOUDDECK_WORKSPACE": place.build or "/", "TMPDIR": place.tmp or "/"}
        env[MARK] = self._mark
        files = self._group.files if self._group else ()
        argv = sandbox.plain(host.tools.python, str(spec.program or place.runner), files)
        self._spawn(argv, env, [], place.build)

    def _spawn(
        self, argv: tuple[str, ...], env: dict[str, str], keep: list[int], cwd: str | None
    ) -> None:
        self._output, write = os.pipe()
        os.set_blocking(self._output, False)
        try:
            self._pid, self.ended = self._host.children.start(
                argv, env=env, output=write, keep=keep, cwd=cwd
            )
        finally:
            os.close(write)
        asyncio.get_running_loop().add_reader(self._output, self._drain)

    def _drain(self) -> None:
        """Keeps the end of what the process printed; past a limit nobody reads any more."""
        if self._output < 0:
            return
        with contextlib.suppress(BlockingIOError):
            for _ in range(16):
                block = os.read(self._output, 65536)
                self._read += len(block)
                self.tail = (self.tail + block)[-TAIL_BYTES:]
                if not block or self._read > OUTPUT_BYTES:
                    asyncio.get_running_loop().remove_reader(self._output)
                    return

    def _close_output(self) -> None:
        if self._output >= 0:
            asyncio.get_running_loop().remove_reader(self._output)
            os.close(self._output)
            self._output = -1
