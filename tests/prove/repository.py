"""Repositories made by `git fast-import`: any name, any size, no working copy."""

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PUSH_SECONDS = 90
_PLAIN = re.compile(rb"[A-Za-z0-9._/-]+")


@dataclass(frozen=True)
class Link:
    """A symbolic link, in place of a file's content."""

    target: str


@dataclass(frozen=True)
class Submodule:
    """A commit of another repository, in place of a folder."""

    commit: str


Files = Mapping[str | bytes, str | bytes | Link | Submodule]


@dataclass(frozen=True)
class Pushed:
    """How `git push` ended; `ok` is an acknowledgement."""

    ok: bool
    said: str
    at: float
    seconds: float


def quoted(path: bytes) -> bytes:
    """A path as fast-import reads it."""
    if _PLAIN.fullmatch(path):
        return path
    special = {b'"', b"\\"}
    parts = []
    for code in path:
        byte = bytes([code])
        plain = 32 <= code < 127 and byte not in special
        parts.append(byte if plain else b"\\%03o" % code)
    return b'"' + b"".join(parts) + b'"'


def stream(ref: str, files: Files, message: str, parent: str = "") -> bytes:
    """A commit with exactly these files, as fast-import reads it."""
    text = message.encode()
    who = b"Prove <prove@localhost> %d +0000" % int(time.time())
    parts = [b"commit %s\nmark :1\ncommitter %s\n" % (ref.encode(), who)]
    parts.append(b"data %d\n%s\n" % (len(text), text))
    parts.append(b"from %s\n" % parent.encode() if parent else b"")
    parts.append(b"deleteall\n")
    for path, content in files.items():
        name = quoted(path if isinstance(path, bytes) else path.encode())
        if isinstance(content, Submodule):
            parts.append(b"M 160000 %s %s\n" % (content.commit.encode(), name))
            continue
        mode = b"120000" if isinstance(content, Link) else b"100644"
        body = content.target if isinstance(content, Link) else content
        body = body if isinstance(body, bytes) else body.encode()
        parts.append(b"M %s inline %s\ndata %d\n%s\n" % (mode, name, len(body), body))
    parts.append(b"get-mark :1\n")
    return b"".join(parts)


class Repository:
    """A repository of ours and where it is pushed to."""

    def __init__(self, folder: Path, remote: str) -> None:
        self.folder = folder
        self.remote = remote
        self._last = ""
        git(None, "init", "--quiet", "--bare", "--template=", str(folder))

    def commit(self, files: Files, message: str = "change") -> str:
        """A commit on top of the last one; returns its id."""
        text = stream("refs/heads/work", files, message, self._last)
        done = git(self.folder, "fast-import", "--quiet", "--force", text=text)
        self._last = done.strip().decode()
        return self._last

    def push(self, commit: str, branch: str = "main") -> Pushed:
        """One `git push`, forced; a hanging one is ended and counts as not acknowledged."""
        began = time.monotonic()
        process = subprocess.Popen(
            ["git", "push", "--force", self.remote, f"{commit}:refs/heads/{branch}"],
            cwd=self.folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            said, _ = process.communicate(timeout=PUSH_SECONDS)
        except BaseException as stop:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            said, _ = process.communicate()
            if not isinstance(stop, subprocess.TimeoutExpired):
                raise
        ok, now = process.returncode == 0, time.monotonic()
        return Pushed(ok, said.decode(errors="replace"), now, now - began)


def environment() -> dict[str, str]:
    """No configuration of the machine, no proxy, no question."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "no_proxy": "*",
    }


def git(folder: Path | None, *arguments: str, text: bytes = b"") -> bytes:
    """One git call; raises RuntimeError with what git said."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env=environment(),
        input=text,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        words = done.stderr.decode(errors="replace")[-400:]
        raise RuntimeError(f"git {arguments[0]}: {words}")
    return done.stdout
