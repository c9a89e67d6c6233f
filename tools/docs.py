"""`python -m tools.docs [FOLDER]`: the pages of docs/ as a site, for `/docs/` beside the console.

Two things are done to what zensical makes. Links that lead out of docs/ become their text, because
a site has no repository around it. And what the console's policy refuses, which holds for these
pages too (adapters/local/gateway/console.py), goes another way: scripts that stand in a page move
into files, and the search gets its styles as a style sheet that a script makes.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "build" / "docs-pages"
SITE = ROOT / "build" / "docs"
_UNASKED = ("objects.inv", "*.xml*", "LICENSE")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_STYLE = re.compile(r'(\w+)\.appendChild\(\w+\("style",\{\},(\w+)\.toString\(\)\)\)')
_BASE = re.compile(r'"base":"([^"]*)"')


def main(to: Path | None) -> int:
    """Build the site, and put it into a folder if one is named; the exit code of the build."""
    copy()
    done = subprocess.run(
        [Path(sys.executable).with_name("zensical"), "build", "--strict", "--clean"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        return done.returncode
    for page in SITE.rglob("*.html"):
        page.write_text(without_scripts(page.read_text(), SITE))
    for script in SITE.glob("assets/javascripts/bundle.*.js"):
        script.write_text(without_styles(script.read_text()))
    if to is not None:
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(SITE, to, ignore=shutil.ignore_patterns(*_UNASKED))
    return 0


def copy() -> None:
    """The pages as the site wants them, in `build/docs-pages`."""
    shutil.rmtree(PAGES, ignore_errors=True)
    shutil.copytree(ROOT / "docs", PAGES)
    shutil.copy(ROOT / "console" / "public" / "icon.svg", PAGES / "images" / "icon.svg")
    for page in PAGES.rglob("*.md"):
        page.write_text(within(page.read_text(), page))


def within(text: str, page: Path) -> str:
    """A page whose links all stay inside; a folder is linked by its first page."""

    def link(found: re.Match[str]) -> str:
        words, target = found[1], found[2]
        if "://" in target or target.startswith(("#", "mailto:")):
            return found[0]
        place, _, anchor = target.partition("#")
        meant = (page.parent / place).resolve()
        if not meant.is_relative_to(PAGES):
            return words.removeprefix("../")
        if meant.is_dir():
            first = f"{place.rstrip('/')}/README.md"
            return f"[{words}]({first}{'#' + anchor if anchor else ''})"
        return found[0].replace(words, title(meant), 1) if words == place else found[0]

    return _LINK.sub(link, text)


def title(page: Path) -> str:
    """The first heading of a page, its file's name without one."""
    found = re.search(r"^# (.+)$", page.read_text(), re.M) if page.suffix == ".md" else None
    return found[1] if found else page.name


def without_scripts(page: str, site: Path) -> str:
    """The page with its scripts in files, which it names relative to itself."""
    told = _BASE.search(page)
    base = told[1] if told else "."

    def move(found: re.Match[str]) -> str:
        name = f"assets/javascripts/{hashlib.sha256(found[1].encode()).hexdigest()[:12]}.js"
        (site / name).write_text(found[1])
        return f'<script src="{base}/{name}"></script>'

    return _SCRIPT.sub(move, page)


def without_styles(script: str) -> str:
    """The theme's script, whose search has its styles without a `<style>`.

    Raises ValueError when it writes them otherwise: then this has to be looked at again.
    """
    made, times = _STYLE.subn(
        r"(s=>{s.replaceSync(\2.toString());\1.adoptedStyleSheets=[s]})(new CSSStyleSheet)", script
    )
    if times != 1:
        raise ValueError(f"the theme writes {times} <style> elements where one was expected")
    return made


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
