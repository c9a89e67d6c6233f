"""Where a browser may be sent back to: the console, or a program on one's own computer."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.rules.returns import check_return_to, with_answer

CONSOLE = "https://console.example.com"


@pytest.mark.parametrize(
    "url",
    [
        "https://console.example.com/",
        "https://console.example.com",
        "https://console.example.com:443/back?x=1",
        "http://127.0.0.1:53211/",
        "http://127.0.0.1:53211/callback?a=b",
        "http://localhost:1/x",
    ],
)
def test_good(url):
    assert check_return_to(url, CONSOLE) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/",
        "//console.example.com/",
        "https://evil.example/",
        "https://console.example.com.evil.example/",
        "https://console.example.com@evil.example/",
        "https://evil.example\\@console.example.com/",
        "https://console.example.com:8443/",
        "http://console.example.com/",
        "https://console.example.com/#x",
        "https://console.example.com/#",
        "https://user@console.example.com/",
        "https://:@console.example.com/",
        "http://127.0.0.1/",
        "http://127.0.0.1:0/",
        "https://127.0.0.1:8443/",
        "http://127.0.0.1.evil.example:80/",
        "http://127.0.0.1:80@evil.example/",
        "http://localhost.evil.example:80/",
        "http://0.0.0.0:80/",
        "http://127.1:80/",
        "http://2130706433:80/",
        "http://[::ffff:127.0.0.1]:80/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:80\r\nSet-Cookie: x=1",
        "http://127.0.0.1:80/\u2028",
        "javascript:alert(1)//http://127.0.0.1:80/",
        "data:text/html,x",
        "clouddeck://127.0.0.1:80/",
        "http://127.0.0.1:80/" + "a" * 500,
    ],
)
def test_bad(url):
    with pytest.raises(ValueError, match="address to return to"):
        check_return_to(url, CONSOLE)


def test_without_a_console_only_loopback_is_left():
    with pytest.raises(ValueError, match="belongs to the console"):
        check_return_to("https://console.example.com/", "")


@given(st.text(max_size=60))
def test_whatever_is_accepted_leads_to_one_of_two_hosts(text):
    for url in (text, f"https://{text}", f"http://127.0.0.1:80{text}", f"{CONSOLE}{text}"):
        try:
            check_return_to(url, CONSOLE)
        except ValueError:
            continue
        assert urlsplit(url).hostname in {"127.0.0.1", "localhost", "console.example.com"}
        found = urlsplit(with_answer(url, code="c"))
        assert found.netloc == urlsplit(url).netloc
        assert parse_qs(found.query)["code"] == ["c"]


def test_an_answer_replaces_what_looks_like_one():
    back = with_answer("http://127.0.0.1:9/x?a=1&code=old&error=old", error="access_denied")
    assert parse_qs(urlsplit(back).query) == {"a": ["1"], "error": ["access_denied"]}
    assert with_answer("http://127.0.0.1:9", code="a b&c") == "http://127.0.0.1:9/?code=a+b%26c"
