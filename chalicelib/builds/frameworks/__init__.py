"""What is known about frameworks: facts, not code.

`vercel.json` is a dump of the declarative detectors and settings of @vercel/frameworks
(Apache-2.0, see NOTICE; `regenerate.mjs` makes it again). `own.json` adds entries and facts of
ours:

kind        node, python, ruby, go, rust, binary or none: how the build command is started
pip         the package that brings the generator, where a repository does not name it
tool        a program that the build image must have
detectors   (in `facts`) more `some` detectors
buildWhen   the first entry whose files exist and match replaces build and output
outputFrom  files and a pattern whose first group names the output folder
candidates  folders to look for when the output folder is not there
script      a script of package.json that is run instead of `build`
spa         true, or packages or a pattern that make it one
static      false, or `when`/`unless` checks with a hint for people whose site needs a server
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

Kind = Literal["node", "python", "ruby", "go", "rust", "binary", "none"]
Json = dict[str, Any]

NO_SERVER = (
    "Write the site out as files, and set command and output under [build] in clouddeck.toml."
)


@dataclass(frozen=True)
class Check:
    """One thing to look for: a path, a path with matching text, a package or a script."""

    files: tuple[str, ...] = ()
    match: str = ""
    package: str = ""
    version: str = ""
    script: str = ""
    build: str | None = None
    output: str | None = None


@dataclass(frozen=True)
class Static:
    """When a framework writes plain files."""

    when: tuple[Check, ...] = ()
    unless: tuple[Check, ...] = ()
    always: bool = False
    hint: str = NO_SERVER


@dataclass(frozen=True)
class Framework:
    """A framework: how to recognise it, how to build it, where its files end up."""

    slug: str
    name: str
    website: str = ""
    kind: Kind = "node"
    every: tuple[Check, ...] = ()
    some: tuple[Check, ...] = ()
    supersedes: tuple[str, ...] = ()
    install: str | None = None
    build: str | None = None
    output: str | None = None
    build_when: tuple[Check, ...] = ()
    output_from: Check | None = None
    candidates: tuple[str, ...] = ()
    script: str = "build"
    ignore_script: bool = False
    spa: bool | Check | tuple[str, ...] = False
    static: Static = Static(always=True)
    cache: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    pip: str = ""
    tool: str = ""
    runtime: bool = False
    weak: bool = False
    angular: bool = False


@dataclass(frozen=True)
class Catalog:
    """Every framework, in the order in which a tie is decided."""

    frameworks: tuple[Framework, ...]
    aliases: Mapping[str, str]

    def get(self, slug: str) -> Framework | None:
        """The framework with this slug or alias."""
        wanted = self.aliases.get(slug, slug)
        return next((f for f in self.frameworks if f.slug == wanted), None)

    def names(self) -> list[str]:
        """Every slug and alias."""
        return sorted({f.slug for f in self.frameworks} | set(self.aliases))


@cache
def catalog() -> Catalog:
    """The catalogue, read from the two files once."""
    own = _read("own.json")
    entries = _read("vercel.json")["frameworks"]
    known = [_framework(raw, own["facts"].get(raw["slug"], {})) for raw in entries]
    first = [_framework(raw, {}) for raw in own["frameworks"] if raw.get("first")]
    last = [_framework(raw, {}) for raw in own["frameworks"] if not raw.get("first")]
    return Catalog((*first, *known, *last), own["aliases"])


def _read(name: str) -> Json:
    path = Path(__file__).parent / name
    found: Json = json.loads(path.read_text(encoding="utf-8"))
    return found


def _framework(raw: Json, facts: Json) -> Framework:
    both = {**raw, **{k: v for k, v in facts.items() if k not in ("settings", "detectors")}}
    settings = {**raw["settings"], **facts.get("settings", {})}
    output = settings.get("output")
    detectors = raw.get("detectors", {})
    more = facts.get("detectors", ())
    static = both.get("static", output != "N/A" and not raw.get("runtime", False))
    return Framework(
        slug=raw["slug"],
        name=raw["name"],
        website=raw.get("website", ""),
        kind=both.get("kind", "node"),
        every=tuple(_detector(d) for d in detectors.get("every", ())),
        some=tuple(_detector(d) for d in (*detectors.get("some", ()), *more)),
        supersedes=(*raw.get("supersedes", ()), *facts.get("supersedes", ())),
        install=settings.get("install"),
        build=settings.get("build"),
        output=None if output == "N/A" else output,
        build_when=tuple(_check(c) for c in both.get("buildWhen", ())),
        output_from=_check(both["outputFrom"]) if "outputFrom" in both else None,
        candidates=tuple(both.get("candidates", ())),
        script=both.get("script", "build"),
        ignore_script=both.get("ignoreScript", False),
        spa=_spa(both.get("spa", False)),
        static=_static(static),
        cache=tuple(both.get("cache", ())),
        env=both.get("env", {}),
        pip=both.get("pip", ""),
        tool=both.get("tool", ""),
        runtime=both.get("runtime", False),
        weak=both.get("weak", False),
        angular=both.get("angular", False),
    )


# The dump asks for some packages with a pattern over the text of package.json. Read as "this
# package in this version" it cannot be slowed down by a hostile file.
_DEPENDS = re.compile(r'"\(dev\)\?\(d\|D\)ependencies":.*\[\^}\]\*"(.+?)":\\s\*"(.+)"\[\^}\]\*}')


def _detector(raw: Json) -> Check:
    if "matchPackage" in raw:
        return Check(package=raw["matchPackage"])
    depends = (
        _DEPENDS.fullmatch(raw.get("matchContent", "")) if raw["path"] == "package.json" else None
    )
    if depends:
        name, version = depends[1].replace("\\/", "/"), depends[2]
        return Check(package=name, version="" if version == ".+?" else version)
    return Check(files=(raw["path"],), match=raw.get("matchContent", ""))


def _check(raw: Json) -> Check:
    return Check(
        files=tuple(raw.get("files", ())),
        match=raw.get("match", ""),
        package=raw.get("package", ""),
        script=raw.get("script", ""),
        build=raw.get("build"),
        output=raw.get("output"),
    )


def _spa(raw: bool | Json) -> bool | Check | tuple[str, ...]:
    if isinstance(raw, bool):
        return raw
    return tuple(raw["packages"]) if "packages" in raw else _check(raw)


def _static(raw: bool | Json) -> Static:
    if isinstance(raw, bool):
        return Static(always=raw)
    return Static(
        when=tuple(_check(c) for c in raw.get("when", ())),
        unless=tuple(_check(c) for c in raw.get("unless", ())),
        always="unless" in raw,
        hint=raw.get("hint", NO_SERVER),
    )
