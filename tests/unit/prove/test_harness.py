"""The pure parts of the suites: what they generate, what they read, how they count."""

import json
import os
import random
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.prove import kill, machine, malicious_more, malicious_table, storm
from tests.prove.__main__ import SUITES, main
from tests.prove.outcome import Outcome, percentile
from tests.prove.repository import Link, Repository, quoted, stream
from tests.prove.visitor import Visitor


class StillCloud:
    """Answers visitors with what it is told."""

    def __init__(self, *answers: tuple[int, bytes]) -> None:
        self.answers = list(answers)

    def visit(self, host: str) -> tuple[int, str, bytes]:
        status, body = self.answers.pop(0)
        return status, "", body


def visited(*answers: tuple[int, bytes], excused: bool = False) -> Visitor:
    visitor = Visitor(StillCloud(*answers), "site", [b"one", b"two"])
    for status, body in answers:
        visitor._judge(status, body, excused)
    return visitor


def test_a_visitor_takes_what_was_published():
    visitor = visited((200, b"one"), (200, b"two"), (200, b"two"))
    assert not visitor.wrong
    assert not visitor.failures
    assert visitor.count["asked"] == 3


def test_a_visitor_notices_strange_bodies_and_steps_back():
    assert visited((200, b"three")).wrong
    assert visited((200, b"two"), (200, b"one")).wrong


def test_a_visitor_excuses_silence_only_while_the_edge_is_dead():
    assert visited((0, b""), (502, b"")).failures == 2
    assert visited((0, b""), excused=True).failures == 0
    assert visited((200, b"three"), excused=True).wrong, "a wrong body has no excuse"


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.5, 0.0), ([3.0], 0.99, 3.0), ([1.0, 2.0, 3.0, 4.0], 0.5, 2.0), ([1.0, 2.0], 1.0, 2.0)],
)
def test_percentile(values, share, expected):
    assert percentile(values, share) == expected


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_not_exceeded_by_its_share(values, share):
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-6


def test_an_outcome_fails_by_one_complaint(tmp_path: Path):
    outcome = Outcome("kill", "all well", 7, "smoke")
    assert outcome.expect(True, "never said")
    outcome.figures["kills"] = 3
    assert outcome.ok
    assert not outcome.expect(0, lambda: "said")
    outcome.write(tmp_path / "deep")
    report = json.loads((tmp_path / "deep" / "kill.json").read_text())
    assert report == {
        "suite": "kill",
        "seed": 7,
        "tier": "smoke",
        "figures": {"kills": 3},
        "goal": "all well",
        "ok": False,
        "failures": ["said"],
    }
    assert outcome.line() == "prove kill smoke seed 7: FAILED (1): kills 3"


@given(st.integers(0, 1000), st.integers(1, 60))
def test_every_victim_is_hit_about_as_often(seed, kills):
    names = list(kill.schedule(random.Random(seed), kills))
    assert len(names) == kills
    counts = Counter(names)
    assert max(counts.values()) - min(counts[name] for name in kill.VICTIMS) <= 1
    assert names == list(kill.schedule(random.Random(seed), kills))


@pytest.mark.parametrize(
    "name", [b"a b", b'q"uote', b"back\\slash", b"new\nline", b"\xff\xfe", b"e"]
)
def test_any_name_gets_into_a_commit(tmp_path: Path, name: bytes):
    repository = Repository(tmp_path / "r", "")
    commit = repository.commit({name: b"\0content\n", "link": Link("../out")})
    listed = subprocess.run(
        ["git", "ls-tree", "-rz", commit], cwd=tmp_path / "r", capture_output=True, check=True
    ).stdout
    assert name in [row.split(b"\t", 1)[1] for row in listed.split(b"\0") if row]
    assert b"120000" in listed


def test_an_empty_tree_is_a_commit(tmp_path: Path):
    assert len(Repository(tmp_path / "r", "").commit({})) == 40


def test_plain_names_stay_plain():
    assert quoted(b"a/b-c_1.html") == b"a/b-c_1.html"
    assert b"from " not in stream("refs/heads/x", {}, "m")


def test_stat_of_a_process_whose_name_is_hostile():
    assert machine.parse_stat("12 (a) R 7) x) S 34 12 12 0") == (34, "S")


def test_our_own_descendants_are_found():
    child = subprocess.Popen(["sleep", "30"])
    try:
        assert child.pid in {one.pid for one in machine.below(os.getpid(), machine.processes())}
    finally:
        child.kill()
        child.wait()


def test_the_name_of_a_home_is_the_one_the_slots_use():
    from adapters.local.slots.settings import read

    settings = read(
        {
            "CLOUDDECK_HOME": "/tmp/somewhere",
            "CLOUDDECK_SLOTS_PORT": "1",
            "CLOUDDECK_API": "http://localhost:1",
            "CLOUDDECK_S3": "http://localhost:2",
            "CLOUDDECK_LOCAL_SECRET": "s",
        }
    )
    assert machine.instance(Path("/tmp/somewhere")) == settings.instance


def test_a_deployment_without_an_end_takes_for_ever():
    first, last = "2026-01-01T23:59:59.500Z", "2026-01-02T00:00:01.000Z"
    assert kill.seconds_between(first, last) == 1.5
    assert kill.seconds_between(first, None) == float("inf")


def test_moves_are_read_as_git_noted_them(tmp_path: Path):
    old, new = "0" * 40, "1" * 40
    path = tmp_path / "pushes"
    path.write_text(f"12 {old} {new} refs/heads/main\n13 {old} {new} refs/tags/v1\n")
    assert storm.read_moves(path) == {new: (old, 12)}
    body = json.loads(storm.Move(old, new, 12).body("prj_x"))
    assert body["updates"][0]["sequence"] == 12
    assert len(body["delivery"]) >= 8


def test_the_table_of_malicious_repositories_is_sound():
    known = malicious_table.corpus(9000)
    assert len(known) == 57
    table = [*known, *malicious_more.more(9000)]
    names = [case.name for case in table]
    assert len(names) == len(set(names))
    for case in table:
        assert case.state in {"ready", "failed", "refused"}
        assert bool(case.codes) == (case.state == "failed"), case.name
        assert len(f"bad-{case.name}") <= 35
        for name, body in case.files.items():
            if str(name).endswith(".py"):
                compile(str(body), str(name), "exec")
    spy = next(case for case in table if case.name == "spy")
    assert "PORT = 9000" in spy.files["spy.py"]


def test_wrong_arguments_are_refused(capsys):
    for arguments in (["--suite", "nothing"], ["--tier", "huge"]):
        with pytest.raises(SystemExit):
            main(arguments)
    assert SUITES[0] in capsys.readouterr().err
