"""Layers: libraries for a target, by exact version, without what never runs in Lambda."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from cdk.package.sources import CHECKOUT, compiled
from cdk.package.target import Target

RECIPES = CHECKOUT / "layers"
LAYERS = ("core", "git", "ml", "saml", "sigv4a")

_TESTS = {"tests", "test", "testing"}
_NOTES = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}
_KEPT_OF_CHALICE = {"__init__.py", "app.py"}
_UNUSED_OF_STRAWBERRY = (
    *("aiohttp", "asgi", "chalice", "channels", "cli", "codegen", "codemods", "django", "fastapi"),
    *("flask", "http", "litestar", "quart", "sanic", "schema_codegen", "static", "ext", "pydantic"),
    *("experimental/pydantic", "extensions/tracing", "subscriptions/protocols"),
)
"""Its ways into servers that are not ours, its own tools, and what is imported by nobody here."""


class LayerFault(Exception):  # noqa: N818  # said to a person in one line
    """The libraries of a layer could not be had; the text says what pip said."""


def layer(name: str, to: Path, target: Target) -> None:
    """Make the folder of a layer (with `python/` in it); raises LayerFault.

    A layer that was made of the same recipe for the same target is kept.
    """
    stamp, made_of = to.with_name(f"{name}.stamp"), _recipe(name, target)
    if (to / "python").is_dir() and stamp.exists() and stamp.read_text() == made_of:
        return
    stamp.unlink(missing_ok=True)
    shutil.rmtree(to, ignore_errors=True)
    python = to / "python"
    python.mkdir(parents=True)
    _install(name, python, target)
    trim(python, services(name))
    compiled(python, target)
    stamp.write_text(made_of)


def services(name: str) -> set[str] | None:
    """The services whose descriptions a layer keeps; None when it has no such list."""
    listed = RECIPES / name / "services.txt"
    return set(_lines(listed)) if listed.exists() else None


def pins(name: str) -> list[str]:
    """The libraries of a layer, each with its version."""
    return _lines(RECIPES / name / "requirements.txt")


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


def _install(name: str, to: Path, target: Target) -> None:
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--no-compile", "--only-binary=:all:", "--implementation", "cp"),
        *("--python-version", target.python, "--target", str(to)),
        *(word for platform in target.platforms for word in ("--platform", platform)),
        *("--requirement", str(RECIPES / name / "requirements.txt")),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "ERROR" in line] or [done.stderr]
        raise LayerFault(
            f"Layer {name} for Python {target.python} on {target.architecture}: "
            f"{said[-1].strip()[:500]}"
        )


def trim(python: Path, kept_services: set[str] | None) -> None:
    """Remove what Lambda never uses: programs, tests, pip's notes, services, Chalice's tools."""
    shutil.rmtree(python / "bin", ignore_errors=True)
    for path in sorted(python.rglob("*"), reverse=True):
        noted = path.parent.name.endswith(".dist-info") and path.name in _NOTES
        if path.is_dir():
            if path.name in _TESTS | {"__pycache__"}:
                shutil.rmtree(path)
        elif noted or path.suffix == ".pyi":
            path.unlink()
    if kept_services is not None:
        _trim_sdk(python, kept_services)
    for name in _UNUSED_OF_STRAWBERRY:
        shutil.rmtree(python / "strawberry" / name, ignore_errors=True)
    for path in (python / "chalice").glob("*"):
        if path.name not in _KEPT_OF_CHALICE:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _trim_sdk(python: Path, kept: set[str]) -> None:
    """Keep the newest description of each service in use, and the files that concern all."""
    for data in ("boto3/data", "boto3/examples"):
        shutil.rmtree(python / data, ignore_errors=True)
    for service in sorted((python / "botocore" / "data").glob("*/")):
        if not service.is_dir():
            continue
        if service.name not in kept:
            shutil.rmtree(service)
            continue
        for version in sorted(path for path in service.iterdir() if path.is_dir())[:-1]:
            shutil.rmtree(version)
        for example in service.rglob("examples-*"):
            example.unlink()


def _recipe(name: str, target: Target) -> str:
    """Changes when a layer made before is no longer what would be made now."""
    parts = [path.read_bytes() for path in sorted((RECIPES / name).iterdir()) if path.is_file()]
    parts += [Path(__file__).read_bytes(), Path(__file__).with_name("bytecode.py").read_bytes()]
    parts += [f"{target.python} {target.architecture} {target.compiler is None}".encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()
