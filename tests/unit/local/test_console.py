"""The gateway hands out the console, with this machine's addresses and a strict policy."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from adapters.local.gateway.console import PAGES, Console


def asked(console: Console, path: str, method: str = "GET") -> tuple[dict, dict[str, str], str]:
    sent: list[dict] = []

    async def receive() -> dict:
        raise AssertionError("nothing is read")

    async def send(message: dict) -> None:
        sent.append(message)

    asyncio.run(console({"path": path, "method": method}, receive, send))
    headers = {k.decode().lower(): v.decode() for k, v in sent[0]["headers"]}
    return sent[0], headers, b"".join(m.get("body", b"") for m in sent[1:]).decode()


def test_every_file_of_the_console_is_there():
    console = Console()
    for path in PAGES.rglob("*"):
        if path.is_file():
            assert console.has("/" + path.relative_to(PAGES).as_posix()), path


@pytest.mark.parametrize("path", ["/../app.py", "/app", "/v1/meta", "/.git/config", "//index.html"])
def test_nothing_else_is(path):
    assert not Console().has(path)


def test_the_page_and_its_policy():
    start, headers, body = asked(Console(), "/")
    assert start["status"] == 200
    assert headers["content-type"].startswith("text/html")
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert body == (PAGES / "index.html").read_text()


def test_the_addresses_of_this_machine():
    _, _, body = asked(Console(), "/config.json")
    known = json.loads(body)
    assert known["api"].startswith("http")
    assert known["live"].startswith("ws")


def test_a_script_is_a_script_and_head_has_no_body():
    _, headers, body = asked(Console(), "/console.js", "HEAD")
    assert headers["content-type"].startswith("text/javascript")
    assert body == ""


def test_scripts_import_only_what_is_there():
    for script in PAGES.rglob("*.js"):
        for line in script.read_text().splitlines():
            if line.startswith(("import ", "export * from")):
                wanted = line.rsplit("'", 2)[1]
                assert (script.parent / wanted).resolve().is_file(), f"{script}: {wanted}"


def test_pages_hold_no_inline_script_or_style():
    for page in Path(PAGES).rglob("*.html"):
        text = page.read_text()
        assert "<style" not in text
        assert " style=" not in text
        assert "onclick=" not in text
        assert text.count("<script") == text.count('<script type="module" src=')
