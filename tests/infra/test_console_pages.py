"""The console's pages: they keep to the policy, and every address that they name is there."""

from __future__ import annotations

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
CONSOLE = CHECKOUT / "console"
BUILT = CONSOLE / "dist"
"""What `tools/setup dev` makes of it."""


class Found(HTMLParser):
    """What a page asks for, and what a strict policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.files: set[str] = set()
        self.refused: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.files |= {
            str(given[name])
            for name in ("src", "href")
            if given.get(name) and tag in {"img", "link", "script"}
        }
        self.refused += [f"{tag} {name}" for name in given if name == "style" or name[:2] == "on"]
        self._in_script = tag in {"script", "style"} and not given.get("src")

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.refused.append(data)


def test_the_pages_keep_to_the_policy_and_find_their_files() -> None:
    pages = sorted(BUILT.glob("*.html"))
    assert pages
    for page in pages:
        found = Found()
        found.feed(page.read_text())
        assert found.refused == [], page
        assert any(name.startswith("/assets/") and name.endswith(".js") for name in found.files)
        for name in found.files:
            assert (BUILT / name.strip("/")).is_file(), f"{page} asks for {name}"


def test_the_first_page_is_small() -> None:
    page = Found()
    page.feed((BUILT / "index.html").read_text())
    scripts = [name for name in page.files if name.endswith(".js")]
    packed = [len(gzip.compress((BUILT / name.strip("/")).read_bytes())) for name in scripts]
    assert 50_000 < sum(packed) < 300_000


def test_no_source_writes_html_that_it_was_given() -> None:
    scripts = [one for one in (CONSOLE / "src").rglob("*.ts*") if one.name != "schema.d.ts"]
    assert len(scripts) > 100
    for script in scripts:
        text = script.read_text()
        for word in ("innerHTML", "dangerouslySetInnerHTML", "eval(", "document.write"):
            assert word not in text, f"{script}: {word}"


def _places() -> set[str]:
    """The addresses in the console's table, which lies at the top of its sources."""
    tables = [path.read_text() for path in (CONSOLE / "src").glob("*.ts*")]
    return set(re.findall(r"\b(?:doors?|inside)\('(/[^']*)'", "".join(tables)))


def test_every_link_of_the_navigation_leads_to_a_page() -> None:
    text = (CONSOLE / "src" / "shell" / "navigation.ts").read_text()
    linked = set(re.findall(r"to: [`'](/[^`']*)", text))
    assert len(linked) > 20
    assert {re.sub(r"\$\{(\w+)\}", r"$\1", name) for name in linked} <= _places()


def test_letters_lead_to_pages_of_the_console() -> None:
    """What the API writes into its mails and answers stands in the table of pages."""
    pages = _places()
    written = {
        name
        for path in (CHECKOUT / "chalicelib").rglob("*.py")
        for name in re.findall(r"/#(/[\w-]+)", path.read_text())
    }
    assert {"/invitations", "/device"} <= written
    assert written <= pages


def test_the_commands_on_its_pages_are_some_that_deck_knows() -> None:
    from typer.testing import CliRunner

    from cli.app import app as deck

    sources = [*(CONSOLE / "src").rglob("*.tsx"), *(CONSOLE / "src").rglob("*.ts")]
    found = {
        command
        for path in sources
        for command in re.findall(r"[`'>\"]deck ([^`'\"<\n]+)[`'\"<]", path.read_text())
        if not command.endswith(".")  # a sentence about it
    }
    assert any(command.startswith("login --api") for command in found)
    for command in sorted(found):
        words = [word for word in command.split() if "$" not in word and "{" not in word]
        if words[-1].startswith("--"):
            words.pop()  # its value was in the braces
        done = CliRunner().invoke(deck, [*words, "--help"])
        assert done.exit_code == 0, f"deck {command}: {done.output}"
