"""Which versions an advisory concerns, how bad it is, and what a project's gate makes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.supply.rules import advisories, cvss, gate, osv
from chalicelib.supply.rules.components import Component


def record(**more):
    return {
        "id": "GHSA-1",
        "modified": "2026-01-01T00:00:00Z",
        "aliases": ["CVE-2026-1"],
        "summary": "  It \n breaks ",
        "affected": [
            {
                "package": {"ecosystem": "npm", "name": "a"},
                "ranges": [
                    {"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.2.0"}]},
                    {"type": "SEMVER", "events": [{"introduced": "2.0.0"}, {"fixed": "2.1.0"}]},
                    {"type": "GIT", "events": [{"introduced": "abc"}]},
                ],
            }
        ],
        **more,
    }


def advisory(**more) -> osv.Advisory:
    ((_, _, found),) = osv.read(record(**more))
    return found


def affected(ecosystem, *, versions=(), **events):
    listed = [{kind: version} for kind, version in events.items()]
    return {
        "affected": [
            {
                "package": {"ecosystem": ecosystem, "name": "a"},
                "ranges": [{"type": "ECOSYSTEM", "events": listed}] if listed else [],
                "versions": list(versions),
            }
        ]
    }


@pytest.mark.parametrize(
    ("version", "concerned"),
    [
        *(("0.0.1", True), ("1.1.9", True), ("1.2.0-rc.1", True), ("1.2.0", False)),
        *(("1.9.0", False), ("2.0.0", True), ("2.0.9", True), ("2.1.0", False)),
        *(("2.0.0-alpha", False), ("", None), ("main", None)),
    ],
)
def test_ranges(version, concerned):
    assert osv.concerns(advisory(), "npm", version) is concerned


def test_the_repair_is_the_next_one():
    assert osv.fixed_in(advisory(), "npm", "1.0.0") == "1.2.0"
    assert osv.fixed_in(advisory(), "npm", "2.0.1") == "2.1.0"
    assert osv.fixed_in(advisory(**affected("npm", introduced="0")), "npm", "1.0.0") == ""


@pytest.mark.parametrize(
    ("ecosystem", "events", "inside", "outside"),
    [
        ("PyPI", {"introduced": "1.0", "last_affected": "1.5"}, "1.5.0", "1.5.post1"),
        ("PyPI", {"introduced": "0", "fixed": "2.0"}, "2.0rc1", "2.0"),
        ("Go", {"introduced": "0", "fixed": "0.17.0"}, "v0.16.9", "v0.17.0"),
        ("Go", {"introduced": "0", "fixed": "0.0.0-20230101000000-abc"}, "v0.0.0-2022", "v0.1.0"),
        ("crates.io", {"introduced": "0.0.0-0", "fixed": "1.0.5"}, "1.0.4", "1.0.5"),
        ("RubyGems", {"introduced": "0", "fixed": "1.13.6"}, "1.13.6.rc1", "1.13.6"),
        ("npm", {"introduced": "0", "limit": "2.0.0"}, "1.9.9", "2.0.0"),
    ],
)
def test_each_ecosystem_by_its_own_order(ecosystem, events, inside, outside):
    found = advisory(**affected(ecosystem, **events))
    assert osv.concerns(found, ecosystem, inside) is True
    assert osv.concerns(found, ecosystem, outside) is False


def test_versions_that_are_listed_count_as_well():
    found = advisory(**affected("PyPI", versions=["2004d", "1.0"]))
    assert osv.concerns(found, "PyPI", "2004d") is True
    assert osv.concerns(found, "PyPI", "2005x") is None
    assert osv.concerns(found, "PyPI", "1.1") is False


@given(st.permutations(list(range(6))), st.integers(0, 60))
def test_the_order_of_events_does_not_matter(order, number):
    events = [
        {"introduced": "0.10.0"},
        {"fixed": "0.20.0"},
        {"introduced": "0.30.0"},
        {"fixed": "0.40.0"},
        {"introduced": "0.50.0"},
        {"fixed": "0.55.0"},
    ]
    found = advisory(
        affected=[
            {
                "package": {"ecosystem": "npm", "name": "a"},
                "ranges": [{"type": "SEMVER", "events": [events[n] for n in order]}],
            }
        ]
    )
    inside = any(low <= number < high for low, high in ((10, 20), (30, 40), (50, 55)))
    assert osv.concerns(found, "npm", f"0.{number}.0") is inside


def test_what_was_withdrawn_is_nothing():
    assert osv.read(record(withdrawn="2026-02-01T00:00:00Z")) == []


def test_what_was_kept_is_what_was_read():
    parts = advisories.pack_parts({"a": [advisory()]})
    (raw,) = parts.values()
    assert advisories.read_part(raw) == {"a": [advisory()]}
    packed = advisories.pack_names(["a", "b", "ü"])
    assert advisories.holds(packed, "a")
    assert advisories.holds(packed, "ü")
    assert not advisories.holds(packed, "c")
    assert not advisories.holds(b"", "a")


# the examples of the CVSS 3.1 examples document, and corners
@pytest.mark.parametrize(
    ("vector", "score", "level"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8, "critical"),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1, "medium"),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4, "medium"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0, "critical"),
        ("CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:N", 0.0, "none"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 7.5, "high"),
        ("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N", 1.6, "low"),
        ("CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P", 8.1, "high"),
    ],
)
def test_base_scores(vector, score, level):
    assert cvss.score(vector) == score
    assert cvss.level(score) == level


def test_other_vectors_have_no_score():
    assert cvss.score("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N") is None
    assert cvss.score("CVSS:3.1/AV:N") is None
    assert cvss.score("AV:N/AC:L/Au:N/C:P/I:P/A:P") is None


def test_a_severity_comes_from_the_vector_then_from_the_database():
    vector = {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}
    word = {"database_specific": {"severity": "MODERATE"}}
    assert advisory(severity=[vector], **word).level == "critical"
    assert advisory(**word).level == "medium"
    assert advisory().level == "unstated"
    assert advisory(id="MAL-2026-1").level == "critical"


def copies(age, **packages):
    return {"npm": gate.Copy(age, lambda name: packages.get(name, []))}


A, CLEAN, OPEN = (
    Component("npm", "a", "1.0.0"),
    Component("npm", "b", "1.0.0"),
    Component("npm", "c"),
)
PYTHON = Component("PyPI", "a", "1.0.0")


def test_each_package_is_one_of_three():
    found = gate.judge([A, CLEAN, OPEN, PYTHON], copies(3, a=[advisory()]))
    assert (found.vulnerable, found.not_known, found.unknown) == (1, 1, 2)
    assert set(found.reasons) == {"npm", "PyPI"}
    assert gate.sentence(found.findings[0]) == (
        "a 1.0.0 has GHSA-1 (CVE-2026-1), of unstated severity; fixed in 1.2.0."
    )


@pytest.mark.parametrize(("age", "clean"), [(0, 1), (14, 1), (14.1, 0), (400, 0)])
def test_an_old_copy_calls_nothing_clean_but_what_it_knows_stays_known(age, clean):
    found = gate.judge([A, CLEAN], copies(age, a=[advisory()]))
    assert (found.vulnerable, found.not_known, found.unknown) == (1, clean, 1 - clean)


def test_without_a_copy_everything_is_unknown():
    found = gate.judge([A, CLEAN, PYTHON], {})
    assert (found.vulnerable, found.not_known, found.unknown) == (0, 0, 3)


@pytest.mark.parametrize(
    ("level", "policy", "severity", "stopped"),
    [
        ("high", "block", "high", True),
        ("high", "block", "critical", False),
        ("critical", "block", "low", True),
        ("high", "warn", "low", False),
        ("high", "off", "low", False),
        ("unstated", "block", "high", True),
        ("unstated", "block", "critical", False),
        ("none", "block", "low", False),
    ],
)
def test_the_gate(level, policy, severity, stopped):
    word = {"database_specific": {"severity": level}}
    found = gate.judge([A], copies(1, a=[advisory(**word)]))
    assert (gate.stops(found, policy, severity) is not None) is stopped


def test_the_worst_stands_first():
    mild = advisory(id="B", database_specific={"severity": "LOW"})
    bad = advisory(id="C", database_specific={"severity": "CRITICAL"})
    found = gate.judge([A], copies(1, a=[mild, bad]))
    assert [f.advisory.id for f in found.findings] == ["C", "B"]
    assert gate.stops(found, "block", "high") is found.findings[0]


@pytest.mark.parametrize(
    ("events", "version", "concerned"),
    [
        ([("introduced", "1.0.0"), ("last_affected", "1.0.0")], "1.0.0", True),
        ([("introduced", "1.0.0"), ("last_affected", "1.0.0")], "2.0.0", False),
        ([("last_affected", "1.0.0"), ("introduced", "1.0.0")], "1.0.1", False),
        ([("introduced", "0"), ("fixed", "1.0.0"), ("introduced", "1.0.0")], "1.0.0", True),
        ([("fixed", "1.2.0")], "1.0.0", True),  # it began with the first version
        ([("fixed", "1.2.0")], "1.2.0", False),
        ([("last_affected", "1.2.0")], "1.2.1", False),
        ([("introduced", "some day"), ("fixed", "2.0.0")], "1.0.0", None),
        ([("introduced", "some day"), ("introduced", "1.0.0")], "1.0.0", True),
        ([("introduced", "0"), ("fixed", "some day")], "1.0.0", True),
        ([("introduced", "0"), ("fixed", "0")], "0.0.1", False),
        ([], "1.0.0", None),
    ],
)
def test_what_events_leave_open_is_never_clean(events, version, concerned):
    ranges = [{"type": "SEMVER", "events": [dict([event]) for event in events]}]
    package = {"ecosystem": "npm", "name": "a"}
    found = advisory(affected=[{"package": package, "ranges": ranges}])
    assert osv.concerns(found, "npm", version) is concerned
    kept = osv.Advisory.from_json(found.to_json())
    assert osv.concerns(kept, "npm", version) is concerned


def test_ranges_of_commits_alone_leave_a_package_unknown():
    ranges = [{"type": "GIT", "events": [{"introduced": "0"}, {"fixed": "abc"}]}]
    package = {"ecosystem": "npm", "name": "a"}
    found = advisory(affected=[{"package": package, "ranges": ranges}])
    copies = {"npm": gate.Copy(1.0, lambda _name: [found])}
    judged = gate.judge([Component("npm", "a", "1.0.0")], copies)
    assert (judged.vulnerable, judged.not_known, judged.unknown) == (0, 0, 1)
    listed = advisory(affected=[{"package": package, "ranges": ranges, "versions": ["1.0.0"]}])
    assert osv.concerns(listed, "npm", "1.0.0") is True
    assert osv.concerns(listed, "npm", "1.0.1") is False
