"""Which frameworks a repository uses, best first, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chalicelib.builds.frameworks import Catalog, Framework, catalog
from chalicelib.builds.rules.paths import STATIC_FOLDERS
from chalicelib.builds.rules.repo import Repo

Confidence = Literal["strong", "weak"]


@dataclass(frozen=True)
class Candidate:
    """A framework that fits, with the reasons in words."""

    framework: Framework
    confidence: Confidence
    why: tuple[str, ...]


def detect(repo: Repo, known: Catalog | None = None) -> list[Candidate]:
    """Every framework that fits and is not superseded, the likeliest first.

    Generators of files come before frameworks that need a server, those before guesses (a build
    script, an index.html), and those before what is often there for another reason.
    """
    known = known or catalog()
    matches = {f.slug: (f, why) for f in known.frameworks if (why := reasons(f, repo))}
    beaten: set[str] = set()
    for framework, _ in matches.values():
        beaten.update(framework.supersedes)
    left = [(f, why) for slug, (f, why) in matches.items() if slug not in beaten]
    ranked = sorted(left, key=lambda match: _rank(match[0]))
    sure = [Candidate(f, "strong", why) for f, why in ranked if _rank(f) < 2]
    incidental = [Candidate(f, "weak", why) for f, why in ranked if _rank(f) >= 2]
    return [*sure, *_guesses(repo, known), *incidental]


def reasons(framework: Framework, repo: Repo) -> tuple[str, ...]:
    """Why the framework's own detectors are satisfied; nothing when they are not."""
    every = [repo.reason(check) for check in framework.every]
    some = next((why for check in framework.some if (why := repo.reason(check))), None)
    if None in every or (framework.some and some is None):
        return ()
    return tuple(dict.fromkeys(why for why in (*every, some) if why))


def _rank(framework: Framework) -> int:
    if framework.weak:
        return 2
    if framework.runtime:
        return 3
    return 0 if framework.static.always or framework.static.when else 1


def _guesses(repo: Repo, known: Catalog) -> list[Candidate]:
    found = []
    script, static = known.get("node-script"), known.get("static")
    if script and "build" in repo.scripts:
        found.append(Candidate(script, "weak", ("package.json has a build script",)))
    page = static_page(repo)
    if static and page:
        found.append(Candidate(static, "weak", (f"{page} is here",)))
    return found


def static_page(repo: Repo) -> str | None:
    """The page that makes a repository a site of plain files."""
    listed = repo.found.root_files if repo.root == "." else []
    other = next((n for n in sorted(listed) if n.lower().endswith((".html", ".htm"))), None)
    inside = repo.first(tuple(f"{folder}/index.html" for folder in STATIC_FOLDERS))
    return "index.html" if repo.exists("index.html") else inside or other
