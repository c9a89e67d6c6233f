"""The example sites are planned the way they were built by hand."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.builds.rules.model import Settings
from chalicelib.builds.rules.plan import make_plan
from tests.unit.builds.repos import scan

EXAMPLES = Path(__file__).parents[3] / "examples"
VENV = "python3 -m venv .venv && .venv/bin/python -m pip install -r requirements.txt"
PLANS = [
    ("vite-react", "vite", "npm ci", "npm run build", "dist", True),
    ("eleventy", "eleventy", "npm ci", "npm run build", "_site", False),
    ("mkdocs", "mkdocs", VENV, ".venv/bin/python -m mkdocs build --clean", "site", False),
]


@pytest.mark.parametrize(("name", "framework", "install", "build", "output", "spa"), PLANS)
def test_an_example_needs_no_configuration(name, framework, install, build, output, spa):
    got = make_plan(scan(EXAMPLES / name), Settings(), "p")
    assert (got.framework, got.install, got.build) == (framework, install, build)
    assert (got.output, got.spa, got.warnings) == (output, spa, [])
    assert [cache.kind for cache in got.caches][:1] == ["dependencies"]


@pytest.mark.parametrize("name", ["vite-react", "eleventy"])
def test_lock_files_name_no_download_address(name):
    packages = json.loads((EXAMPLES / name / "package-lock.json").read_text("utf-8"))["packages"]
    assert len(packages) > 10
    for path, entry in packages.items():
        assert "resolved" not in entry
        assert not path or "integrity" in entry


def generator():
    path = EXAMPLES / "static-2000" / "generate.py"
    spec = importlib.util.spec_from_file_location("static_2000", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def contents(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_static_example_is_the_same_every_time(tmp_path):
    generate = generator().generate
    assert generate(tmp_path / "a") == 2000
    generate(tmp_path / "b")
    generate(tmp_path / "c", seed=8)
    first = contents(tmp_path / "a")
    assert len(first) == 2000
    assert contents(tmp_path / "b") == first != contents(tmp_path / "c")
    got = make_plan(scan(tmp_path / "a"), Settings(), "p")
    assert (got.framework, got.install, got.build, got.output) == ("static", None, None, ".")


@pytest.mark.parametrize("files", [2, 3, 50])
def test_the_static_example_writes_as_many_files_as_asked(tmp_path, files):
    script = EXAMPLES / "static-2000" / "generate.py"
    command = [sys.executable, str(script), str(tmp_path), "--files", str(files)]
    subprocess.run(command, check=True, capture_output=True)
    assert len(contents(tmp_path)) == files
    assert (tmp_path / "index.html").is_file()


def test_a_site_has_at_least_two_files(tmp_path):
    with pytest.raises(ValueError, match="at least two files"):
        generator().generate(tmp_path, files=1)
