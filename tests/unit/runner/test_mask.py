import base64
import json
import urllib.parse

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from runner.lines import LONGEST, Lines
from runner.mask import MARK, Mask

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="•"), max_size=40)
SECRET = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters="•\x7f"),
    min_size=8,
    max_size=60,
).filter(lambda s: s == s.strip() and s.splitlines() == [s])
ENCODINGS = {
    "raw": lambda s: s,
    "json": lambda s: json.dumps(s)[1:-1],
    "json utf-8": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    "json in json": lambda s: json.dumps(json.dumps(s))[3:-3],
    "url": lambda s: urllib.parse.quote(s, safe=""),
    "url path": urllib.parse.quote,
    "url plus": urllib.parse.quote_plus,
    "hex": lambda s: s.encode().hex(),
    "HEX": lambda s: s.encode().hex().upper(),
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64 url": lambda s: base64.urlsafe_b64encode(s.encode()).decode(),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(secret=SECRET, before=TEXT, after=TEXT)
def test_no_form_gets_through(encoding, secret, before, after):
    form = ENCODINGS[encoding](secret)
    assume(form not in before and form not in after)
    masked = Mask([secret])(before + form + after)
    assert form not in masked
    assert MARK in masked


@given(secret=SECRET, before=st.binary(max_size=9), after=st.binary(max_size=9))
def test_base64_of_a_longer_text(secret, before, after):
    text = base64.b64encode(before + secret.encode() + after).decode()
    masked = Mask([secret])(text)
    assert MARK in masked
    assert len(masked.replace(MARK, "")) <= len(text) - len(secret.encode()) * 8 // 6 + 2


@given(st.lists(SECRET, min_size=1, max_size=4), st.data())
def test_overlapping_secrets(secrets, data):
    text = "".join(data.draw(st.sampled_from(secrets)) for _ in range(4))
    masked = Mask(secrets)(text)
    assert not any(secret in masked for secret in secrets)


def test_overlap_hides_both():
    assert Mask(["abcd", "cdefgh"])("abcdefgh!") == f"{MARK}!"


def test_multi_line_secret_is_hidden_line_by_line():
    mask = Mask(["-----BEGIN\nabcdefghij\nklmnopqrst\n"])
    assert mask("x abcdefghij y") == f"x {MARK} y"
    assert mask("klmnopqrst") == MARK


def test_wrapped_base64():
    secret = "".join(chr(33 + i % 90) for i in range(200))
    mask = Mask([secret])
    lines = base64.encodebytes(secret.encode()).decode().split()
    assert all(mask(line) == MARK for line in lines[:-1])


def test_short_and_empty_values_are_left_alone():
    assert Mask(["", "1", "abc", "   \n  "])("1 abc") == "1 abc"


@given(SECRET, st.integers(0, 80), st.text("xyz", max_size=60))
def test_limit_never_shows_part_of_a_secret(secret, limit, before):
    assume(len(set(secret)) > 4 and not set("xyz") & set(secret))
    shown = Mask([secret])(before + secret + "xyz", limit)
    assert shown in (before[:limit], before + MARK, (before + MARK + "xyz")[: len(shown)])


@given(
    st.lists(st.binary(max_size=50).filter(lambda b: b"\n" not in b and b"\r" not in b)),
    st.lists(st.integers(1, 20)),
)
@example([b"a" * 50, b""], [1])
def test_lines_do_not_depend_on_chunks(lines, sizes):
    stream = b"".join(line + b"\n" for line in lines) + b"end"
    reader, found, at = Lines(), [], 0
    for size in [*sizes, len(stream)]:
        found += reader.feed(stream[at : at + size])
        at += size
    assert found + reader.end() == [*lines, b"end"]


def test_an_endless_line_takes_no_memory():
    reader = Lines(spare=100)
    for _ in range(1000):
        assert reader.feed(b"x" * 65536) == []
    (line,) = reader.feed(b"\n")
    assert LONGEST + 100 < len(line) < 5 * LONGEST
    assert reader.feed(b"next\n") == [b"next"]


def test_a_progress_bar_shows_its_last_state():
    reader = Lines()
    for percent in range(20_000):
        assert reader.feed(b"\r%d done" % percent) == []
    assert reader.feed(b"\r\n") == [b"19999 done"]
