"""A fake API, an empty folder to work in, and a profile of its own for every test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import app
from cli.config import Profile, SignIn
from tests.unit.cli.fake_api import EMAIL
from tests.unit.cli.fake_server import FakeApi

ROOT = Path(__file__).resolve().parents[3]
HEARS_CTRL_C = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("cli", run_name="__main__", alter_sys=True)
"""
"""`python -m cli`, also where tests run in the background, which has Ctrl-C switched off."""


@pytest.fixture
def fake():
    server = FakeApi()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def clean_environment(tmp_path, monkeypatch):
    for name in list(os.environ):
        if name.startswith(("CLOUDDECK_", "DECK_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder in which commands run."""
    path = tmp_path / "My-Site"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


@pytest.fixture
def signed_in(fake, clean_environment, monkeypatch):
    """Signed in to the fake API, which is also the default."""
    Profile().save(fake.url, SignIn("session", fake.access, fake.refresh, time.time() + 900, EMAIL))
    return fake


@pytest.fixture
def linked(signed_in, folder):
    """A folder with a little site, linked to a project."""
    project = signed_in.add_project("site")
    link = {"project": project["id"], "slug": "site", "api": signed_in.url}
    (folder / ".deck.json").write_text(json.dumps(link))
    (folder / "index.html").write_text("<h1>hello</h1>")
    return folder


@pytest.fixture
def deck():
    """Run a command in this process: `deck("list", "--json")` -> result."""

    def run(*arguments: str, code: int = 0, **options):
        result = CliRunner().invoke(app, list(arguments), prog_name="deck", **options)
        said = f"{result.exit_code}\n{result.stdout}\n{result.stderr}"
        assert result.exit_code == code, said
        assert "Traceback" not in said
        if "--json" in arguments and code == 0 and "logs" not in arguments:
            result.json = json.loads(result.stdout)
        return result

    return run


@pytest.fixture
def command():
    """Start a command as a process of its own."""

    def start(*arguments: str, **options) -> subprocess.Popen:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
        return subprocess.Popen(
            [sys.executable, "-c", HEARS_CTRL_C, *arguments],
            env=environment,
            stdout=options.pop("stdout", subprocess.PIPE),
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    return start


@pytest.fixture
def repository(folder):
    """The folder as a git repository with nothing in it yet."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")

    def git(*arguments: str) -> str:
        identity = ("-c", "user.name=Ada", "-c", f"user.email={EMAIL}")
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    git("init", "-q", "-b", "main")
    return git
