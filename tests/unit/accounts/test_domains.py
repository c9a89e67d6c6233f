"""Names of domains: what may be proven, and that no two spellings are two domains."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.rules import domains
from chalicelib.identity.rules import normal_email

LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True).filter(
    lambda label: label[2:4] != "--"
)
DOMAIN = st.builds(
    lambda labels: ".".join([*labels, "com"]), st.lists(LABEL, min_size=1, max_size=4)
)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("Example.COM", "example.com"),
        (" example.com. ", "example.com"),
        ("ex\u00e4mple.com", "xn--exmple-cua.com"),
        ("EX\u00c4MPLE.com", "xn--exmple-cua.com"),
        ("xn--exmple-cua.com", "xn--exmple-cua.com"),
        ("\uff47\uff4d\uff41\uff49\uff4c.com", "gmail.com"),
        ("example\u3002com", "example.com"),
        ("gm\u0430il.com", "xn--gmil-63d.com"),
        ("xn--fa-hia.de", "xn--fa-hia.de"),
        ("a-b.co.uk", "a-b.co.uk"),
    ],
)
def test_one_spelling(text, domain):
    assert domains.normal_domain(text) == domain


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "com",
        "localhost",
        "192.0.2.1",
        "[2001:db8::1]",
        "2001:db8::1",
        "1.2.3",
        "a..com",
        ".example.com",
        "-a.com",
        "a-.com",
        "a_b.com",
        "a b.com",
        "a#b.com",
        "a@b.com",
        "https://example.com",
        "example.com/x",
        "*.example.com",
        "a" * 64 + ".com",
        ".".join(["a" * 60] * 5) + ".com",
        "stra\u00dfe.de",
        "a\u200db.com",
        "xn--gmail-.com",
        "xn--zzzzzzzzzzzz.com",
        "ab--cd.com",
        "printer.local",
        "x.onion",
        "x.test",
        "1.168.192.in-addr.arpa",
        "\u2100.com",
        "a\u202eb.com",
        "a\x00b.com",
    ],
)
def test_no_domain(text):
    with pytest.raises(ValueError):
        domains.normal_domain(text)


@given(st.text(max_size=80))
def test_whatever_is_taken_is_ascii_and_stays_as_it_is(text):
    try:
        found = domains.normal_domain(text)
    except ValueError:
        return
    assert found.isascii()
    assert domains.normal_domain(found) == found
    assert normal_email(f"ada@{found}") == f"ada@{found}"
    assert "#" not in found


@given(DOMAIN)
def test_spelling_does_not_matter(domain):
    try:
        plain = domains.normal_domain(domain)
    except ValueError:
        return
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in domain)
    assert unicodedata.normalize("NFKC", wide) == domain
    for other in (domain.upper(), f"{domain}.", wide, domain.replace(".", "\uff0e")):
        assert domains.normal_domain(other) == plain


@given(DOMAIN, DOMAIN)
def test_below_is_never_beside(domain, other):
    assert domains.lies_below(f"x.{domain}", domain)
    assert not domains.lies_below(f"x{domain}", domain)
    if domains.lies_below(other, domain):
        assert other == domain or other.endswith("." + domain)


def test_public_mail_is_in_its_one_spelling():
    assert {domains.normal_domain(name) for name in domains.PUBLIC_MAIL} == domains.PUBLIC_MAIL


def test_proof():
    token = domains.new_token()
    assert domains.new_token() != token
    right = domains.record_value(token)
    assert domains.proves(["v=spf1 -all", right], token)
    assert domains.proves([f'"{right}" '], token)
    for wrong in ("", token, right + "x", right[:-1], right.upper(), f"x{right}", "\ud800"):
        assert not domains.proves([wrong], token)
    assert not domains.proves([], token)
