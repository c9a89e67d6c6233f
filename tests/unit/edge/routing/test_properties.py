"""Rules against rules read the slow way, for patterns, tables and paths that chance makes up."""

import itertools
import json
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.edge.rules.paths import BadPath, Path, normalise_path
from chalicelib.edge.rules.resolve import SiteRules
from chalicelib.edge.rules.routing.codec import digest_of, encode, parse_routing
from chalicelib.edge.rules.routing.decide import decide
from chalicelib.edge.rules.routing.facts import Facts
from chalicelib.edge.rules.routing.grammar import BadPatternError, escape, parse_pattern
from chalicelib.edge.rules.routing.limits import check
from chalicelib.edge.rules.routing.model import BadRoutingError, Routing, Rule, When
from chalicelib.edge.rules.routing.patterns import split
from chalicelib.edge.rules.routing.table import Index, Table, Way
from chalicelib.edge.rules.routing.targets import BadTargetError, parse_target
from chalicelib.edge.rules.routing.verdicts import Redirect
from tests.unit.edge.routing.oracle import fits

NOBODY = Facts("shop.localhost", "GET", {})
PLAIN = st.sampled_from(["a", "b", "ab", "aa", "a-b"])
PARTLY = st.sampled_from([":x", "a:x", ":x-b", ":x-:x", "a:x-:x-", ":x-a:x"])
SPANS = st.sampled_from(["*", "+", "a*", "*b", "a*b"])
PATHS = st.lists(st.text("ab-", min_size=1, max_size=5), max_size=6).map(
    lambda parts: "/" + "/".join(parts)
)


@st.composite
def shapes(draw):
    """A pattern as the oracle has it, with one span at most."""
    segments = draw(st.lists(st.one_of(PLAIN, PARTLY), max_size=4))
    if draw(st.booleans()):
        segments.insert(draw(st.integers(0, len(segments))), draw(SPANS))
    return segments


def written(shape):
    """The same as it is written: every placeholder has a name of its own."""
    numbers = itertools.count()
    parts = [re.sub(":x", lambda _: f":p{next(numbers)}", part) for part in shape]
    return "/" + "/".join(":rest+" if part == "+" else part for part in parts)


@given(shapes(), PATHS)
@settings(max_examples=200, deadline=None)
def test_patterns_as_the_oracle_reads_them(shape, path):
    taken = parse_pattern(written(shape)).take(*split(path))
    assert (None if taken is None else list(taken)) == fits(shape, path)


@given(st.lists(shapes(), max_size=30), PATHS)
@settings(max_examples=200, deadline=None)
def test_a_table_finds_what_each_pattern_fits(many, path):
    patterns = [parse_pattern(written(shape)) for shape in many]
    found = list(Index(patterns).fitting(Way.of(Path(path))))
    assert found == [number for number, shape in enumerate(many) if fits(shape, path) is not None]


CLASSES = st.sampled_from(["[ab]+", "[a-c]*", "b{2}", "a{1,3}", "[^b]+", ".", "a?", "-", r"\w+"])


@given(
    st.lists(st.lists(CLASSES, min_size=1, max_size=2).map("".join), min_size=1, max_size=3),
    st.text("abc-", max_size=12),
)
@settings(max_examples=200, deadline=None)
def test_classes_mean_what_regular_expressions_mean(parts, text):
    """The expressions are the test's own, so the module for them may run them here."""
    pattern = parse_pattern("/" + "-".join(f":p{n}({part})" for n, part in enumerate(parts)))
    wanted = re.fullmatch("-".join(f"({part})" for part in parts), text, re.ASCII)
    taken = pattern.take([text]) if text else None
    if not text:
        return
    assert taken == (wanted.groups() if wanted else None)


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_pattern_or_is_refused(text):
    try:
        pattern = parse_pattern("/" + text)
    except BadPatternError:
        return
    pattern.take(["a", "b"])


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20))
def test_what_is_escaped_stands_for_itself(text):
    text = text.replace("/", "").replace("\\", "")
    if text:
        assert parse_pattern("/" + escape(text)).take([text]) == ()


HOSTILE = st.lists(
    st.sampled_from(["/", "%2e", "..", ".", "%0d", "%0a", "%5c", "%2f", "@", ":", "a", "%25", ";"]),
    max_size=12,
).map("".join)
TARGETS = st.sampled_from(
    ["/:splat", "/x/:splat", "/:splat/x", "/x?y=:splat", "/x#:splat", "https://ex.com/:splat",
     "https://ex.com/a/:splat?b=:splat", "/:splat:splat", "/a:splat"]
)  # fmt: skip


@given(TARGETS, HOSTILE, st.binary(max_size=20))
@settings(max_examples=200, deadline=None)
def test_nobody_is_sent_elsewhere(target, path, query):
    table = Table(Routing(rules=(Rule("t", 1, "/go/*", target, 301),)))
    verdict = decide(b"/go/" + path.encode(), "", set().__contains__, SiteRules(), table, NOBODY)
    if not isinstance(verdict, Redirect) or verdict.rule is None:
        return
    location = verdict.to(query)
    assert re.fullmatch(r"[\x21-\x7e]*", location)
    if target.startswith("https"):
        assert location.startswith("https://ex.com/")
    else:
        assert re.match(r"/(?![/\\])", location)
    below = location.partition("?")[0].partition("#")[0]
    assert not re.search(r"(?:/|%2f|%5c)(?:\.|%2e){1,2}(?:/|%2f|%5c|\Z)", below, re.IGNORECASE)


@given(st.sampled_from(["/q/:id", "/:id", "https://ex.com/:id/x", "/q?x=:id"]), st.text(max_size=8))
@settings(max_examples=200, deadline=None)
def test_a_parameter_stays_in_its_place(target, value):
    address = parse_target(target, (), ("id",)).fill({"id": value})
    if address is None:
        assert re.search(r"(?:^|[/\\])\.{1,2}(?:[/\\]|$)", value)
        return
    assert address.location.count("/") <= target.count("/")
    assert re.fullmatch(r"[\x21-\x7e]*", address.location)


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_target_or_is_refused(text):
    try:
        target = parse_target(text, ("a",))
    except BadTargetError:
        return
    address = target.fill({"a": "1"})
    if address is not None and target.kind == "path":
        assert not address.location.startswith("//")


RULES = st.builds(
    Rule,
    source=st.just("t"),
    line=st.integers(1, 9),
    pattern=shapes().map(written),
    to=st.sampled_from(["/t", "/t/:splat", "https://ex.com/:splat"]),
    status=st.sampled_from([301, 302, 200]),
    force=st.booleans(),
    when=st.sampled_from([None, When(country=("DE",)), When(query=(("a", None),))]),
)


@given(st.lists(RULES, max_size=8).map(tuple), PATHS, st.sampled_from(["", "DE"]), st.booleans())
@settings(max_examples=200, deadline=None)
def test_the_first_rule_that_fits_decides(rules, path, country, there):
    """Beside a straight reading of the order; loops and empty answers stay out of it."""
    routing = Routing(rules=rules)
    facts = Facts("h", "GET", {"country": country})
    exists = {path[1:]}.__contains__ if there and len(path) > 1 else set().__contains__
    site = SiteRules(clean_urls=False)
    verdict = decide(path.encode(), "", exists, site, Table(routing), facts)
    lies = there and len(path) > 1
    wanted = None
    for number, rule in enumerate(rules):
        if parse_pattern(rule.pattern).take(*split(path)) is None or (lies and not rule.force):
            continue
        if rule.when and (rule.when.query or country not in rule.when.country):
            continue
        if rule.status != 200 and rule.to == "/t" and path == "/t":
            continue
        wanted = number
        break
    assert verdict.rule == wanted


@given(st.lists(RULES, max_size=8).map(tuple))
@settings(max_examples=200, deadline=None)
def test_a_table_comes_back_as_it_was(rules):
    routing = Routing(rules=rules)
    data = encode(routing)
    assert parse_routing(data, digest_of(data)) == routing


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_are_refused(data):
    with pytest.raises(BadRoutingError):
        parse_routing(data, digest_of(data))


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: (
    st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["version", "rules", "headers", "locales", "when", "to", "line"]),
        inner,
        max_size=4,
    )
)))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_any_json_is_a_table_or_is_refused(said):
    data = json.dumps({"version": 1, "rules": said, "headers": said}).encode()
    try:
        routing = parse_routing(data, digest_of(data))
    except BadRoutingError:
        return
    check(routing)


def steps(pattern: str, path: str) -> float:
    """Seconds for one comparison, the best of some."""
    made = parse_pattern(pattern)
    way = split(path)
    best = 1.0
    for _ in range(7):
        start = time.perf_counter()
        made.take(*way)
        best = min(best, time.perf_counter() - start)
    return best


@pytest.mark.parametrize(
    ("pattern", "unit"),
    [
        ("/:a-:b-:c-:d-:e-:f!", "-a"),
        ("/*-a-a-a-b", "-a"),
        ("/*/x/:y/z", "/x"),
        ("/:a-a-:b-a-:c-a-:d-b", "-a"),
    ],
)
def test_long_paths_cost_what_they_are_long(pattern, unit):
    """Four times the path, four times the time: with room for noise, and far from its square."""
    short, long = steps(pattern, "/" + unit * 500), steps(pattern, "/" + unit * 8_000)
    assert long < short * 16 * 4 + 2e-4


def test_what_is_normalised_has_no_empty_segments():
    """The index counts on it."""
    for raw in (b"/", b"//", b"/a//b", b"/a/"):
        path = normalise_path(raw)
        assert not isinstance(path, BadPath)
        assert all(split(path.text)[0])
