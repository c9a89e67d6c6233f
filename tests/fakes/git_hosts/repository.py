"""A repository on disk, made by git itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
}


class Repository:
    """A bare repository `<root>/<name>.git` and a working tree beside it."""

    def __init__(self, root: Path, name: str, algorithm: str = "sha1") -> None:
        self.name = name
        self.bare = root / f"{name}.git"
        self.work = root / "work" / name
        self.work.parent.mkdir(parents=True, exist_ok=True)
        self.bare.parent.mkdir(parents=True, exist_ok=True)
        made = ("init", "-q", f"--object-format={algorithm}", "--initial-branch=main")
        self._run(root, *made, "--bare", str(self.bare))
        self._run(root, *made, str(self.work))
        self.git("remote", "add", "origin", str(self.bare))

    def copied(self, root: Path) -> Repository:
        """The same in another folder, which is faster than making it again."""
        twin = object.__new__(Repository)
        twin.name, twin.bare = self.name, root / f"{self.name}.git"
        twin.work = root / "work" / self.name
        shutil.copytree(self.bare, twin.bare)
        shutil.copytree(self.work, twin.work)
        config = twin.work / ".git" / "config"
        config.write_text(config.read_text().replace(str(self.bare), str(twin.bare)))
        return twin

    def git(self, *arguments: str, **environment: str) -> str:
        return self._run(self.work, *arguments, **environment)

    def commit(self, files: dict[str, str | bytes], message: str = "Change", **env: str) -> str:
        for path, content in files.items():
            target = self.work / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, **env)
        return self.git("rev-parse", "HEAD")

    def push(self, ref: str = "main") -> str:
        self.git("push", "-q", "--force", "origin", f"HEAD:refs/heads/{ref}")
        return self.git("rev-parse", "HEAD")

    def tag(self, name: str, message: str = "") -> str:
        self.git("tag", "-f", *(["-a", "-m", message] if message else []), name)
        self.git("push", "-q", "--force", "origin", f"refs/tags/{name}")
        return self.git("rev-parse", f"{name}^{{commit}}")

    def _run(self, folder: Path, *arguments: str, **environment: str) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder,
            env={**ENVIRONMENT, **environment},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()
