from __future__ import annotations

import os
import subprocess
import sys

import pytest

from adapters.local.gateway.git import HOOKS
from adapters.local.hooks import announce

OLD, NEW = "0" * 40, "a" * 40


def move(folder, state="prepared", lines=()):
    text = "".join(f"{old} {new} {ref}\n" for old, new, ref in lines)
    return subprocess.run(
        [HOOKS / "reference-transaction", state],
        input=text,
        text=True,
        env={
            "GIT_DIR": str(folder),
            "PATH": os.environ["PATH"],
            "CLOUDDECK_PYTHON": sys.executable,
        },
        check=True,
        capture_output=True,
    )


def test_branches_and_tags_are_noted_and_nothing_else(tmp_path):
    refs = ["refs/heads/main", "refs/heads/with space", "refs/tags/v1", "HEAD", "refs/notes/x"]
    move(tmp_path, lines=[(OLD, NEW, ref) for ref in refs])
    lines = (tmp_path / "clouddeck" / "pushes").read_text().splitlines()
    assert [line.split(" ", 3)[3] for line in lines] == refs[:3]
    assert len({line.split(" ")[0] for line in lines}) == 1
    assert len(lines[0].split(" ")[0]) == 19


@pytest.mark.parametrize("state", ["committed", "aborted"])
def test_only_the_moment_of_the_lock_counts(tmp_path, state):
    move(tmp_path, state, [(OLD, NEW, "refs/heads/main")])
    assert not (tmp_path / "clouddeck").exists()


def test_a_push_is_refused_when_its_moment_cannot_be_noted(tmp_path):
    (tmp_path / "clouddeck").write_text("no folder")
    with pytest.raises(subprocess.CalledProcessError):
        move(tmp_path, lines=[(OLD, NEW, "refs/heads/main")])


def test_updates_get_the_last_noted_moment(tmp_path):
    (tmp_path / "pushes").write_text(
        f"1 {OLD} {NEW} refs/heads/main\n2 {NEW} {OLD} refs/heads/main\n"
        f"3 {OLD} {NEW} refs/heads/main\nhalf a line"
    )
    text = f"{OLD} {NEW} refs/heads/main\n{OLD} {NEW} refs/notes/x\n"
    assert announce.read_updates(text, str(tmp_path)) == [
        {"ref": "refs/heads/main", "old": OLD, "new": NEW, "sequence": 3}
    ]


def test_an_update_that_was_not_noted_counts_as_now(tmp_path):
    [update] = announce.read_updates(f"{OLD} {NEW} refs/heads/main\n", str(tmp_path))
    assert update["sequence"] > 1_700_000_000 * 10**9


def test_trimming_keeps_the_last_move_of_every_branch(tmp_path):
    def write(first, count):
        with (tmp_path / "pushes").open("a") as file:
            for n in range(first, first + count):
                file.write(f"{n} {OLD} {NEW} refs/heads/b{n % 7}\n")

    write(0, 5)
    (tmp_path / "pushes").open("a").write(f"5 {OLD} {NEW} refs/heads/old\n")
    for start in (6, 2000, 4000):
        write(start, announce.TRIM_ABOVE)
        announce.trim(str(tmp_path))
    names = sorted(p.name for p in tmp_path.iterdir())
    assert names == ["last", "lock", "pushes.1"] or "pushes" in names
    kept = {}
    for name in ("last", "pushes.1", "pushes"):
        for parts in announce._lines(str(tmp_path / name)):
            kept[parts[3]] = int(parts[0])
    assert kept["refs/heads/old"] == 5
    assert max(kept.values()) == 4000 + announce.TRIM_ABOVE - 1


def test_a_short_list_is_left_alone(tmp_path):
    (tmp_path / "pushes").write_text(f"1 {OLD} {NEW} refs/heads/main\n")
    announce.trim(str(tmp_path))
    assert [p.name for p in tmp_path.iterdir()] == ["pushes"]
