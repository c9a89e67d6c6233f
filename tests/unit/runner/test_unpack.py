import contextlib
import io
import os
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.tar import TarError, TarReader
from runner.unpack import Caps, UnpackError, stays_inside, unpack

CAPS = Caps(entries=1000, size=1_000_000)
REFUSED = (UnpackError, TarError)


def tar(*members, fmt=tarfile.PAX_FORMAT):
    """(name, type, data or link target) -> archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=fmt) as archive:
        for name, kind, content in members:
            info = tarfile.TarInfo(name)
            info.type = kind
            if kind == tarfile.REGTYPE:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
            else:
                info.linkname = content
                archive.addfile(info)
    return io.BytesIO(out.getvalue())


FILE, LINK, HARD, DIR = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE


@pytest.mark.parametrize("fmt", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_ordinary_archive(tmp_path, fmt):
    long = "d" * 90 + "/" + "e" * 120 + "/é.txt"
    archive = tar(
        ("./a.txt", FILE, b"a"),
        (long, FILE, b"b"),
        ("dir/", DIR, ""),
        ("dir/l", LINK, "../a.txt"),
        fmt=fmt,
    )
    got = unpack(archive, tmp_path, CAPS)
    assert (got.files, got.size, got.left_out) == (3, 2, [])
    assert (tmp_path / long).read_bytes() == b"b"
    assert (tmp_path / "dir" / "l").read_bytes() == b"a"


@pytest.mark.parametrize(
    "members",
    [
        [("../x", FILE, b"")],
        [("a/../../x", FILE, b"")],
        [("a/..", DIR, "")],
        [("/abs", FILE, b"")],
        [("h", HARD, "/etc/passwd")],
        [("a", FILE, b""), ("h", HARD, "a")],
        [("dev", tarfile.CHRTYPE, "")],
        [("disk", tarfile.BLKTYPE, "")],
        [("fifo", tarfile.FIFOTYPE, "")],
        [("odd", b"Z", "")],
        [("a", FILE, b""), ("a", FILE, b"")],
        [("a", FILE, b""), ("a/b", FILE, b"")],
        [("l", LINK, "."), ("l/x", FILE, b"")],
        [("x" * 300, FILE, b"")],
        [("/".join("a" * 200), FILE, b"")],
        [(f"f{i}", FILE, b"") for i in range(1001)],
        [("bomb", FILE, bytes(1_000_001))],
    ],
)
def test_refused(tmp_path, members):
    inside = tmp_path / "in"
    inside.mkdir()
    with pytest.raises(REFUSED):
        unpack(tar(*members), inside, CAPS)
    assert [p.name for p in tmp_path.iterdir()] == ["in"]


@pytest.mark.parametrize(
    ("depth", "target", "fine"),
    [
        (0, "a", True),
        (0, "a/b/c", True),
        (1, "../a", True),
        (0, "..", False),
        (1, "../..", False),
        (2, "../../x", True),
        (2, "a/../b", False),
        (5, "/etc", False),
        (5, "", False),
        (1, "./../a", True),
    ],
)
def test_links(depth, target, fine):
    assert stays_inside(depth, target) is fine


def test_escaping_links_are_left_out(tmp_path):
    archive = tar(
        ("d/up", LINK, ".."), ("d/out", LINK, "up/../.."), ("abs", LINK, "/etc"), ("f", FILE, b"x")
    )
    got = unpack(archive, tmp_path, CAPS)
    assert got.left_out == ["d/out -> up/../..", "abs -> /etc"]
    assert (tmp_path / "d" / "up" / "f").read_bytes() == b"x"


NAMES = st.lists(st.sampled_from(["a", "b", "c", "..", ".", ""]), min_size=1, max_size=5).map(
    "/".join
)
MEMBER = st.one_of(
    st.tuples(NAMES, st.just(FILE), st.binary(max_size=5)),
    st.tuples(NAMES, st.just(DIR), st.just("")),
    st.tuples(NAMES, st.just(LINK), NAMES),
    st.tuples(NAMES, st.just(HARD), NAMES),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(MEMBER, max_size=8))
def test_nothing_is_written_outside(tmp_path_factory, members):
    outer = tmp_path_factory.mktemp("outer")
    root = outer / "x" / "root"
    root.mkdir(parents=True)
    with contextlib.suppress(REFUSED):
        unpack(tar(*members), root, CAPS)
    assert [p.name for p in outer.iterdir()] == ["x"]
    assert [p.name for p in (outer / "x").iterdir()] == ["root"]
    for folder, dirs, files in os.walk(root):
        for name in (*dirs, *files):
            real = os.path.realpath(Path(folder, name))
            assert real == str(root) or real.startswith(f"{root}/")


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_archives_are_refused_or_read(data):
    raw = bytearray(tar(("é" * 80, FILE, b"x" * 700), ("l", LINK, "a")).getvalue())
    for _ in range(data.draw(st.integers(0, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw)))
    reader = TarReader(io.BytesIO(bytes(raw[:cut])))
    with contextlib.suppress(TarError):
        for _ in reader:
            while reader.read(1000):
                pass


def test_a_header_that_claims_gigabytes_is_refused():
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 5 * 1024**3
    with pytest.raises(TarError, match="too large"):
        list(TarReader(io.BytesIO(info.tobuf(tarfile.GNU_FORMAT))))
