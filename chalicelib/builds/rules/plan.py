"""The plan: what is installed, what is built, and where the files end up."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from chalicelib.builds.frameworks import Framework, catalog
from chalicelib.builds.rules.caches import caches_for
from chalicelib.builds.rules.candidates import Candidate, detect, reasons
from chalicelib.builds.rules.commands import Commands, commands_for
from chalicelib.builds.rules.config import read_config
from chalicelib.builds.rules.foreign import Foreign, read_foreign
from chalicelib.builds.rules.model import (
    Cache,
    Found,
    FoundFile,
    NeedFilesError,
    Plan,
    PlanError,
    Scope,
    Settings,
    read_found,
)
from chalicelib.builds.rules.output import output_folders, spa_default
from chalicelib.builds.rules.paths import CONFIG, USUAL_ROOTS, inspect_paths, safe_folder
from chalicelib.builds.rules.repo import Repo
from chalicelib.builds.rules.scope import affected_paths
from chalicelib.builds.rules.steps import steps_of
from chalicelib.builds.rules.versions import check_version, node_version, python_version
from chalicelib.builds.rules.wishes import Where, Wishes, check_command

__all__ = [
    "Cache",
    "Found",
    "FoundFile",
    "NeedFilesError",
    "Plan",
    "PlanError",
    "Scope",
    "Settings",
    "Where",
    "inspect_paths",
    "make_plan",
    "read_found",
]

PRODUCTION = Where()


@dataclass(frozen=True)
class _Choice:
    framework: Framework
    why: list[str]
    warnings: list[str]


def make_plan(
    found: Found, settings: Settings, cache_scope: str, where: Where = PRODUCTION
) -> Plan:
    """The plan for a repository. Raises PlanError, and nothing else, when there is none.

    clouddeck.toml wins over the project's settings, those over the file of another platform, and
    that over what the framework usually does. `cache_scope` keeps the caches of projects apart.
    """
    asked = _asked(found, settings, where)
    repo, wishes, foreign = asked.repo, asked.wishes, asked.foreign
    choice = _choose(repo, wishes)
    framework = choice.framework
    _ensure_static(framework, repo, wishes)
    commands = commands_for(framework, repo, wishes)
    output = output_folders(framework, repo, wishes.output)
    warnings = [*asked.warnings, *foreign.warnings, *choice.warnings, *commands.warnings]
    versions = [
        _version(wishes.node, node_version(repo)),
        _version(wishes.python, python_version(repo)),
    ]
    named = zip(("Node.js", "Python"), versions, strict=True)
    return Plan(
        framework=framework.slug,
        name=framework.name,
        why=[
            *choice.why,
            *asked.sources,
            *foreign.notes,
            *(f"{name} {version} is asked for ({by})" for name, (version, by) in named if version),
        ],
        root=repo.root,
        install=commands.install,
        install_cached=commands.install_cached,
        build=commands.build,
        output=output[0],
        output_candidates=output,
        package_manager=_manager(commands),
        steps=steps_of(commands, wishes.steps or ()),
        caches=[]
        if wishes.cache is False
        else caches_for(
            framework, repo, commands, cache_scope, tuple(version or "" for version, _ in versions)
        ),
        env=_env(framework, commands, wishes),
        spa=wishes.spa if wishes.spa is not None else spa_default(framework, repo),
        clean_urls=wishes.clean_urls if wishes.clean_urls is not None else True,
        warnings=list(dict.fromkeys(warnings)),
        node=versions[0][0],
        python=versions[1][0],
        report=foreign.report,
        scope=_scope(found, repo.root, wishes.watch),
    )


@dataclass(frozen=True)
class _Asked:
    repo: Repo
    wishes: Wishes
    foreign: Foreign
    sources: list[str]
    warnings: list[str]


def _asked(found: Found, settings: Settings, where: Where) -> _Asked:
    """The root, and all that people said about the build in it."""
    config, warnings = read_config(found.files.get(CONFIG))
    project = _project_wishes(settings)
    ours = config.or_else(project)
    strict = CONFIG not in found.files
    repo = Repo(found, _root(found, config.root, project.root, CONFIG))
    foreign = read_foreign(repo, where, ours, strict=strict)
    if ours.root is None and foreign.wishes.root not in (None, "."):
        repo = Repo(found, _root(found, foreign.wishes.root, None, foreign.report[0].file))
    return _Asked(repo, ours.or_else(foreign.wishes), foreign, _sources(config, settings), warnings)


def _root(found: Found, wanted: str | None, asked: str | None, file: str) -> str:
    """The folder to build in; what a file names must have been looked into."""
    asked = safe_folder(asked or "", "root")
    wanted = asked if wanted is None else safe_folder(wanted, "root")
    seen = wanted in (".", asked) or any(path.startswith(f"{wanted}/") for path in found.files)
    if not seen and wanted not in USUAL_ROOTS:
        raise NeedFilesError(wanted, inspect_paths(wanted), file)
    return wanted


def _scope(found: Found, root: str, watch: list[str] | None) -> Scope:
    """What can be said without the whole tree: its packages are known only where it was listed."""
    return affected_paths({}, found.files, root, watch)


def _manager(commands: Commands) -> str | None:
    """The package manager that has something to do; that of Go and Rust has it in the build."""
    manager = commands.manager
    return manager.name if manager and (commands.install or not manager.install) else None


def _version(wish: str | None, found: tuple[str, str] | None) -> tuple[str | None, str]:
    return (wish, "the configuration") if wish else found or (None, "")


def _project_wishes(settings: Settings) -> Wishes:
    asked = settings.framework if settings.framework not in ("auto", "") else None
    for value in (settings.install_command, settings.build_command):
        check_command(value or "", "The command in the project's settings")
    for value in (settings.node_version, settings.python_version):
        check_version(value or "20", "The version in the project's settings")
    return Wishes(
        framework=asked,
        root=settings.root or None,
        install=settings.install_command or None,
        build=settings.build_command or None,
        output=settings.output_directory or None,
        spa=settings.spa,
        node=settings.node_version or None,
        python=settings.python_version or None,
        watch=list(settings.watch) if settings.watch else None,
    )


def _sources(config: Wishes, settings: Settings) -> list[str]:
    said = [
        name for name in ("install", "build", "output", "spa") if getattr(config, name) is not None
    ]
    project = {
        "install": settings.install_command,
        "build": settings.build_command,
        "output": settings.output_directory,
    }
    asked = [name for name, value in project.items() if value and name not in said]
    return [f"{CONFIG} sets {name}" for name in said] + [
        f"the project's settings set {name}" for name in asked
    ]


def _choose(repo: Repo, wishes: Wishes) -> _Choice:
    candidates = detect(repo)
    if wishes.framework is not None:
        framework = _named(wishes.framework, candidates)
        why = list(reasons(framework, repo)) or ["the configuration names it"]
        return _Choice(framework, why, [])
    if not candidates:
        return _nothing(repo, wishes)
    best = candidates[0]
    others = [c for c in candidates[1:] if c.confidence == "strong" and c.framework.static.always]
    warnings = [
        f"{c.framework.name} fits too ({c.why[0]}); "
        f'to use it write framework = "{c.framework.slug}" under [build] in {CONFIG}.'
        for c in others[:2]
        if best.confidence == "strong" and best.framework.static.always
    ]
    return _Choice(best.framework, list(best.why), warnings)


def _named(slug: str, candidates: list[Candidate]) -> Framework:
    known = catalog()
    framework = known.get(slug.strip().lower())
    if framework is None:
        near = _nearest(slug, known.names())
        raise PlanError(
            "framework_unknown",
            f"CloudDeck knows no framework called {slug[:80]!a}.",
            f'Did you mean "{near}"?' if near else 'Leave it out, or write framework = "custom".',
        )
    # "sveltekit" and "docusaurus" name the oldest generation; the one that is there is meant.
    family = (c.framework for c in candidates if c.framework.slug.startswith(f"{framework.slug}-"))
    newer = next((f for f in family if f.slug.removeprefix(f"{framework.slug}-").isdigit()), None)
    there = any(c.framework.slug == framework.slug for c in candidates)
    return framework if there or newer is None else newer


def _nearest(slug: str, names: list[str]) -> str | None:
    return next(iter(difflib.get_close_matches(slug[:80].lower(), names, n=1)), None)


def _nothing(repo: Repo, wishes: Wishes) -> _Choice:
    custom = catalog().get("custom")
    if custom and (wishes.build or wishes.output):
        return _Choice(custom, ["the configuration says how to build it"], [])
    if repo.package_error:
        raise repo.package_error
    folder = next(
        (f for f in USUAL_ROOTS if any(p.startswith(f"{f}/") for p in repo.found.files)), None
    )
    where = "this repository" if repo.root == "." else f"{repo.root}/"
    raise PlanError(
        "framework_unknown",
        f"Nothing in {where} says how to build it: no framework, no build script, no index.html.",
        f'{folder}/ looks like a site: write root = "{folder}" under [build] in {CONFIG}.'
        if folder and repo.root == "."
        else f"Add an index.html, or a {CONFIG} with command and output under [build].",
    )


def _ensure_static(framework: Framework, repo: Repo, wishes: Wishes) -> None:
    """Refuse what needs a server, unless somebody said where the files will be."""
    rule = framework.static
    if framework.kind == "node" and repo.package_error:
        raise repo.package_error
    allowed = rule.always or any(repo.reason(check, code=True) for check in rule.when)
    refused = any(repo.reason(check, code=True) for check in rule.unless)
    if wishes.output or (allowed and not refused):
        return
    what = f"{framework.name} is set up to answer requests with a server; CloudDeck serves files."
    if framework.runtime:
        what = (
            f"This is a {framework.name} project, and nothing says how it becomes a site of files."
        )
    raise PlanError("framework_not_static", what, rule.hint)


def _env(framework: Framework, commands: Commands, wishes: Wishes) -> dict[str, str]:
    manager = commands.manager.env if commands.manager and commands.install else {}
    return {**manager, **(framework.env if commands.build else {}), **commands.env, **wishes.env}
