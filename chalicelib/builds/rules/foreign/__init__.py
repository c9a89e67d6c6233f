"""What configurations of other platforms say about a build, for projects that say nothing else.

One file decides: the first of `FILES` that is there and says something. What became of each of its
keys goes into the report, and so does every file that was left aside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from chalicelib.builds.rules.documents import Document, read_json, read_toml, read_yaml
from chalicelib.builds.rules.foreign import amplify, buildspec, netlify, render, vercel
from chalicelib.builds.rules.foreign.reading import Reading
from chalicelib.builds.rules.model import FoundFile, PlanError, Said
from chalicelib.builds.rules.paths import CONFIG
from chalicelib.builds.rules.repo import Repo
from chalicelib.builds.rules.wishes import Where, Wishes

Reader = Callable[[Reading, Where, str], None]
Parser = Callable[[str, str | None], Document]

FILES: dict[str, tuple[Parser, Reader]] = {
    "vercel.json": (read_json, lambda reading, where, _: vercel.read(reading, where)),
    "netlify.toml": (read_toml, lambda reading, where, _: netlify.read(reading, where)),
    "render.yaml": (read_yaml, render.read),
    "amplify.yml": (read_yaml, amplify.read),
    "buildspec.yml": (read_yaml, lambda reading, where, _: buildspec.read(reading, where)),
}
AT_THE_TOP = ("netlify.toml", "render.yaml", "amplify.yml")
"""Files that lie at the top of a monorepo and name the folder of a site."""
OVERRULED = f"{CONFIG} or the project says otherwise"


@dataclass(frozen=True)
class Foreign:
    """What was read: wishes, in words which file set what, warnings, and the report."""

    wishes: Wishes = field(default_factory=Wishes)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    report: list[Said] = field(default_factory=list)


def read_foreign(repo: Repo, where: Where, ours: Wishes, *, strict: bool = True) -> Foreign:
    """Read the file that decides; `ours` is what clouddeck.toml and the project say already.

    A broken file raises PlanError with the place when it would decide (`strict`), and is a
    warning where clouddeck.toml is there to decide.
    """
    warnings: list[str] = []
    aside: list[Said] = []
    decided: Reading | None = None
    for name in FILES:
        file = _file(repo, name)
        if file is None:
            continue
        if decided is not None:
            why = f"{decided.document.file} is there and decides"
            aside.append(Said(name, "", "ignored", why))
            continue
        try:
            reading = _read(name, file, repo, where)
        except PlanError as error:
            if strict:
                raise
            warnings.append(error.message)
            continue
        if reading is not None and (reading.values or reading.env):
            decided = reading
        else:
            aside.append(Said(name, "", "ignored", "it says nothing about the build of a site"))
    if decided is None:
        return Foreign(warnings=warnings, report=aside)
    return _settled(decided, ours, warnings, aside)


def _file(repo: Repo, name: str) -> FoundFile | None:
    file = repo.file(name)
    if file is None and repo.root != "." and name in AT_THE_TOP:
        file = repo.top_file(name)
    return file


def _read(name: str, file: FoundFile, repo: Repo, where: Where) -> Reading | None:
    parse, read = FILES[name]
    reading = Reading(parse(name, file.text))
    read(reading, where, repo.root)
    if name == "buildspec.yml" and "output" not in reading.values:
        return None
    other = reading.values.get("root", ".") != repo.root
    if repo.root != "." and repo.file(name) is None and other:
        return None  # the file at the top speaks of another folder
    return reading


def _settled(reading: Reading, ours: Wishes, warnings: list[str], aside: list[Said]) -> Foreign:
    """The wishes that are left when ours were heard, and the report that says so."""
    wishes, said = reading.wishes(), ours.said()
    lost = {name for name in wishes.said() if name in said}
    if said & {"install", "build"} and (wishes.steps or wishes.install == ""):
        # Commands come from one place: its install is among the phases that are not run.
        lost |= {"install", "build", "steps"}
        wishes = replace(wishes, install=None, build=None, steps=None)
    report = [
        replace(entry, verdict="ignored", why=OVERRULED)
        if wish in lost and entry.verdict == "used"
        else entry
        for entry, wish in reading.report
    ]
    file = reading.document.file
    set_here = sorted(wishes.said() - lost - {"env"}) + [
        f"env.{name}" for name in sorted(wishes.env)
    ]
    notes = [f"{file} sets {', '.join(set_here)}"] if set_here else []
    for verdict, what in (("ignored", "no effect here"), ("impossible", "cannot be had here")):
        keys = [entry.key for entry in report if entry.verdict == verdict and _matters(entry)]
        if keys:
            more = f" and {len(keys) - 8} more" if len(keys) > 8 else ""
            shown = ", ".join(keys[:8])
            warnings.append(f"{file}: {what}: {shown}{more}; `deck config` says why.")
    return Foreign(wishes, notes, warnings, [*report, *aside])


def _matters(entry: Said) -> bool:
    """Whether somebody would miss it: not what we overruled, nor what is meant for elsewhere."""
    return entry.why != OVERRULED and not entry.why.startswith("this ")
