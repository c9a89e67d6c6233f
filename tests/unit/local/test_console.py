"""The gateway hands out the console, with this machine's addresses and a strict policy."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
from pathlib import Path

import brotli
import pytest

from adapters.local.gateway.console import Console, policy
from chalicelib.core.config import settings

PAGE = "<!doctype html><title>CloudDeck</title>"
SCRIPT = "console.log('a');\n" * 50


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """What a build leaves, and a secret beside it."""
    built = tmp_path / "dist"
    for name, text in {
        "index.html": PAGE,
        "landing.html": "<!doctype html>Welcome",
        "icon.svg": "<svg/>",
        "assets/index-4f.js": SCRIPT,
        "assets/inter.woff2": "wOF2",
        "docs/index.html": "<!doctype html>docs",
        ".stamp": "1",
    }.items():
        (built / name).parent.mkdir(parents=True, exist_ok=True)
        (built / name).write_text(text)
    (tmp_path / "secret.json").write_text("{}")
    (built / "leak.json").symlink_to(tmp_path / "secret.json")
    return built


def asked(
    console: Console, path: str, method: str = "GET", accept: str = ""
) -> tuple[int, dict[str, str], bytes]:
    sent: list[dict] = []

    async def receive() -> dict:
        raise AssertionError("nothing is read")

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {"path": path, "method": method, "headers": [(b"accept-encoding", accept.encode())]}
    asyncio.run(console(scope, receive, send))
    headers = {k.decode().lower(): v.decode() for k, v in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(m.get("body", b"") for m in sent[1:])


@pytest.mark.parametrize("path", ["/icon.svg", "/assets/index-4f.js", "/assets/inter.woff2"])
def test_every_file_is_there(pages, path):
    assert Console(pages).has(path)
    assert asked(Console(pages), path)[2] == (pages / path.lstrip("/")).read_bytes()


@pytest.mark.parametrize(
    "path", ["/home", "/sign-in", "/projects/a/domains/www.example.com", "/teams/x"]
)
def test_every_address_without_a_file_is_the_page(pages, path):
    status, headers, body = asked(Console(pages), path)
    assert (status, body) == (200, PAGE.encode())
    assert headers["content-type"].startswith("text/html")
    assert headers["cache-control"] == "no-cache"


def test_a_folder_with_a_page_of_its_own_is_that_page(pages):
    assert asked(Console(pages), "/docs/")[2] == b"<!doctype html>docs"


@pytest.mark.parametrize("path", ["/docs", "//docs"])
def test_it_is_there_with_a_slash_because_its_links_are_relative(pages, path):
    status, headers, _ = asked(Console(pages), path)
    assert (status, headers["location"]) == (308, "/docs/")


@pytest.mark.parametrize(
    "path",
    [
        *("/../secret.json", "/absent.js", "/assets/old-1.js", "/.stamp", "/leak.json"),
        *("/assets/..%2f..%2fsecret.json", "/assets/../../secret.json", "/x\0.js"),
    ],
)
def test_nothing_else_is(pages, path):
    assert not Console(pages).has(path)


@pytest.mark.parametrize("path", ["/assets/../index.html", "/a/..", "/./icon.svg", "/a\\b", "x"])
def test_no_file_has_a_second_address(pages, path):
    assert not Console(pages).has(path)


@pytest.mark.parametrize("path", ["/assets/absent", "/assets/", "/docs/", "/icon.svg"])
def test_what_is_not_named_by_its_content_is_not_kept(pages, path):
    assert asked(Console(pages), path)[1]["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/projects/" + "a" * 300, "/" + "a/" * 2000, "/" + "ü" * 200])
def test_a_name_longer_than_any_file_is_the_page(pages, path):
    assert asked(Console(pages), path)[2] == PAGE.encode()


@pytest.mark.parametrize("path", ["/" + "a" * 300 + ".js", "/" + "a/" * 3000])
def test_an_address_that_is_too_long_is_absent(pages, path):
    assert not Console(pages).has(path)


def test_without_a_build_there_is_no_page(tmp_path):
    assert not Console(tmp_path / "dist").has("/")


def test_no_script_and_no_style_but_files_of_its_own(pages):
    headers = asked(Console(pages), "/")[1]
    found = headers["content-security-policy"]
    assert "script-src 'self';" in found
    assert "style-src 'self';" in found
    assert "unsafe" not in found
    assert policy("x", "y").startswith("default-src 'none'")


def test_frames_show_sites_and_nothing_else(pages):
    found = asked(Console(pages), "/")[1]["content-security-policy"]
    directives = dict(part.split(" ", 1) for part in found.split("; "))
    now = settings()
    assert directives["frame-src"] == now.sites_url.format(host=f"*.{now.sites_domain}")
    assert "frame-src https://*.a.example;" in policy("x", "https://*.a.example")


def test_the_addresses_of_this_machine(pages):
    known = json.loads(asked(Console(pages), "/config.json")[2])
    assert known["api"].startswith("http")
    assert known["live"].startswith("ws")


def test_what_is_named_by_its_content_is_kept_for_ever(pages):
    headers = asked(Console(pages), "/assets/index-4f.js")[1]
    assert "immutable" in headers["cache-control"]
    assert headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize(
    ("accept", "coding", "unpack"),
    [
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("gzip;q=0.9", "gzip", gzip.decompress),
        ("identity", None, bytes),
    ],
)
def test_text_is_packed_as_one_takes_it_and_made_anew_when_it_changed(
    pages, accept, coding, unpack
):
    console = Console(pages)
    for second, text in enumerate((SCRIPT, SCRIPT * 2)):
        (pages / "assets/index-4f.js").write_text(text)
        os.utime(pages / "assets/index-4f.js", (second, second))  # two writes may be one tick
        _, headers, body = asked(console, "/assets/index-4f.js", accept=accept)
        assert headers.get("content-encoding") == coding
        assert unpack(body).decode() == text
    assert "content-encoding" not in asked(console, "/assets/inter.woff2", accept=accept)[1]


def test_head_has_no_body(pages):
    _, headers, body = asked(Console(pages), "/icon.svg", "HEAD")
    assert (headers["content-length"], body) == ("6", b"")
