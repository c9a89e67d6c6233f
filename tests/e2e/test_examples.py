"""The four examples: from `git push` to pages that a browser can use."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from typing import Any

import pytest

from tests.e2e.asking import Json, until
from tests.e2e.person import Site

Examples = dict[str, tuple[Site, Json]]
NAMES = ("eleventy", "mkdocs", "static-2000", "vite-react")


@pytest.mark.parametrize("name", NAMES)
def test_a_push_becomes_a_live_site(examples: Examples, name: str) -> None:
    site, deployment = examples[name]
    assert (deployment["state"], deployment["target"], deployment["branch"]) == (
        "ready",
        "production",
        "main",
    )
    assert deployment["live"] is True
    assert deployment["source"] == "git"
    home = site.page("/")
    assert (home.status, home.type) == (200, "text/html")
    own = site.page("/", deployment["url"])
    assert own.body == home.body


@pytest.mark.parametrize("name", NAMES)
def test_every_stage_has_its_times(examples: Examples, name: str) -> None:
    _site, deployment = examples[name]
    stages = deployment["stages"]
    assert len(stages) == 6
    assert {stage["state"] for stage in stages} == {"done"}
    moments = [deployment["created_at"]]
    for stage in stages:
        moments += [stage["started_at"], stage["ended_at"]]
    moments = [datetime.fromisoformat(moment) for moment in moments]
    assert moments == sorted(moments)
    assert abs(datetime.fromisoformat(deployment["finished_at"]) - moments[-1]).total_seconds() < 1
    assert deployment["ready_at"] is not None
    assert deployment["error"] is None


@pytest.mark.parametrize(
    ("name", "framework"),
    [("eleventy", "eleventy"), ("mkdocs", "mkdocs"), ("vite-react", "vite")],
)
def test_the_framework_is_detected(examples: Examples, name: str, framework: str) -> None:
    site, deployment = examples[name]
    assert site.detected["framework"] == framework
    assert deployment["framework"] == framework


def test_vite_react_loads_its_assets(examples: Examples) -> None:
    site, deployment = examples["vite-react"]
    page = site.page("/").text
    assert "<title>Tides</title>" in page
    script = re.search(r'src="(/assets/[^"]+\.js)"', page)
    style = re.search(r'href="(/assets/[^"]+\.css)"', page)
    assert script
    assert style
    assert site.page(script[1]).type == "text/javascript"
    assert site.page(script[1]).headers["etag"]
    assert b"Tides" in site.page(script[1]).body
    assert site.page(style[1]).type == "text/css"
    assert site.page("/favicon.svg").type == "image/svg+xml"
    packed = site.page(script[1], Accept_Encoding="br, gzip")
    assert packed.headers["content-encoding"] in {"br", "gzip"}
    assert len(packed.body) < len(site.page(script[1]).body)
    assert deployment["files"] >= 4


def test_a_single_page_app_answers_every_address(examples: Examples) -> None:
    site, _ = examples["vite-react"]
    assert site.page("/about").body == site.page("/").body
    assert site.page("/any/where").status == 200
    assert site.page("/any/where", Accept="application/json").status == 404
    assert site.page("/assets/gone.js").status == 404


def test_eleventy_has_pages_and_a_404_of_its_own(examples: Examples) -> None:
    site, _ = examples["eleventy"]
    assert site.page("/style.css").type == "text/css"
    assert site.page("/about/").status == 200
    links = set(re.findall(r'href="(/notes/[^"]+)"', site.page("/").text))
    assert len(links) >= 3
    for link in links:
        assert site.page(link).status == 200
    missing = site.page("/nothing/here")
    assert missing.status == 404
    assert missing.type == "text/html"
    assert missing.body == site.page("/404").body
    assert "Back to the notes" in missing.text


def test_mkdocs_is_a_handbook(examples: Examples) -> None:
    site, _ = examples["mkdocs"]
    assert "Harbour" in site.page("/").text
    assert "Mooring" in site.page("/mooring/").text
    index = site.page("/search/search_index.json")
    assert index.type == "application/json"
    assert {"docs", "config"} <= set(index.json)
    folder = site.page("/weather")
    assert folder.status in {200, 301, 302, 307, 308}
    assert site.page("/nothing").status == 404


def test_two_thousand_files_are_all_there(examples: Examples) -> None:
    site, deployment = examples["static-2000"]
    assert deployment["files"] == 2000
    listed = site.api.items(f"/deployments/{deployment['id']}/files")
    assert len(listed) == 2000
    assert deployment["bytes"] == sum(file["size"] for file in listed)
    here = {
        str(path.relative_to(site.folder)): path.read_bytes()
        for path in site.folder.rglob("*")
        if path.is_file() and not path.relative_to(site.folder).parts[0].startswith(".")
    }
    assert {f["path"]: f["sha256"] for f in listed} == {
        path: hashlib.sha256(content).hexdigest() for path, content in here.items()
    }
    types = {"html": "text/html", "svg": "image/svg+xml", "json": "application/json"}
    for path in sorted(here)[::97]:
        answer = site.page(f"/{path.removesuffix('.html')}")
        assert (answer.status, answer.body) == (200, here[path])
        assert answer.type == types[path.rpartition(".")[2]]
    assert json.loads(site.page("/data/00001.json").body)["id"] == "00001"
    moved = site.page("/cards/00001.html")
    assert (moved.status, moved.headers["location"]) == (308, "/cards/00001")
    assert site.page("/cards/99999.html").status == 404


def test_a_second_branch_is_a_preview(examples: Examples) -> None:
    site, main = examples["eleventy"]
    before = site.page("/").body
    site.git("switch", "--quiet", "--create", "feature/tide")
    about = (site.folder / "src" / "about.md").read_text()
    preview = site.publish({"src/about.md": about + "\nOnly in the preview.\n"}, "feature/tide")
    site.git("switch", "--quiet", "main")
    assert (preview["target"], preview["branch"]) == ("preview", "feature/tide")
    assert preview["live"] is False
    assert "Only in the preview." in site.page("/about/", preview["url"]).text
    assert "Only in the preview." not in site.page("/about/").text
    assert "Only in the preview." not in site.page("/about/", main["url"]).text
    assert site.page("/").body == before


def test_the_same_commit_again_uploads_nothing(examples: Examples) -> None:
    """Its blobs are there already: the store holds the same keys before and after."""
    site, first = examples["vite-react"]
    blobs = site.cloud.objects("blobs/")
    again = site.api.post(f"/projects/{site.id}/deployments", {"commit": first["commit"]})
    assert again["id"] != first["id"]
    second = site.api.ready(again["id"])
    assert _contents(site, second) == _contents(site, first)
    assert site.cloud.objects("blobs/") == blobs
    log = [line["text"] for line in site.api.lines(second["id"]) if line["stage"] == "upload"]
    assert any("0 of" in text or "nothing" in text.lower() for text in log), log
    assert second["cache_hit"] is True


def _contents(site: Site, deployment: Json) -> list[Any]:
    listed = site.api.items(f"/deployments/{deployment['id']}/files")
    team = site.project["team"]
    keys = {f"blobs/{team}/{file['sha256']}" for file in listed}
    assert keys <= site.cloud.objects(f"blobs/{team}/")
    return [(file["path"], file["sha256"]) for file in listed]


def test_no_host_that_is_not_a_site_is_answered(examples: Examples) -> None:
    site, deployment = examples["mkdocs"]
    port = site.cloud.port + 1
    assert site.page("/", f"http://nobody.localhost:{port}").status == 404
    other, _ = examples["eleventy"]
    label = deployment["id"].removeprefix("dpl_")
    foreign = f"http://{label}--{other.project['slug']}.localhost:{port}"
    assert site.page("/", foreign).status == 404
    assert until(lambda: site.page("/").status == 200, 5)
