"""The same sources make the same bytes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from cdk.package import Target, build, sources, zips
from cdk.package.report import Report
from cdk.package.zips import Packed

CODE = ("functions", "api", "edge", "console", "runner")
HERE = Target(python="{}.{}".format(*sys.version_info[:2]))


def checkout(to: Path) -> Path:
    """A copy of what gets packed."""
    for room in ("chalicelib", "functions", "runner", "cdk", "console"):
        unneeded = shutil.ignore_patterns("node_modules", "__pycache__")
        shutil.copytree(sources.CHECKOUT / room, to / room, ignore=unneeded)
    shutil.copyfile(sources.CHECKOUT / "app.py", to / "app.py")
    return to


def packed(folder: Path, seed: str) -> Path:
    """Where a checkout was packed to."""
    command = [sys.executable, "-m", "cdk.package", "--out", "out"]  # for Lambda
    command += [word for name in CODE for word in ("--only", name)]
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "import of the API" in done.stdout
    return folder / "out"


def test_two_builds_have_the_same_bytes_from_another_folder_too(tmp_path):
    first = checkout(tmp_path / "a")
    second = Path(shutil.copytree(first, tmp_path / "deeper" / "b"))
    for path in second.rglob("*.py"):
        os.utime(path, (1, 1))
        path.chmod(0o755)
    mine, theirs = packed(first, "1"), packed(second, "2")
    for name in ("functions.zip", "api.zip", "edge.zip", "console.zip", "runner.pyz"):
        assert (mine / name).read_bytes() == (theirs / name).read_bytes(), name


@pytest.fixture(scope="module")
def code(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("build")
    report = build(out, HERE, ("functions", "api", "edge"))
    assert report.compiled
    assert set(report.parts) == {"functions", "api", "edge"}
    return out


def test_functions_hold_our_code_and_its_data_and_nothing_else(code):
    names = zipfile.ZipFile(code / "functions.zip").namelist()
    assert names == sorted(names)
    assert {name.partition("/")[0] for name in names} == {"functions", "chalicelib"}
    assert "chalicelib/builds/frameworks/vercel.json" in names
    assert "chalicelib/builds/frameworks/NOTICE" in names
    assert not [n for n in names if n.endswith((".mjs", ".js"))]
    plain = {name for name in names if name.endswith(".py")}
    tag = sys.implementation.cache_tag
    for name in plain:
        folder, _, file = name.rpartition("/")
        assert f"{folder}/__pycache__/{file[:-3]}.{tag}.pyc" in names, name


def test_entries_carry_no_time_and_no_owner(code):
    for entry in zipfile.ZipFile(code / "api.zip").infolist():
        assert entry.date_time == zips.EPOCH
        assert entry.external_attr == 0o100644 << 16
        assert not entry.extra


def test_the_api_is_a_chalice_project(code):
    assert (code / "api" / ".chalice" / "config.json").exists()
    assert (code / "api" / "requirements.txt").read_text() == ""
    names = zipfile.ZipFile(code / "api.zip").namelist()
    assert "app.py" in names
    assert not [name for name in names if name.startswith((".chalice", "functions"))]


def test_the_api_is_uploaded_without_sources_and_runs(code, tmp_path):
    with zipfile.ZipFile(code / "api.zip") as archive:
        archive.extractall(tmp_path)
    assert {p.name for p in tmp_path.rglob("*.py")} == {"app.py"}
    done = subprocess.run(
        [sys.executable, "-c", "import app, chalicelib.wiring as w; print(w.__file__)"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == str(tmp_path / "chalicelib" / "wiring.pyc"), done.stderr


def test_sources_stay_where_their_bytecode_is_of_another_python():
    names = ["app.py", "a/b.py", "a/__pycache__/b.cpython-312.pyc", "a/data.json"]
    assert zips.without_sources(names, "3.13") == {name: name for name in sorted(names)}
    found = zips.without_sources([*names, "__pycache__/app.cpython-312.pyc"], "3.12")
    assert found == {
        "__pycache__/app.cpython-312.pyc": "__pycache__/app.cpython-312.pyc",
        "a/b.pyc": "a/__pycache__/b.cpython-312.pyc",
        "a/data.json": "a/data.json",
        "app.py": "app.py",
    }


def test_bytecode_is_believed_without_its_source(code, tmp_path):
    """Python runs the .pyc although the source beside it says something else."""
    copied = tmp_path / "task"
    shutil.copytree(code / "functions", copied)
    source = copied / "chalicelib" / "core" / "ids.py"
    source.write_text("raise SystemExit('the source was read')\n")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import chalicelib.core.ids as i; print(i.new.__code__.co_filename)",
        ],
        cwd=copied,
        env={"PYTHONPATH": str(copied), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == str(source), "tracebacks name the place: " + done.stderr


def test_the_edge_waits_for_its_settings(code):
    assert "settings.json" not in zipfile.ZipFile(code / "edge.zip").namelist()
    assert (code / "edge" / "functions" / "edge" / "origin_request.py").exists()


def test_too_big_is_said():
    huge = Packed(1, 3_000_000, 300 * 2**20, "0" * 64)
    said = Report(HERE, {"functions": huge, "api": huge}).problems()
    assert len(said) == 3
    assert any("2 MB are allowed" in text for text in said)
    small = Packed(1, 10, 10, "0" * 64)
    assert Report(HERE, {"functions": small, "api": small, "core": small}).problems() == []


def test_an_unknown_part_and_an_unknown_runtime_are_refused(tmp_path):
    with pytest.raises(ValueError, match="No part nonsense"):
        build(tmp_path, HERE, ["nonsense"])
    with pytest.raises(ValueError, match="neither"):
        Target(architecture="sparc")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no version"):
        Target(python="2.7")


def test_a_python_that_is_not_there_means_no_bytecode(tmp_path, monkeypatch):
    absent = Target(python="3.99")
    assert absent.compiler is None
    sources.functions(tmp_path / "f", absent)
    assert not list((tmp_path / "f").rglob("*.pyc"))
    assert "without bytecode" in Report(absent).table()
