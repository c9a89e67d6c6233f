"""A real browser opens a site that was just pushed, and the script of the site runs."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.cloud import EXAMPLES, ROOT, Cloud, Person, Site, person_environment

ARTIFACTS = ROOT / "tests" / "artifacts"


@pytest.fixture(scope="module")
def site(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The React example, live."""
    folder = tmp_path_factory.mktemp("browser")
    cloud = Cloud(folder / "home")
    try:
        cloud.up()
        person = Person(cloud, folder / "person")
        person.sign_in()
        made = person.site("vite-react", EXAMPLES / "vite-react")
        made.publish()
        yield made
    finally:
        cloud.down()


def opened(chromium: str, url: str, profile: Path, *more: str) -> str:
    """The page after its scripts have run, as HTML."""
    done = subprocess.run(
        [
            *(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            *("--no-first-run", f"--user-data-dir={profile}", "--window-size=1000,700"),
            *("--no-proxy-server", "--host-resolver-rules=MAP *.localhost 127.0.0.1"),
            *("--virtual-time-budget=5000", *more, url),
        ],
        env=person_environment(profile),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize(
    ("path", "heading"), [("/", "Tides"), ("/about", "About"), ("/elsewhere", "Adrift")]
)
def test_the_script_of_the_site_runs(
    chromium: str, site: Site, tmp_path: Path, path: str, heading: str
) -> None:
    assert "<h1>" not in site.page(path).text, "the server sends no heading; React makes it"
    html = opened(chromium, site.url.rstrip("/") + path, tmp_path, "--dump-dom")
    assert f"<h1>{heading}</h1>" in html
    assert 'role="img"' in html


def test_a_picture_for_people(chromium: str, site: Site, tmp_path: Path) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    (ARTIFACTS / ".gitignore").write_text("*\n")
    picture = ARTIFACTS / "vite-react.png"
    picture.unlink(missing_ok=True)
    opened(chromium, site.url, tmp_path, f"--screenshot={picture}")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 5_000
