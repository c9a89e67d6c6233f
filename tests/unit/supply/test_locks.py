"""Every lock file is read, by a small one of its kind; hostile ones take no time."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.supply.rules import locks
from chalicelib.supply.rules.components import Component, Lock, LockError, purl
from tests.unit.supply.lock_cases import CASES
from tests.unit.supply.lock_texts import PACKAGE_LOCK_3, PNPM_6, REQUIREMENTS, UV, YARN_1


@pytest.mark.parametrize("case", CASES)
def test_a_lock_file_is_read(case):
    name, text, packages, roots, edge = CASES[case]
    lock = locks.read(f"web/{name}", text)
    assert set(lock.components) == packages
    assert lock.roots == roots
    if edge is not None:
        assert lock.edges[edge[0]] == {edge[1]} or edge[1] in lock.edges[edge[0]]
    assert all(o in lock.components for others in lock.edges.values() for o in others)


def _read(name: str, text: str) -> tuple[Lock | None, str]:
    try:
        return locks.read(name, text), ""
    except LockError as why:
        return None, str(why)


@pytest.mark.parametrize("case", CASES)
def test_a_lock_file_that_is_cut_off_is_refused_or_read_in_part(case):
    name, text, packages, _, _ = CASES[case]
    for end in range(0, len(text), 7):
        lock, why = _read(name, text[:end])
        assert why if lock is None else len(lock.components) <= len(packages) + 1


@pytest.mark.parametrize("name", locks.READERS)
@settings(deadline=None)
@given(text=st.text(alphabet=st.sampled_from('{}[]",:@/- \n\t=?#ab01.\\\0()'), max_size=200))
def test_rubbish_is_refused_in_words(name, text):
    lock, why = _read(name, text)
    assert lock is not None or why


def test_what_is_for_development_is_optional():
    found = locks.read("package-lock.json", PACKAGE_LOCK_3).components
    assert found["pkg:npm/%40s/c@0.1.0"].optional
    assert not found["pkg:npm/a@1.2.0"].optional
    assert locks.read("pnpm-lock.yaml", PNPM_6).components["pkg:npm/%40s/c@0.1.0"].optional


def test_hashes_are_hex():
    (alg, digest), *_ = locks.read("yarn.lock", YARN_1).components["pkg:npm/a@1.2.0"].hashes
    assert (alg, len(digest)) == ("SHA-512", 128)
    assert locks.read("uv.lock", UV).components["pkg:pypi/a-b@1.2.0"].hashes == (
        ("SHA-256", "ab" * 32),
    )


def test_what_requirements_leave_open_is_said():
    gaps = " ".join(locks.read("requirements.txt", REQUIREMENTS).gaps)
    assert "more.txt" in gaps
    assert "left open, e.g. c" in gaps
    assert "installs d from an address" in gaps
    assert "a folder" in " ".join(locks.read("requirements.txt", "./lib\nhttps://x/y.zip").gaps)


def test_the_nearest_lock_file_of_each_ecosystem_counts():
    paths = {
        *("package-lock.json", "yarn.lock", "apps/web/pnpm-lock.yaml", "apps/api/uv.lock"),
        *("requirements.txt", "apps/web/node_modules/x/yarn.lock", "Cargo.lock"),
    }
    assert locks.chosen(paths, "apps/web") == [
        *("apps/web/pnpm-lock.yaml", "requirements.txt", "Cargo.lock")
    ]
    assert locks.chosen(paths, "", "yarn@4.1.0") == ["yarn.lock", "requirements.txt", "Cargo.lock"]
    assert locks.chosen(paths, "./")[0] == "package-lock.json"
    assert locks.chosen({"a/yarn.lock"}, "b") == []


def test_a_deep_lock_of_version_1_needs_no_stack():
    text = '{"version":"1.0.0"}'
    for _ in range(300):
        text = '{"version":"1.0.0","dependencies":{"x":' + text + "}}"
    lock = locks.read(
        "package-lock.json", '{"lockfileVersion":1,"dependencies":{"x":' + text + "}}"
    )
    assert set(lock.components) == {"pkg:npm/x@1.0.0"}


def test_hostile_names_are_left_out():
    bad = {"node_modules/a b": {"version": "1.0.0"}, "node_modules/c": {"version": "1\n2"}}
    assert not locks.read("package-lock.json", json.dumps({"packages": bad})).components


@given(
    name=st.from_regex(r"(@[a-z0-9-]{1,8}/)?[a-zA-Z0-9._~+-]{1,20}", fullmatch=True),
    version=st.from_regex(r"[0-9a-zA-Z.+~!-]{1,20}", fullmatch=True),
)
def test_package_urls_are_what_the_reference_library_reads(name, version):
    from packageurl import PackageURL

    found = PackageURL.from_string(purl("npm", name, version))
    shown = f"{found.namespace}/{found.name}" if found.namespace else found.name
    assert (found.type, found.version) == ("npm", version)
    assert shown.lower() == name.lower()
    one = Component("PyPI", "Foo_Bar.baz", version).purl
    assert PackageURL.from_string(one).name == "foo-bar-baz"


LONG = 400_000
HOSTILE = {
    "bun.lock": ["/*" * LONG, '"a' * LONG, '{"a":[' + ", " * LONG],
    "pnpm-lock.yaml": [
        "lockfileVersion: 9\na" + " " * LONG + "x",
        "lockfileVersion: 9\na: {" + "b" * LONG,
    ],
    "yarn.lock": ["# yarn lockfile v1\n" + " " * LONG + "a", "__metadata:\n'" + "''" * LONG],
    "requirements.txt": ["a==" + "=" * LONG + ",", "a" * LONG + "!", "a" + " " * LONG + "["],
    "go.mod": ["module m\nreplace " + "a " * LONG, "module" + "\n" * LONG],
    "Gemfile.lock": ["GEM\n    a" + "(" * LONG, "GEM\n    a (1" + "-x86" * LONG],
    "package-lock.json": ['{"packages":{"node_modules/' + "/" * LONG + '":{"version":"1.0.0"}}}'],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_takes_long(name):
    for text in HOSTILE[name]:
        started = time.process_time()
        _read(name, text)
        assert time.process_time() - started < 2
