"""Package managers: which one a repository uses, how it installs and how it runs things."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from chalicelib.builds.rules.paths import NODE_LOCKS
from chalicelib.builds.rules.repo import Repo

PYTHON = ".venv/bin/python"
VENV = "python3 -m venv .venv"
_FIELD = re.compile(r"(npm|pnpm|yarn|bun)@(\d{1,4}(?:\.[0-9A-Za-z-]{1,30}){0,8})(?:\+.*)?")
_IN_PROJECT = {
    "poetry": {"POETRY_VIRTUALENVS_IN_PROJECT": "true"},
    "pipenv": {"PIPENV_VENV_IN_PROJECT": "1"},
}
_PNPM = {"5": "7", "6": "8", "9": "10"}


@dataclass(frozen=True)
class Manager:
    """A package manager in this repository. `install_cached` is for a restored cache."""

    name: str
    install: str
    install_cached: str | None = None
    run: str = ""
    exec: str = ""
    lock: str | None = None
    lock_sha256: str = ""
    version: str = ""
    paths: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def script(self, name: str) -> str:
        """The command that runs a script of package.json."""
        return f"{self.run} {name}"

    def tool(self, command: str) -> str:
        """The command, each part run from the installed packages."""
        parts = [part.strip().removeprefix("npx ") for part in command.split("&&")]
        return " && ".join(f"{self.exec} {part}" for part in parts)


def node_manager(repo: Repo) -> Manager:
    """The manager that `packageManager` names, or the lock file, or npm."""
    named = repo.package.get("packageManager")
    match = _FIELD.fullmatch(named) if isinstance(named, str) and len(named) < 400 else None
    locks = [path for path in NODE_LOCKS if repo.exists(path)]
    above = [] if locks else [path for path in NODE_LOCKS if repo.top_file(path)]
    kinds = list(dict.fromkeys(_kind(path) for path in locks or above))
    name, version = (match[1], match[2]) if match else (kinds[0] if kinds else "npm", "")
    lock = next((path for path in locks if _kind(path) == name), None)
    make = {"npm": _npm, "pnpm": _pnpm, "yarn": _yarn, "bun": _bun}[name]
    warnings: tuple[str, ...] = ()
    if len(kinds) > 1:
        warnings = (f"Lock files of {' and '.join(kinds)} are here; {name} is used.",)
    return make(repo, lock, version, warnings)


def _kind(lock: str) -> str:
    return {
        "pnpm-lock.yaml": "pnpm",
        "yarn.lock": "yarn",
        "bun.lock": "bun",
        "bun.lockb": "bun",
    }.get(lock, "npm")


def _sha(repo: Repo, lock: str | None) -> str:
    file = repo.file(lock) if lock else None
    return file.sha256 if file else ""


def _npm(repo: Repo, lock: str | None, version: str, warnings: tuple[str, ...]) -> Manager:
    # `npm ci` deletes node_modules first; over a copy made from this lock file install will do.
    return Manager(
        "npm",
        install="npm ci" if lock else "npm install",
        install_cached="npm install --prefer-offline" if lock else None,
        run="npm run",
        exec="npx",
        lock=lock,
        lock_sha256=_sha(repo, lock),
        version=version,
        paths=("node_modules",),
        # NODE_ENV=production among the project's variables must not keep the build tools away.
        env={"npm_config_audit": "false", "npm_config_fund": "false", "npm_config_include": "dev"},
        warnings=warnings,
    )


def _pnpm(repo: Repo, lock: str | None, version: str, warnings: tuple[str, ...]) -> Manager:
    written = re.search(r"^lockfileVersion: ['\"]?(\d+)", repo.text(lock or ""), re.MULTILINE)
    version = version or _PNPM.get(written[1] if written else "9", "10")
    pnpm = f"npx --yes pnpm@{version}"
    frozen = "--frozen-lockfile" if lock else "--no-frozen-lockfile"
    return Manager(
        "pnpm",
        install=f"{pnpm} install {frozen} --prod=false",
        run=f"{pnpm} run",
        exec=f"{pnpm} exec",
        lock=lock,
        lock_sha256=_sha(repo, lock),
        version=version,
        paths=("node_modules",),
        warnings=warnings,
    )


def _yarn(repo: Repo, lock: str | None, version: str, warnings: tuple[str, ...]) -> Manager:
    text = repo.text(lock or "")
    settings = repo.text(".yarnrc.yml")
    berry = bool(settings) or "__metadata:" in text or repo.exists(".yarnrc.yml")
    if version:
        berry = not version.startswith(("0", "1."))
    if not berry:
        yarn = f"npx --yes yarn@{version or '1.22.22'}"
        frozen = "--frozen-lockfile --production=false" if lock else "--production=false"
        paths: tuple[str, ...] = ("node_modules",)
        env = {}
    else:
        yarn = f"npx --yes --package=@yarnpkg/cli-dist@{version or '4'} yarn"
        frozen = "--immutable" if lock else "--no-immutable"
        linked = ("node_modules",) if "node-modules" in settings else ()
        paths, env = (".yarn/cache", *linked), {"YARN_ENABLE_GLOBAL_CACHE": "false"}
    return Manager(
        "yarn",
        install=f"{yarn} install {frozen}",
        run=f"{yarn} run",
        exec=f"{yarn} run",
        lock=lock,
        lock_sha256=_sha(repo, lock),
        version=version or ("berry" if berry else "classic"),
        paths=paths,
        env=env,
        warnings=warnings,
    )


def _bun(repo: Repo, lock: str | None, version: str, warnings: tuple[str, ...]) -> Manager:
    bun = f"npx --yes bun@{version or '1'}"
    return Manager(
        "bun",
        install=f"{bun} install" + (" --frozen-lockfile" if lock else ""),
        run=f"{bun} run",
        exec=f"{bun} run",
        lock=lock,
        lock_sha256=_sha(repo, lock),
        version=version,
        paths=("node_modules",),
        warnings=warnings,
    )


def python_manager(repo: Repo, package: str) -> Manager:
    """A virtual environment with what the repository lists, and the generator if it does not."""
    pyproject = repo.text("pyproject.toml")
    managed = _managed(repo, pyproject)
    if managed:
        return managed
    listed = _requirements(repo, package)
    if listed:
        missing = "" if _mentions(repo.text(listed), package) else f" {_quote(package)}"
        return _python("pip", f"{PYTHON} -m pip install -r {listed}{missing}", repo, listed)
    if repo.exists("pyproject.toml") and "[project]" in pyproject:
        missing = "" if _mentions(pyproject, package) else f" {_quote(package)}"
        return _python("pip", f"{PYTHON} -m pip install .{missing}", repo, "pyproject.toml")
    if not package:
        return Manager("pip", install=VENV)
    warning = f"No requirements.txt: the newest {package} is installed. Pin it in requirements.txt."
    return _python("pip", f"{PYTHON} -m pip install {_quote(package)}", repo, None, warning)


def _managed(repo: Repo, pyproject: str) -> Manager | None:
    """The manager with a lock file of its own, when there is one."""
    if repo.exists("uv.lock") and repo.exists("pyproject.toml"):
        steps = f"{PYTHON} -m pip install uv && {PYTHON} -m uv sync --frozen --inexact"
        return _python("uv", steps, repo, "uv.lock")
    if repo.exists("poetry.lock") or "[tool.poetry]" in pyproject:
        lock = "poetry.lock" if repo.exists("poetry.lock") else None
        steps = f"{PYTHON} -m pip install poetry && {PYTHON} -m poetry install --no-root"
        return _python("poetry", steps, repo, lock)
    if repo.exists("Pipfile") or repo.exists("Pipfile.lock"):
        lock = "Pipfile.lock" if repo.exists("Pipfile.lock") else None
        how = "sync" if lock else "install --skip-lock"
        steps = f"{PYTHON} -m pip install pipenv && {PYTHON} -m pipenv {how}"
        return _python("pipenv", steps, repo, lock)
    return None


def _python(name: str, steps: str, repo: Repo, lock: str | None, *warnings: str) -> Manager:
    return Manager(
        name,
        install=f"{VENV} && {steps}",
        lock=lock,
        lock_sha256=_sha(repo, lock),
        paths=(".venv",),
        env={"PIP_DISABLE_PIP_VERSION_CHECK": "1", **_IN_PROJECT.get(name, {})},
        warnings=warnings,
    )


def _requirements(repo: Repo, package: str) -> str | None:
    listed = [p for p in ("requirements.txt", "docs/requirements.txt") if repo.exists(p)]
    naming = [p for p in listed if _mentions(repo.text(p), package)]
    return next(iter(naming or listed), None)


def _mentions(text: str, package: str) -> bool:
    name = re.split(r"[\[<>=]", package)[0]
    return name.lower() in text.lower()


def _quote(package: str) -> str:
    return package if re.fullmatch(r"[A-Za-z0-9._-]*", package) else f'"{package}"'


def python_tool(command: str) -> str:
    """A generator's command, run by the interpreter of the virtual environment.

    `-m` rather than `.venv/bin/<tool>`: the first line of such a script holds the absolute path of
    the folder it was installed in, and a cache is restored wherever the next build runs.
    """
    if command.startswith("@python "):
        return f"{PYTHON} {command.removeprefix('@python ')}"
    if command.startswith("@bin/"):
        return f".venv/bin/{command.removeprefix('@bin/')}"
    return f"{PYTHON} -m {command}"
