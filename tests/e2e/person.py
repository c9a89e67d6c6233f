"""A person beside an embedded cloud, with `git` and `deck`, and the sites of theirs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.e2e.asking import PATIENCE, Answer, Api, Json
from tests.e2e.cloud import Cloud
from tests.e2e.surroundings import EMAIL, ROOT, person_environment


@dataclass
class Person:
    """Somebody with a home folder, `git` and `deck`."""

    cloud: Cloud
    home: Path
    signed_in: bool = False

    @cached_property
    def environment(self) -> dict[str, str]:
        self.home.mkdir(parents=True, exist_ok=True)
        home = {"CLOUDDECK_HOME": str(self.cloud.home), "CLOUDDECK_ROOT": str(ROOT)}
        return person_environment(self.home, **home)

    def run(
        self, folder: Path, *command: str, given: str = "", seconds: float = PATIENCE
    ) -> subprocess.CompletedProcess[str]:
        """A command in a folder, whatever comes of it."""
        return subprocess.run(
            command,
            cwd=folder,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def start(self, folder: Path, *arguments: str) -> subprocess.Popen[str]:
        """`deck` running beside the test, its standard output in a pipe."""
        return subprocess.Popen(
            [str(DECK), *arguments],
            cwd=folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def deck(self, folder: Path, *arguments: str, given: str = "", code: int = 0) -> Any:
        """`deck … --json`: its document, or for streams the list of its documents.

        Whoever signed in longer ago than a proof of identity lasts does so again when asked.
        """
        command = (str(DECK), *arguments, "--json")
        done = self.run(folder, *command, given=given)
        if done.returncode != code and '"step_up_required"' in done.stderr and self.signed_in:
            self.sign_in()
            done = self.run(folder, *command, given=given)
        said = f"deck {' '.join(arguments)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert done.returncode == code, said
        if not done.stdout.strip():
            return json.loads(done.stderr.strip().splitlines()[-1])
        try:
            return json.loads(done.stdout)
        except ValueError:
            return [json.loads(line) for line in done.stdout.splitlines()]

    def git(self, folder: Path, *arguments: str) -> str:
        """A git command that must succeed."""
        done = self.run(folder, "git", *arguments)
        assert done.returncode == 0, f"git {arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout.strip()

    def sign_in(self) -> Json:
        """`deck login` with the owner's password on standard input."""
        self.home.mkdir(parents=True, exist_ok=True)
        found: Json = self.deck(
            self.home,
            *("login", "--email", EMAIL, "--password-stdin", "--api", self.cloud.url),
            given=self.cloud.owner["password"] + "\n",
        )
        self.signed_in = True
        return found

    def site(self, name: str, files: dict[str, str] | Path) -> Site:
        """A git repository with these files, and a project for it made by `deck init`."""
        folder = self.home / "sites" / name
        if isinstance(files, Path):
            ignored = shutil.ignore_patterns("node_modules", "dist", "_site", "site", ".venv")
            shutil.copytree(files, folder, ignore=ignored)
        else:
            folder.mkdir(parents=True)
            write(folder, files)
        self.git(folder, "init", "--quiet", "--initial-branch=main")
        made = self.deck(folder, "init", "--name", name)
        return Site(self, folder, made["project"], made["detected"])


DECK = Path(sys.executable).with_name("deck")


def write(folder: Path, files: dict[str, str]) -> None:
    """Write text files below a folder."""
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


@dataclass
class Site:
    """A repository on somebody's computer and its project."""

    person: Person
    folder: Path
    project: Json
    detected: Json

    @property
    def cloud(self) -> Cloud:
        return self.person.cloud

    @property
    def api(self) -> Api:
        return self.cloud.api

    @property
    def id(self) -> str:
        return str(self.project["id"])

    @property
    def url(self) -> str:
        return str(self.project["url"])

    def deck(self, *arguments: str, given: str = "", code: int = 0) -> Any:
        return self.person.deck(self.folder, *arguments, given=given, code=code)

    def git(self, *arguments: str) -> str:
        return self.person.git(self.folder, *arguments)

    def commit(self, files: dict[str, str] | None = None, message: str = "Change") -> str:
        """Commit everything; returns the commit."""
        write(self.folder, files or {})
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def push(self, branch: str = "main") -> Json:
        """`git push clouddeck`; returns the deployment it leads to."""
        self.git("push", "--quiet", "clouddeck", f"HEAD:refs/heads/{branch}")
        return self.api.of_commit(self.id, self.git("rev-parse", "HEAD"))

    def publish(self, files: dict[str, str] | None = None, branch: str = "main") -> Json:
        """Commit, push, and wait until it is ready."""
        self.commit(files)
        return self.api.ready(self.push(branch)["id"])

    def page(self, path: str = "/", url: str = "", **headers: str) -> Answer:
        return self.cloud.page(url or self.url, path, **headers)

    def shows(self, text: str, path: str = "/") -> bool:
        """Whether the live site has a page with this text."""
        answer = self.page(path)
        return answer.status == 200 and text in answer.text
