"""What the pages say of variables, make targets and each other."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from chalicelib.core import config
from tests.unit.docs.codes import ROOT

PRODUCT = ("adapters", "chalicelib", "cli", "functions", "runner")
VARIABLE = re.compile(r"(?:CLOUDDECK|DECK)_[A-Z0-9_]+\Z")
INTERNAL = {
    *("CLOUDDECK_BUILD_TOKEN", "CLOUDDECK_WORKSPACE", "CLOUDDECK_SANDBOX"),  # what a runner gets:
    "CLOUDDECK_PROXY_SOCKET",  # architecture.md, section 6
    *("CLOUDDECK_PRODUCTION_BRANCH", "CLOUDDECK_REFUSED", "CLOUDDECK_FLOW"),
    *("CLOUDDECK_PUSHER", "CLOUDDECK_PYTHON", "CLOUDDECK_SUPERVISED", "CLOUDDECK_SLOT"),
}
"""Set by one of our processes for its own child; a person never sets them."""


def tracked(*patterns: str) -> list[Path]:
    """Files in git."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def read_by_the_code() -> dict[str, str]:
    """Our variables that stand as a whole text in the product, and one place of each."""
    found: dict[str, str] = {}
    for package in PRODUCT:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                value = getattr(node, "value", None) if isinstance(node, ast.Constant) else None
                if isinstance(value, str) and VARIABLE.match(value):
                    found.setdefault(value, str(path.relative_to(ROOT)))
    return found


def words(*pages: str) -> set[str]:
    """What stands in backticks on these pages."""
    texts = [(ROOT / page).read_text() for page in pages]
    return {word for text in texts for word in re.findall(r"`([A-Za-z_][A-Za-z0-9_]*)`", text)}


def test_every_setting_of_an_installation_is_on_the_operating_page():
    assert set(config._ENVIRONMENT) - words("docs/operate.md") == set()


def test_every_variable_of_the_product_is_described():
    described = words("docs/operate.md", "docs/cli.md", "docs/architecture.md")
    missing = {n: p for n, p in read_by_the_code().items() if n not in described | INTERNAL}
    assert missing == {}


def test_no_variable_is_described_that_nobody_reads():
    named = {word for word in words("docs/operate.md") if VARIABLE.match(word)}
    assert named - set(read_by_the_code()) - {"CLOUDDECK_"} == set()


def test_defaults_on_the_operating_page():
    rows = dict(
        re.findall(r"^\| `(\w+)` \| `?([^|`]*?)`? \|", (ROOT / "docs/operate.md").read_text(), re.M)
    )
    plain = config.Settings()
    for variable, field in config._ENVIRONMENT.items():
        if field not in {"home", "local_secret", "slots"}:  # slots: what the cloud has
            assert rows[variable] == str(getattr(plain, field)), variable


def test_every_make_target_is_mentioned():
    targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.M)
    pages = "".join((ROOT / p).read_text() for p in ("README.md", "CONTRIBUTING.md"))
    assert targets
    assert [target for target in targets if f"make {target}" not in pages] == []


def test_no_make_target_is_mentioned_that_is_not_there():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    pages = "".join(path.read_text() for path in tracked("*.md"))
    assert set(re.findall(r"`make ([a-z]+)`", pages)) - targets == set()


@pytest.mark.parametrize("page", [str(path.relative_to(ROOT)) for path in tracked("*.md")])
def test_links_lead_somewhere(page):
    text = re.sub(r"^```.*?^```", "", (ROOT / page).read_text(), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target or target.startswith(("mailto:", "#", "/")):
            continue
        path, _, anchor = target.partition("#")
        found = (ROOT / page).parent / path
        assert found.exists(), f"{page} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", found.read_text(), re.M)
            assert anchor in {_anchor(heading) for heading in headings}, f"{page} links to {target}"


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def test_the_index_lists_every_page():
    index = (ROOT / "docs" / "README.md").read_text()
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert {page for page in pages if f"({page})" not in index} == set()


def test_nothing_points_at_somebodys_machine():
    """No folder of a developer's machine; no package registry but in lock files (decision 4)."""
    parts = (
        "/" + "work/",
        r"\bopt/" + "pypi",
        "pypi" + r"\.org",
        "python" + "hosted",
        "npm" + "js",
    )
    forbidden = re.compile("|".join(parts))
    guilty = []
    for path in tracked():
        if path.name in {"package-lock.json", "vercel.LICENSE"}:
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        guilty += [f"{path.relative_to(ROOT)}: {m[0]}" for m in forbidden.finditer(text)]
    assert not guilty


def test_lock_files_name_only_the_public_registry():
    for path in tracked("*package-lock.json"):
        hosts = set(re.findall(r'"resolved": "https?://([^/"]+)/', path.read_text()))
        assert hosts <= {"registry." + "npm" + "js.org"}, path.relative_to(ROOT)
