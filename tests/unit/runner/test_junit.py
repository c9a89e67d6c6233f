"""Test reports of strangers."""

import os
import time

import pytest

from runner import junit
from runner.mask import Mask

MASK = Mask(["s3cr3t-value"])
CASE = '<testcase classname="a" name="b" time="1.5"/>'
BOMB = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<testsuite><testcase name="&b;"/></testsuite>"""


def read(tmp_path, text, glob="r.xml", since=0):
    (tmp_path / "r.xml").write_text(text)
    return junit.collect("test", tmp_path, (glob,), since, MASK)


@pytest.mark.parametrize(
    ("glob", "found"),
    [
        ("a/b/r.xml", True),
        ("a/*/r.xml", True),
        ("**/r.xml", True),
        ("**/*.xml", True),
        ("a/**", True),
        ("*.xml", False),
        ("a/*.xml", False),
        ("a/?/r.xml", True),
        ("../outside.xml", False),
        ("link/outside.xml", False),
        ("**/outside.xml", False),
        ("node_modules/**/*.xml", False),
    ],
)
def test_globs(tmp_path, glob, found):
    top = tmp_path / "top"
    for place in ("a/b", "node_modules/x"):
        (top / place).mkdir(parents=True)
        (top / place / "r.xml").write_text(f"<testsuite>{CASE}</testsuite>")
    (tmp_path / "outside.xml").write_text(f"<testsuite>{CASE}</testsuite>")
    (top / "link").symlink_to(tmp_path)
    assert (junit.collect("s", top, (glob,), 0, MASK) is not None) == found


def test_counts(tmp_path):
    tests = read(tmp_path, f"<testsuites><testsuite>{CASE}{CASE}</testsuite></testsuites>")
    assert (tests.tests, tests.failures, tests.ms) == (2, 0, 3000)


@pytest.mark.parametrize(
    "text", [BOMB, "not xml", "<a>", "", "<a></b>", '<!DOCTYPE x SYSTEM "/etc/passwd"><a>']
)
def test_what_is_no_report(tmp_path, text):
    tests = read(tmp_path, text)
    assert tests is None


def test_a_report_from_before_the_step_is_not_its_own(tmp_path):
    assert read(tmp_path, f"<s>{CASE}</s>", since=time.time_ns() + 10**9) is None


def test_limits(tmp_path, monkeypatch):
    failing = '<testcase name="n"><failure message="%s"/></testcase>' % ("m" * 5000)
    tests = read(tmp_path, f"<s>{failing * 200}</s>")
    assert tests.tests == tests.failures == 200
    assert len(tests.failed) == 50
    assert len(tests.failed[0].message) == 1000
    monkeypatch.setattr(junit, "MOST_BYTES", 100)
    assert read(tmp_path, f"<s>{failing}</s>") is None


@pytest.mark.parametrize("before", range(980, 1001))
def test_a_secret_across_the_cut_is_hidden(tmp_path, before):
    text = "x" * before + "s3cr3t-value"
    failing = f'<s><testcase name="n"><failure message="{text}"/></testcase></s>'
    (failed,) = read(tmp_path, failing).failed
    assert "s3" not in failed.message


def test_no_report_is_longer_than_a_day(tmp_path):
    tests = read(tmp_path, "<s>" + '<testcase name="a" time="999999"/>' * 900 + "</s>")
    assert tests.ms == 24 * 3600 * 1000


def test_a_pipe_does_not_hold_the_build_up(tmp_path):
    os.mkfifo(tmp_path / "r.xml")
    assert junit.collect("s", tmp_path, ("*.xml",), 0, MASK) is None


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1", "1e9", "x", ""])
def test_strange_times(tmp_path, seconds):
    tests = read(tmp_path, f'<s><testcase name="a" time="{seconds}"/></s>')
    assert tests.ms == 0


@pytest.mark.parametrize(
    ("glob", "name"),
    [
        ("**/" * 30 + "x", "a/" * 60 + "r.xml"),
        ("**/a/" * 30 + "x", "a/" * 60 + "r.xml"),
        ("*a" * 60 + "b", "a" * 200),
        ("**/" + "*a" * 60 + "b", "a/" * 30 + "a" * 200),
    ],
)
def test_no_glob_takes_long(tmp_path, glob, name):
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("<a/>")
    began = time.process_time()
    assert junit.collect("s", tmp_path, (glob,), 0, MASK) is None
    assert time.process_time() - began < 2


def test_no_failure_message_takes_long(tmp_path):
    """Text in single characters, under a mask that looks far beyond the cut."""
    mask = Mask(["s" * 40_000])
    failure = f"<testcase name='b'><failure>{'<a/>x' * 100_000}</failure></testcase>"
    (tmp_path / "r.xml").write_text(f"<testsuite>{failure * 20}</testsuite>")
    began = time.monotonic()
    tests = junit.collect("s", tmp_path, ("r.xml",), 0, mask)
    assert (tests.failures, tests.failed[0].message) == (20, "x" * 1000)
    assert time.monotonic() - began < 15
