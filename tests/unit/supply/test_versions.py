"""Versions in the order that each ecosystem's own definition gives."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import InvalidVersion, Version

from chalicelib.supply.rules.versions import pep440, rubygems, semver

# semver.org, 11
SEMVER = (
    *("0.0.0-20200101", "0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta"),
    *("1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.2.0", "1.10.0", "2.0.0"),
)
# PEP 440, "Summary of permitted suffixes and relative ordering", and around it
PEP440 = (
    *("1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12", "1.0b1.dev456", "1.0b2"),
    *("1.0b2.post345.dev456", "1.0b2.post345", "1.0rc1.dev456", "1.0rc1", "1.0", "1.0+abc.5"),
    *("1.0+abc.7", "1.0+5", "1.0.post456.dev34", "1.0.post456", "1.0.15", "1.1.dev1", "2!0.1"),
)
# Gem::Version
GEMS = (
    *("1.a", "1.0.0.alpha", "1.0.0.beta.2", "1.0.0.beta.10", "1.0.0.rc1", "1", "1.0.0.1"),
    *("1.0.1.pre", "1.0.1", "1.2", "1.10", "2.0.0-1", "2.0.0"),
)


@pytest.mark.parametrize(
    ("key", "ordered"), [(semver.key, SEMVER), (pep440.key, PEP440), (rubygems.key, GEMS)]
)
def test_the_order_is_that_of_the_definition(key, ordered):
    keys = [key(version) for version in ordered]
    for place, one in enumerate(keys):
        for other in keys[place + 1 :]:
            assert one < other
            assert not other < one


@pytest.mark.parametrize(
    ("key", "one", "other"),
    [
        (semver.key, "v1.2.3", "1.2.3+build.5"),
        (semver.key, "1.2", "1.2.0"),
        (pep440.key, "1.0.0", "1"),
        (pep440.key, "1.0-1", "1.0.post1"),
        (pep440.key, "v1.0ALPHA1", "1.0a1"),
        (rubygems.key, "1.0.0", "1"),
        (rubygems.key, "1.0.a", "1.a"),
    ],
)
def test_some_are_the_same(key, one, other):
    assert key(one) == key(other)


@pytest.mark.parametrize("text", ["", "latest", "git+https://x", "1..2", "*", "1.0.0-"])
@pytest.mark.parametrize("order", [semver, pep440, rubygems])
def test_what_is_no_version_is_none(order, text):
    assert order.key(text) is None


_PIECES = st.sampled_from(
    ["", ".0", ".1", ".10", "a1", "b2", "rc1", ".post1", ".dev2", "+l.1", "-3", "c", ".post", "!1"]
)


@given(st.lists(_PIECES, max_size=4), st.lists(_PIECES, max_size=4))
def test_python_versions_are_ordered_as_the_packaging_library_does(one, other):
    texts = ["1" + "".join(pieces) for pieces in (one, other)]
    ours = [pep440.key(text) for text in texts]
    theirs = []
    for text in texts:
        try:
            theirs.append(Version(text))
        except InvalidVersion:
            theirs.append(None)
    assert [key is None for key in ours] == [version is None for version in theirs]
    if None not in ours:
        assert (ours[0] < ours[1]) == (theirs[0] < theirs[1])
        assert (ours[0] == ours[1]) == (theirs[0] == theirs[1])


def test_npm_orders_them_alike():
    """The `semver` that comes with npm, over every pair."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("there is no npm here")
    script = """
    const fs = require('fs'), path = require('path');
    let at = fs.realpathSync(process.argv[1]);
    const inner = () => path.join(at, 'node_modules/semver');
    while (!fs.existsSync(inner()) && at !== '/') at = path.dirname(at);
    const semver = require(inner());
    const all = JSON.parse(process.argv[2]);
    console.log(JSON.stringify(all.map(a => all.map(b => semver.compare(a, b)))));
    """
    versions = [*SEMVER, "1.0.0-1", "1.0.0--", "1.0.0-01a", "1.0.0-a.b.c", "3.0.0-0"]
    done = subprocess.run(
        [node, "-e", script, npm, json.dumps(versions)], capture_output=True, text=True, check=True
    )
    keys = [semver.key(version) for version in versions]
    ours = [[(a > b) - (a < b) for b in keys] for a in keys]
    assert ours == json.loads(done.stdout)
