"""The site of these pages: every link leads somewhere, and the console's policy lets it run."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

from tools import docs


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("docs") / "site"
    assert docs.main(made) == 0
    return made


def pages(site: Path) -> dict[Path, str]:
    # the page of what is absent is a server's to show, and has addresses from the top
    return {page: page.read_text() for page in site.rglob("*.html") if page.name != "404.html"}


def test_every_page_is_there(site):
    made = {page.relative_to(site).with_suffix("").as_posix() for page in pages(site)}
    written = {p.relative_to(docs.ROOT / "docs") for p in (docs.ROOT / "docs").rglob("*.md")}
    assert made == {path.with_suffix("").as_posix().replace("README", "index") for path in written}


def test_links_and_files_are_there(site):
    """Every address that a page names, and the place in it."""
    every = pages(site)
    anchors = {page: set(re.findall(r'\bid="?([^"\s>]+)', text)) for page, text in every.items()}
    broken = []
    for page, text in every.items():
        for found in re.findall(r'\b(?:href|src)="?([^"\s>]+)', text):
            address, anchor = urldefrag(found)
            if "://" in address or address.startswith(("mailto:", "data:")):
                continue
            to = (page.parent / unquote(address)).resolve() if address else page
            to = to / "index.html" if to.is_dir() else to
            if not to.is_file() or (anchor and to in anchors and anchor not in anchors[to]):
                broken.append(f"{page.relative_to(site)}: {found}")
    assert broken == []


def test_nothing_in_a_page_is_refused_by_the_policy(site):
    for page, text in pages(site).items():
        assert not re.search(r"<script(?![^>]*(?:\bsrc=|application/json))", text), page
        assert not re.search(r"<style|\sstyle=|\son\w+=\"", text), page
        assert not re.search(r'<(?:script|link|img)[^>]*(?:src|href)="?https?:', text), page


def test_a_theme_that_writes_styles_elsewhere_is_noticed():
    with pytest.raises(ValueError, match="0 <style>"):
        docs.without_styles("let nothing")


def test_links_out_of_the_pages_become_words():
    page = docs.PAGES / "security.md"
    assert docs.within("see [the runner](../runner/plan.py)!", page) == "see the runner!"
    assert (
        docs.within("[a](https://example.com) [b](#c)", page) == "[a](https://example.com) [b](#c)"
    )
