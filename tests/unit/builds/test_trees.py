"""Trees of sources: equal for equal content, and no harm from hostile archives."""

from __future__ import annotations

import gzip
import io
import tarfile
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.builds.actions import trees
from chalicelib.builds.rules import listing


def archive(files: dict[str, bytes], *, modes: dict[str, int] | None = None) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), (modes or {}).get(name, 0o644)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def special(kind: bytes, name: str = "x", link: str = "") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, link
        tar.addfile(info)
    return out.getvalue()


names = st.lists(st.text("abc.é", min_size=1).filter(lambda p: p not in {".", ".."}), min_size=1)
contents = st.dictionaries(names.map("/".join), st.binary(max_size=2000), max_size=6)


@given(contents, st.randoms())
def test_the_order_of_an_archive_does_not_matter(files: dict[str, bytes], order: Random) -> None:
    mixed = list(files.items())
    order.shuffle(mixed)
    first, second = trees.read_archive(archive(files)), trees.read_archive(archive(dict(mixed)))
    assert first == second
    assert set(first.files) == set(files)


@given(st.binary(max_size=500), st.binary(max_size=500))
def test_a_tree_is_as_different_as_its_content(one: bytes, other: bytes) -> None:
    same = (
        trees.read_archive(archive({"a": one})).tree
        == trees.read_archive(archive({"a": other})).tree
    )
    assert same == (one == other)


def test_names_modes_and_links_count() -> None:
    plain = trees.read_archive(archive({"a": b"1"})).tree
    assert trees.read_archive(archive({"b": b"1"})).tree != plain
    assert trees.read_archive(archive({"a": b"1"}, modes={"a": 0o755})).tree != plain
    links = [trees.read_archive(special(tarfile.SYMTYPE, "l", to)).tree for to in ("a", "b")]
    assert len(set(links)) == 2


def test_texts_are_those_that_tell_how_to_build() -> None:
    files = {
        "package.json": b"{}",
        "apps/web/package.json": b'{"name":"web"}',
        "node_modules/x/package.json": b"{}",
        "src/app.js": b"1",
        "yarn.lock": b"x" * (listing.MAX_TEXT + 1),
        "go.mod": b"\xff",
    }
    tree = trees.read_archive(archive(files))
    assert tree.texts == {"package.json": "{}", "apps/web/package.json": '{"name":"web"}'}
    assert listing.read_tree(tree.to_json()) == tree


def test_texts_have_a_limit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MAX_TEXTS", 10)
    tree = trees.read_archive(archive({"a/package.json": b"12345678", "b/package.json": b"12345"}))
    assert set(tree.texts) == {"a/package.json"}


@pytest.mark.parametrize(
    "hostile",
    [
        archive({"../x": b""}),
        archive({"/etc/x": b""}),
        archive({"a": b"1", "./a": b"2"}),
        special(tarfile.LNKTYPE, "x", "y"),
        special(tarfile.FIFOTYPE),
        special(tarfile.CHRTYPE),
        b"not gzip",
        gzip.compress(b"not tar" * 200),
        archive({"a": b"x" * 5000})[:-20],
        b"",
    ],
    ids=range(10),  # else the names of the tests would tell the time
)
def test_hostile_archives_have_no_tree(hostile: bytes) -> None:
    with pytest.raises(trees._UNREADABLE):
        trees.read_archive(hostile)


def test_a_huge_header_is_refused_before_it_is_read() -> None:
    head = tarfile.TarInfo("x")
    head.type, head.size = tarfile.XHDTYPE, 1 << 32
    with pytest.raises(trees.HostileError, match="extended header"):
        trees.read_archive(gzip.compress(head.tobuf(tarfile.USTAR_FORMAT) + b"\0" * 1024))


def test_a_bomb_ends_at_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "MAX_UNPACKED", 1_000_000)
    with pytest.raises(trees.HostileError, match="unpacks to more"):
        trees.read_archive(archive({"zeros": b"\0" * 5_000_000}))


def test_too_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "MAX_FILES", 3)
    with pytest.raises(trees.HostileError, match="too many"):
        trees.read_archive(archive({str(n): b"" for n in range(4)}))
