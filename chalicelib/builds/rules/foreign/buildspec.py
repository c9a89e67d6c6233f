"""buildspec.yml, version 0.2: phases, reports, artifacts and plain variables."""

from __future__ import annotations

import posixpath

from chalicelib.builds.rules.foreign.reading import KEPT_ELSEWHERE, Path, Reading
from chalicelib.builds.rules.model import PlanError, Stage, Step, Verdict
from chalicelib.builds.rules.paths import safe_folder
from chalicelib.builds.rules.scope import check_watch
from chalicelib.builds.rules.wishes import Where

ENV: dict[str, tuple[Verdict, str]] = {
    "parameter-store": ("impossible", KEPT_ELSEWHERE),
    "secrets-manager": ("impossible", KEPT_ELSEWHERE),
    "exported-variables": ("impossible", "nothing follows a build that could read them"),
    "git-credential-helper": ("impossible", "a build has no credentials of your git host"),
    "shell": ("ignored", "commands run in sh; call bash in the command where it is needed"),
}
TOP: dict[str, tuple[Verdict, str]] = {
    "run-as": ("impossible", "a build runs as the user of its sandbox"),
    "proxy": ("ignored", "a build's connections are made by CloudDeck"),
    "batch": ("impossible", "a deployment is one build"),
    "cache": ("ignored", "what a lock file names is kept anyway"),
    "eval": ("ignored", "CloudDeck does not know this key"),
}
TAKEN = ("version", "env", "phases", "reports", "artifacts")
PHASES: tuple[tuple[str, Stage], ...] = (
    ("install", "install"),
    ("pre_build", "check"),
    ("build", "build"),
    ("post_build", "build"),
)


def read(reading: Reading, _where: Where) -> None:
    """Take the phases as steps of their own: each is one shell, as there."""
    if str(reading.at(("version",))) not in {"0.2", "0.1"}:
        reading.ignored(("version",), "0.2 is the version that is read")
    elif str(reading.at(("version",))) == "0.1":
        reading.used(("version",), "read as 0.2: the commands of a phase share one shell")
    else:
        reading.used(("version",), "the version of this file")
    reading.variables(("env", "variables"))
    reading.others(("env",), ENV, ("variables",))
    reading.values["install"] = ""
    reading.values["build"] = ""
    for phase, stage in PHASES:
        _phase(reading, phase, stage)
    reading.others(("phases",), {}, [phase for phase, _ in PHASES])
    _reports(reading)
    _artifacts(reading)
    reading.others((), TOP, TAKEN)


def _phase(reading: Reading, phase: str, stage: Stage) -> None:
    path: Path = ("phases", phase)
    table = reading.table(path)
    _versions(reading, (*path, "runtime-versions"))
    allowed = _on_failure(reading, (*path, "on-failure"))
    script = reading.commands((*path, "commands"))
    if script:
        if phase == "build" and not allowed:
            reading.values["build"] = script
            reading.used((*path, "commands"), "the build command", "build")
        else:
            name = f"{phase} phase" if phase in ("install", "build") else phase
            reading.steps.append(Step(name, stage, script, allow_failure=allowed))
            why = f"a step called {name}"
            if phase == "post_build":
                why += "; it does not run when the build failed"
            reading.used((*path, "commands"), why, "steps")
    last = reading.commands((*path, "finally"))
    if last:
        name = f"{phase} finally"
        reading.steps.append(Step(name, stage, last, always=True))
        reading.used((*path, "finally"), f"a step called {name}, run after a failure too", "steps")
    reading.others(
        path,
        {"run-as": TOP["run-as"]},
        ("runtime-versions", "on-failure", "commands", "finally") if table else (),
    )


def _on_failure(reading: Reading, path: Path) -> bool:
    wish = reading.at(path)
    if wish is None:
        return False
    if wish == "CONTINUE":
        reading.used(path, "the build goes on when this phase fails")
        return True
    if wish == "ABORT":
        reading.used(path, "the build ends when this phase fails")
    else:
        reading.impossible(path, "a phase is not tried again; the build ends when it fails")
    return False


def _versions(reading: Reading, path: Path) -> None:
    for name, version in reading.table(path).items():
        tool = {"nodejs": "NODE_VERSION", "python": "PYTHON_VERSION"}.get(name)
        if tool and isinstance(version, str) and version not in ("latest", "*"):
            reading.variable((*path, name), tool, version)
        elif tool:
            reading.ignored((*path, name), "the usual version is used")
        else:
            reading.impossible((*path, name), "a build machine has Node.js and Python")


def _reports(reading: Reading) -> None:
    """Reports are read at the end, whatever happened before."""
    globs: list[str] = []
    for name, report in reading.table(("reports",)).items():
        path: Path = ("reports", name)
        table = report if isinstance(report, dict) else {}
        kind = str(table.get("file-format") or "JUNITXML").upper()
        base = str(table.get("base-directory") or "")
        if kind != "JUNITXML":
            reading.impossible(path, f"reports are read in the JUnit format, not {kind[:40]}")
            continue
        files = table.get("files")
        listed = files if isinstance(files, list) else [files]
        try:
            wanted = [posixpath.join(base, str(file)) for file in listed if file]
            globs += check_watch(wanted, "files")
            reading.used(path, "results of tests", "steps")
        except PlanError as error:
            reading.ignored(path, error.message)
    if globs:
        step = Step("reports", "build", "true", allow_failure=True, always=True, junit=globs)
        reading.steps.append(step)


def _artifacts(reading: Reading) -> None:
    path: Path = ("artifacts",)
    table = reading.table(path)
    base, files = table.get("base-directory"), table.get("files")
    listed = files if isinstance(files, list) else [files] if isinstance(files, str) else []
    first = {str(file).split("/")[0] for file in listed if "/" in str(file)}
    plain = len(first) == 1 and not set("*?[$") & set(next(iter(first)))
    if isinstance(base, str):
        _folder(reading, (*path, "base-directory"), base)
    elif plain and all("/" in str(file) for file in listed):
        _folder(reading, (*path, "files"), next(iter(first)))
    elif listed:
        _folder(reading, (*path, "files"), ".")
    if isinstance(base, str) and listed:
        verdict: Verdict = "used" if "**/*" in listed else "ignored"
        reading.say((*path, "files"), verdict, "every file of the folder is published")
    reasons: dict[str, tuple[Verdict, str]] = {
        "secondary-artifacts": ("impossible", "a deployment publishes one folder"),
        "discard-paths": ("ignored", "files keep their folders"),
        "name": ("ignored", "a deployment has a name of its own"),
        "exclude-paths": ("ignored", "every file of the folder is published"),
        "s3-prefix": ("ignored", "CloudDeck publishes by itself"),
        "enable-symlinks": ("ignored", "links inside of the folder are followed"),
    }
    reading.others(path, reasons, ("base-directory", "files"))


def _folder(reading: Reading, path: Path, folder: str) -> None:
    try:
        reading.values["output"] = safe_folder(folder, "output")
        reading.used(path, "the folder that is published", "output")
    except PlanError as error:
        reading.ignored(path, error.message)
