"""Sentences, CSV and the dialects of collectors."""

from __future__ import annotations

import csv as reader
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.audit.rules import streams
from chalicelib.audit.rules.entries import Draft, Place, Who, entry
from chalicelib.audit.rules.sentences import SAID, sentence
from chalicelib.audit.rules.table import COLUMNS, csv


def one(action="projects.create", **more):
    draft = Draft("req_1", "2026-01-02T03:04:05.678Z", "team_1", action, Who("user", "u"), **more)
    return entry(draft, Place(), "2026-01-02T03:04:06.000Z")


def test_a_sentence():
    found = one(
        "deployments.promote", resource="prj_1", label="blog", after={"deployment": "dpl_9"}
    )
    assert sentence(found, "Ada") == "Ada promoted dpl_9 of blog"


def test_an_action_that_nobody_wrote_a_sentence_for():
    assert sentence(one("teams.do_this", resource="x"), "Ada") == "Ada did “do this” (teams): x"
    assert sentence(one("teams.do_this"), "Ada") == "Ada did “do this” (teams)"


def test_outcomes_are_said():
    assert "not known" in sentence(one(outcome="unknown", after={"name": "x"}), "Ada")
    assert "refused" in sentence(one(outcome="refused", after={"name": "x"}), "Ada")


@pytest.mark.parametrize("action", SAID)
def test_every_sentence_can_do_without_its_words(action):
    assert sentence(one(action), "Ada").startswith("Ada ")


@settings(deadline=None)
@given(st.text(max_size=300))
def test_a_sentence_is_one_line(text):
    try:
        found = one(after={"name": text}, label=text)
    except UnicodeEncodeError:
        return
    assert sentence(found, "Ada").isprintable()


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50))
def test_a_csv_reads_back_and_no_cell_is_a_formula(text):
    text = csv([one(resource=text)], heading=True)
    rows = list(reader.reader(io.StringIO(text, newline="")))
    assert rows[0] == list(COLUMNS)
    assert len(rows) == 2
    assert len(rows[1]) == len(COLUMNS)
    for cell in rows[1]:
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("x")'])
def test_a_formula_gets_a_quote(text):
    line = csv([one(resource=text)], heading=False)
    assert next(reader.reader(io.StringIO(line, newline="")))[6] == f"'{text}"


def test_the_dialects():
    found = [one(), {**one(), "sequence": 2}]
    datadog = streams.parcel("datadog", "team_1", "key", found, 7)
    assert datadog.headers["DD-API-KEY"] == "key"
    assert json.loads(datadog.body)[1]["audit"]["sequence"] == 2
    splunk = streams.parcel("splunk", "team_1", "tok", found, 7)
    assert splunk.headers["Authorization"] == "Splunk tok"
    assert [json.loads(line)["event"]["sequence"] for line in splunk.body.splitlines()] == [1, 2]
    assert json.loads(splunk.body.splitlines()[0])["time"] == 1767323045.678
    https = streams.parcel("https", "team_1", "tok", found, 7)
    assert https.headers["X-CloudDeck-Timestamp"] == "7"
    assert https.headers["X-CloudDeck-Delivery"] == "team_1-1-2"
    assert https.headers["X-CloudDeck-Signature"] == "v1=" + streams.signature(
        "tok", "7", https.body
    )


def test_the_signature_is_hmac_over_time_and_body():
    # echo -n '7.{}' | openssl dgst -sha256 -hmac tok
    assert streams.signature("tok", "7", b"{}") == (
        "dd19c957f3e1dc65fd8169e5cd620b4056593a257b7726d89223694a9a12a1c1"
    )


@pytest.mark.parametrize(
    ("kind", "status", "body", "good"),
    [
        ("datadog", 202, b"{}", True),
        ("datadog", 403, b"", False),
        ("https", 204, b"", True),
        ("https", 302, b"", False),
        ("splunk", 200, b'{"text":"Success","code":0}', True),
        ("splunk", 200, b'{"text":"Invalid token","code":4}', False),
        ("splunk", 200, b"<html>", False),
    ],
)
def test_what_counts_as_taken(kind, status, body, good):
    assert streams.taken(kind, status, body) is good


def test_waits_grow_and_end():
    waits = [streams.wait_ms(n) for n in range(1, 40)]
    assert waits[:3] == [30_000, 60_000, 120_000]
    assert waits == sorted(waits)
    assert waits[-1] == 3_600_000


def test_addresses():
    assert streams.address("datadog", "https://x.example") == "https://x.example/api/v2/logs"
    assert streams.address("splunk", "https://x.example/") == (
        "https://x.example/services/collector/event"
    )
    assert streams.address("splunk", "https://x.example/own") == "https://x.example/own"
    assert streams.address("https", "https://x.example") == "https://x.example"
