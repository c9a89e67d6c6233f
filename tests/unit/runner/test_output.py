import hashlib
import json
import os
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner import folder
from runner.errors import Failure
from runner.output import collect, write_list
from runner.plan import inside, leaves
from runner.protocol import Limits


def reject(root, limits=None):
    with pytest.raises(Failure) as caught:
        collect(root, limits or Limits(), plain=False)
    assert caught.value.code == "output_rejected"
    return caught.value.message


def test_links_inside_become_content_and_hard_links_are_files(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "f").write_text("x")
    (tmp_path / "l").symlink_to("d/f")
    (tmp_path / "e").symlink_to("d")
    os.link(tmp_path / "d" / "f", tmp_path / "h")
    files = collect(tmp_path, Limits(), plain=False)
    assert [f.path for f in files] == ["d/f", "e/f", "h", "l"]
    assert {f.sha256 for f in files} == {hashlib.sha256(b"x").hexdigest()}


def test_private_files_stay_out_of_a_plain_site_only(tmp_path):
    for name in (".env", "a", ".well-known/b", "node_modules/c", "x/.git/d", "x/node_modules/e"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert [f.path for f in collect(tmp_path, Limits(), plain=True)] == [".well-known/b", "a"]
    assert len(collect(tmp_path, Limits(), plain=False)) == 6


def test_special_files(tmp_path):
    place = Path(tempfile.mkdtemp())
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place / "s"))
        assert "s is a socket" in reject(place)
    os.mkfifo(tmp_path / "pipe")
    assert "pipe is a FIFO" in reject(tmp_path)


def test_link_cycles_and_escapes(tmp_path):
    site = tmp_path / "site"
    (site / "a" / "b").mkdir(parents=True)
    (site / "a" / "b" / "up").symlink_to("..")
    assert "a/b/up is a link to a folder it lies in" in reject(site)
    (site / "a" / "b" / "up").unlink()
    (site / "one").symlink_to("two")
    (site / "two").symlink_to("one")
    assert "nowhere" in reject(site)
    (site / "one").unlink()
    (site / "two").unlink()
    (tmp_path / "site-secret").write_text("x")
    (site / "l").symlink_to("../site-secret")
    assert "out of the output folder" in reject(site)


def test_links_that_multiply_are_stopped(tmp_path):
    for level in range(40):
        (tmp_path / f"d{level}").mkdir()
        for side in "ab":
            (tmp_path / f"d{level}" / side).symlink_to(f"../d{level + 1}")
    (tmp_path / "d40").mkdir()
    assert "more folders" in reject(tmp_path, Limits(output_files=2000))


def test_deep_tree():
    here, place = os.getcwd(), tempfile.mkdtemp()
    try:
        os.chdir(place)
        for _ in range(3000):
            os.mkdir("d")
            os.chdir("d")
        os.chdir(here)
        assert "nested too deeply" in reject(place)
    finally:
        os.chdir(here)
        subprocess.run(["rm", "-rf", place], check=True)  # rmtree would recurse too deeply


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(output_files=2), "2 files"),
        (Limits(output_bytes=250), "250 B"),
        (Limits(file_bytes=99), "99 B"),
    ],
)
def test_limits(tmp_path, limits, words):
    for name in "abc":
        (tmp_path / name).write_bytes(bytes(100))
    assert words in reject(tmp_path, limits)


def test_unreadable_files_are_read_all_the_same(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "f").write_text("x")
    (tmp_path / "d" / "f").chmod(0)
    (tmp_path / "d").chmod(0)
    assert [f.path for f in collect(tmp_path, Limits(), plain=False)] == ["d/f"]


NAME = st.binary(min_size=1, max_size=12).filter(
    lambda b: b"/" not in b and b"\0" not in b and b not in (b".", b"..")
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(NAME, st.binary(max_size=20), min_size=1, max_size=5))
def test_any_name_is_published_or_named(contents):
    with tempfile.TemporaryDirectory() as place:
        for name, data in contents.items():
            Path(os.fsdecode(os.path.join(os.fsencode(place), name))).write_bytes(data)
        try:
            files = collect(Path(place), Limits(), plain=False)
        except Failure as failure:
            assert failure.message.isprintable()  # noqa: PT017
            return
        assert {f.path.encode() for f in files} == set(contents)
        listing = Path(place) / "list.json"
        write_list(files, listing)
        rows = json.loads(listing.read_text())["files"]
        assert [row["path"] for row in rows] == sorted(f.path for f in files)
        for row in rows:
            assert row["sha256"] == hashlib.sha256(contents[row["path"].encode()]).hexdigest()
            assert all(c >= " " for c in row["path"])


def test_finding_the_output(tmp_path):
    root = tmp_path / "app"
    (root / "dist").mkdir(parents=True)
    assert folder.find(tmp_path, root, ["dist"], set()) == (root / "dist", "dist")
    assert folder.find(tmp_path, root, [".", "dist"], set()) == (root, ".")
    for outside in ("../..", "/etc", "../../x"):
        with pytest.raises(Failure, match="outside"):
            folder.find(tmp_path, root, [outside], set())
    (root / "file").write_text("")
    with pytest.raises(Failure, match="is a file"):
        folder.find(tmp_path, root, ["file"], set())
    with pytest.raises(Failure) as caught:
        folder.find(tmp_path, root, ["public"], {"file"})
    assert caught.value.hint.startswith("The build made: dist.")


def test_a_path_that_cannot_be_followed_is_not_inside(tmp_path):
    """realpath without strict=True gives up on such chains and calls the rest of them fine."""
    (tmp_path / "loop").symlink_to("loop//x")
    long = "d" * 200
    deep = tmp_path
    for _ in range(16):
        deep /= long
        os.mkdir(deep)
    (tmp_path / "far").symlink_to("/".join([long] * 16))
    assert inside(tmp_path, "loop") is None
    assert inside(tmp_path, "far/" + "../" * 17 + "..") is None
    assert leaves(tmp_path, "a/../../b")
    assert not leaves(tmp_path, "a/../b")
    (tmp_path / "out").symlink_to("/etc")
    assert inside(tmp_path, "out") is None
    assert leaves(tmp_path, "out/ssl")
