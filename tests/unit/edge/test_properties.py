"""What must hold for any input at all."""

from urllib.parse import quote_from_bytes

from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.edge.rules.conditions import (
    Span,
    UnsatisfiableError,
    etag,
    none_match,
    parse_range,
)
from chalicelib.edge.rules.encodings import negotiate
from chalicelib.edge.rules.hosts import normalise_host, parse_host
from chalicelib.edge.rules.paths import BadPath, Path, normalise_path, quote_path
from chalicelib.edge.rules.resolve import SiteRules, decide

PIECES = st.one_of(
    st.sampled_from(["a", "b", "index", ".html", "/", "//", ".", "..", "\\", "ü", "\x00"]),
    st.sampled_from(["%2e", "%2f", "%5c", "%00", "%25", "%", "%c3%bc", "%ff", "404.html"]),
    st.sampled_from(["index.html", "~", ";", ":", "?", "#", " ", "+"]),
)
NASTY = st.lists(PIECES, max_size=12).map(lambda parts: ("/" + "".join(parts)).encode())
RAW = st.one_of(NASTY, st.binary(max_size=60), st.binary(max_size=40).map(lambda b: b"/" + b))
NAMES = st.lists(
    st.sampled_from(["a", "b", "index", "a.html", "index.html", "404.html", "c.js", "ü", ".x"]),
    min_size=1,
    max_size=4,
).map("/".join)
FILES = st.frozensets(NAMES, max_size=12)
RULES = st.builds(SiteRules, st.booleans(), st.booleans())
ACCEPT = st.sampled_from(["", "*/*", "text/html", "application/json"])


@settings(max_examples=600, deadline=None)
@given(RAW, FILES, RULES, ACCEPT)
@example(b"/..%2f..%2fetc/passwd", frozenset({"a"}), SiteRules(), "")
def test_only_manifest_members_are_ever_served(raw, files, rules, accept):
    decision = decide(raw, accept, files.__contains__, rules)
    assert decision.file is None or decision.file in files
    assert (decision.location is not None) == (decision.status == 308)
    assert decision.status in {200, 308, 400, 404, 414}
    if decision.status == 200:
        assert decision.file is not None


@settings(max_examples=400, deadline=None)
@given(RAW, FILES, RULES, ACCEPT)
def test_redirects_stay_on_the_site_and_end(raw, files, rules, accept):
    decision = decide(raw, accept, files.__contains__, rules)
    for _ in range(3):
        if decision.location is None:
            return
        location = decision.location
        assert location.startswith("/")
        assert not location.startswith("//")
        assert location.isascii()
        assert not any(c in location for c in '\r\n\\ "<>')
        decision = decide(location.encode(), accept, files.__contains__, rules)
    assert decision.location is None, "a chain of redirects does not end"


@settings(max_examples=400, deadline=None)
@given(RAW)
def test_normaliser_is_idempotent_and_never_escapes(raw):
    path = normalise_path(raw)
    if isinstance(path, BadPath):
        assert path.status in {400, 414}
        return
    assert path.text.startswith("/")
    assert "//" not in path.text
    assert "\\" not in path.text
    assert "\x00" not in path.text
    assert not {".", ".."} & set(path.text.split("/"))
    again = normalise_path(quote_path(path.text).encode())
    if len(quote_path(path.text)) <= 2048:
        assert again == Path(path.text)


@settings(max_examples=300, deadline=None)
@given(st.text(min_size=1, max_size=30).filter(lambda t: "/" not in t and t not in {".", ".."}))
def test_encoding_and_decoding_agree(name):
    try:
        raw = ("/" + name).encode()
    except UnicodeEncodeError:
        return
    path = normalise_path(b"/" + quote_from_bytes(raw[1:], safe="").encode())
    if isinstance(path, Path):
        assert path.text == "/" + name


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=40), st.booleans())
def test_hosts_name_one_site_or_none(raw, below):
    host = f"{raw}.localhost" if below else raw
    site = parse_host(host, "localhost")
    if site is None:
        return
    label = normalise_host(host).removesuffix(".localhost")
    assert "." not in label
    assert "--" not in site.slug
    prefix = "" if site.deployment is None else site.deployment.removeprefix("dpl_") + "--"
    assert label == prefix + site.slug


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40))
def test_headers_never_raise(text):
    assert set(negotiate(text)) <= {"br", "gzip"}
    none_match(text, etag("0" * 64))


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.text(max_size=20),
        st.tuples(st.integers(0, 99), st.integers(0, 99)).map(lambda p: f"bytes={p[0]}-{p[1]}"),
        st.integers(0, 99).map(lambda n: f"bytes=-{n}"),
    ),
    st.integers(0, 50),
)
def test_spans_lie_inside_the_body(header, size):
    try:
        span = parse_range(header, size)
    except UnsatisfiableError:
        return
    if span is not None:
        assert isinstance(span, Span)
        assert 0 <= span.first <= span.last < size


def test_the_normaliser_is_linear():
    """A long path of the worst characters takes no longer than its length."""
    for piece in (b"%25", b"/", b"a/", b"../", b"%2e"):
        assert normalise_path((b"/" + piece * 2000)[:2048]) is not None
