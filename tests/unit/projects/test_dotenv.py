"""Reading `.env` files: what people write, what `deck env pull` writes, and what is hostile."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.projects.rules import dotenv
from cli.commands.env import quoted

FILE = """\
# a comment

export NAME=value
 SPACED = two words   # and a comment
HASH=a#b
EMPTY=
DOUBLE="one\\ntwo \\"three\\" \\$HOME \\q" # said
SINGLE='as \\n it is $HOME'
BACK=`it's "so"`
MANY="first
second"
KEY='-----BEGIN
x
-----END'
URL=https://example.com/?a=b
"""


def values(text: str) -> dict[str, str]:
    found = dotenv.read(text)
    assert found.faults == ()
    return {entry.name: entry.value for entry in found.entries}


def test_what_people_write() -> None:
    assert values(FILE) == {
        "NAME": "value",
        "SPACED": "two words",
        "HASH": "a#b",
        "EMPTY": "",
        "DOUBLE": 'one\ntwo "three" $HOME \\q',
        "SINGLE": "as \\n it is $HOME",
        "BACK": 'it\'s "so"',
        "MANY": "first\nsecond",
        "KEY": "-----BEGIN\nx\n-----END",
        "URL": "https://example.com/?a=b",
    }
    assert [e.line for e in dotenv.read(FILE).entries] == [3, 4, 5, 6, 7, 8, 9, 10, 12, 15]
    assert values("\ufeff" + FILE.replace("\n", "\r\n")) == values(FILE)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("A", [(1, "invalid_env_line")]),
        ("A: 1", [(1, "invalid_env_line")]),
        ("=x", [(1, "invalid_env_line")]),
        ("A='x", [(1, "unclosed_quote")]),
        ('A="x\\"\nB=1', [(1, "unclosed_quote")]),
        ("A='x' y", [(1, "invalid_env_line")]),
        ("A=1\nB=2\nA=3", [(3, "duplicate_env")]),
        ("export\nA=1\n'", [(1, "invalid_env_line"), (3, "invalid_env_line")]),
    ],
)
def test_what_cannot_be_read_is_named_by_its_line(text: str, faults: list[tuple[int, str]]) -> None:
    assert [(f.line, f.code) for f in dotenv.read(text).faults] == faults


def test_lines_below_an_open_quote_are_judged_too() -> None:
    found = dotenv.read("A='open\nB=1\n!!\n")
    assert [(f.line, f.code) for f in found.faults] == [
        (1, "unclosed_quote"),
        (3, "invalid_env_line"),
    ]
    assert [(e.line, e.name, e.value) for e in found.entries] == [(2, "B", "1")]


_names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,10}", fullmatch=True)
_values = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)


@settings(deadline=None)
@given(st.dictionaries(_names, _values, max_size=6))
@example({"A": "a\r\nb", "B": "\\", "C": '\\"', "D": "$x `y`", "E": " # ", "F": "\\n"})
def test_what_deck_writes_is_read_back(variables: dict[str, str]) -> None:
    text = "".join(f"{name}={quoted(value)}\n" for name, value in variables.items())
    assert values(text) == variables


@given(st.text(st.sampled_from("AB=\"'`\\\n #$x\r\t"), max_size=60))
def test_no_text_breaks_it_and_no_value_is_in_a_fault(text: str) -> None:
    found = dotenv.read(text)
    lines = {e.line for e in found.entries} | {f.line for f in found.faults}
    assert all(1 <= line <= text.count("\n") + 1 for line in lines)
    assert len({e.name for e in found.entries}) == len(found.entries)


@pytest.mark.parametrize("line", ["A='\n", 'A="\n', 'A="\\"\n', "A=`'\"\n", "x\n", "A=\\\n"])
def test_hostile_files_take_no_time(line: str) -> None:
    started = time.process_time()
    dotenv.read(line * (100_000 // len(line)))
    assert time.process_time() - started < 2


def test_values_are_in_no_representation() -> None:
    assert "hush" not in repr(dotenv.read("A=hush\nB='hush"))


KEY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7"
LAST = "qL3kVb0f9Zx2Tt8Nw1Pp6Rr4Ss5Uu7YyAaBbCcDdEeF="


@pytest.mark.parametrize(
    "text",
    [
        f"PRIVATE=-----BEGIN PRIVATE KEY-----\n{KEY}\n{LAST}\n-----END PRIVATE KEY-----",
        f"PRIVATE='-----BEGIN PRIVATE KEY-----\n{KEY}\n{LAST[:-2]}==\n",
        f"{LAST}\n{LAST}",
        f"{KEY}/+{KEY}=x",
        f"sk_live_{KEY[:20]}-tail=",
        f"A={KEY}\nA={LAST}",
        f"A='{KEY}' {LAST}",
    ],
)
def test_what_is_said_of_a_file_holds_no_part_of_a_key(text: str) -> None:
    found = dotenv.read(text)
    said = " ".join(f"{fault.name} {fault.detail}" for fault in found.faults)
    said += " ".join(dotenv.told(entry.name) for entry in found.entries)
    for part in (KEY[:12], LAST[:12], "sk_live"):
        assert part not in said


@pytest.mark.parametrize("line", ["NEXT_PUBLIC_A=", "DATABASE_URL1=", "apiKey=", "A=b=="])
def test_names_with_nothing_behind_them_are_no_keys(line: str) -> None:
    assert [entry.name for entry in dotenv.read(line).entries] == [line.partition("=")[0]]
