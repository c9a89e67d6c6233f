"""amplify.yml: phases, artifacts and the applications of a monorepo."""

from __future__ import annotations

from chalicelib.builds.rules.foreign.reading import INSTALL, ROUTING, SERVER, Path, Reading
from chalicelib.builds.rules.model import PlanError, Step, Verdict
from chalicelib.builds.rules.paths import safe_folder
from chalicelib.builds.rules.wishes import Where

TOP: dict[str, tuple[Verdict, str]] = {
    "version": ("ignored", "this is Amplify's own number"),
    "backend": ("impossible", SERVER),
    "customHeaders": ("ignored", ROUTING),
    "appRoot": ("ignored", "it belongs into an application"),
}
TAKEN = ("frontend", "applications", "env", "test", "appRoot")


def read(reading: Reading, _where: Where, root: str = ".") -> None:
    """Take the application whose appRoot is this root, or the only one."""
    reading.variables(("env", "variables"))
    listed = reading.listed(("applications",))
    for number, application in enumerate(listed):
        path: Path = ("applications", number)
        asked = application.get("appRoot") if isinstance(application, dict) else None
        if len(listed) == 1 or _same(asked, root):
            reading.text((*path, "appRoot"), "root", "the folder of the site")
            _application(reading, path)
        else:
            reading.ignored(path, "another site; give it a project of its own with this root")
    if not listed:
        _application(reading, ())
    reading.others((), TOP, TAKEN)


def _same(asked: object, root: str) -> bool:
    try:
        return isinstance(asked, str) and safe_folder(asked, "appRoot") == root
    except PlanError:
        return False


def _application(reading: Reading, path: Path) -> None:
    if path:
        reading.variables((*path, "env", "variables"))
        reading.others(path, TOP, TAKEN)
    front = (*path, "frontend")
    if reading.table(front):
        _frontend(reading, front)
    test = (*path, "test", "phases")
    for name in ("preTest", "test", "postTest"):
        script = reading.commands((*test, name, "commands"))
        if script:
            reading.steps.append(Step(name, "check", script))
            reading.used((*test, name), f"a check called {name}", "steps")


def _frontend(reading: Reading, path: Path) -> None:
    phases = (*path, "phases")
    before = reading.commands((*phases, "preBuild", "commands"))
    lines = before.removeprefix("set -e\n").split("\n") if before else []
    if lines and all(INSTALL.fullmatch(line) for line in lines):
        reading.used((*phases, "preBuild"), "the install, done from the lock file")
    else:
        reading.values["install"] = ""
        if before:
            reading.steps.append(Step("preBuild", "install", before))
            reading.used((*phases, "preBuild"), "a step called preBuild", "steps")
    build = reading.commands((*phases, "build", "commands"))
    reading.values["build"] = build
    if build:
        reading.used((*phases, "build"), "the build command", "build")
    after = reading.commands((*phases, "postBuild", "commands"))
    if after:
        reading.steps.append(Step("postBuild", "build", after))
        reading.used((*phases, "postBuild"), "a step called postBuild", "steps")
    _artifacts(reading, (*path, "artifacts"))
    if reading.table((*path, "cache")):
        reading.ignored((*path, "cache"), "what a lock file names is kept anyway")
    known = ("phases", "artifacts", "cache")
    reading.others(path, {"customHeaders": TOP["customHeaders"]}, known)


def _artifacts(reading: Reading, path: Path) -> None:
    place = (*path, "baseDirectory")
    base = reading.at(place)
    if isinstance(base, str):
        try:
            reading.values["output"] = safe_folder(base.lstrip("/"), "output")
            reading.used(place, "the folder that is published", "output")
        except PlanError as error:
            reading.ignored(place, error.message)
    files = reading.at((*path, "files"))
    if files in (["**/*"], "**/*"):
        reading.used((*path, "files"), "every file of the folder is published")
    elif files is not None:
        reading.ignored((*path, "files"), "every file of the folder is published")
    reading.others(path, {}, ("baseDirectory", "files"))
