"""XML of strangers: what is read, and what is not."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from chalicelib.accounts.rules import xml


def test_what_is_read():
    root = xml.parse(
        b'<?xml version="1.0" encoding="UTF-8"?><a x="1"><b xmlns="u">t&amp;<c/></b></a>'
    )
    assert (root.tag, root.get("x")) == ("a", "1")
    assert root[0].tag == "{u}b"
    assert root[0].text == "t&"
    assert xml.name_of(root[0]) == "b"


def test_comments_only_where_asked():
    with pytest.raises(xml.Refused, match="comments"):
        xml.parse(b"<a>b<!-- -->c</a>")
    assert xml.parse(b"<a>b<!-- -->c</a>", comments=True).text == "bc"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"no",
        b"<a>",
        b"<a/><b/>",
        b"<!DOCTYPE a><a/>",
        b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        b"<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://127.0.0.1/'> %x;]><a/>",
        b"<a>&unknown;</a>",
        b"<?php x?><a/>",
        b"<a><?x y?></a>",
        b"\xff\xfea\x00",
        b"<a>\xff</a>",
        b"<?xml version='1.0' encoding='utf-7'?><a/>",
        b"<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
        b"<a x='1' x='2'/>",
        b"<a>\x00</a>",
        b"<a>" * 41 + b"</a>" * 41,
        b"<a>" + b"<b/>" * 5000 + b"</a>",
        b"<a>" + b"x" * xml.MAX_BYTES + b"</a>",
    ],
)
def test_what_is_not(text):
    with pytest.raises(xml.Refused):
        xml.parse(text)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(text):
    with contextlib.suppress(xml.Refused):
        xml.parse(text)


NAME = st.sampled_from(["a", "b", "c"])
TREE = st.recursive(
    st.builds(lambda n, t: f"<{n}>{t}</{n}>", NAME, st.sampled_from(["", "x", "&lt;", "\u00e4"])),
    lambda inner: st.builds(
        lambda n, children: f"<{n} xmlns:p='u'>{''.join(children)}</{n}>",
        NAME,
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)


@given(TREE)
def test_two_readers_see_the_same(text):
    def shape(element):
        return element.tag, element.text or "", [shape(child) for child in element]

    assert shape(xml.parse(text.encode())) == shape(etree.fromstring(text.encode()))
