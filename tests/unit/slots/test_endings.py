"""How builds may start, and the reasons they end for."""

import pytest

from adapters.local.slots.cgroups import Sample
from adapters.local.slots.endings import (
    PROTECTIONS,
    REQUIRED,
    SANDBOX,
    Watch,
    choose,
    explain,
    timed_out,
)
from adapters.local.slots.settings import Limits

ALL = frozenset(PROTECTIONS)
LIMITS = Limits(memory_bytes=100 << 20, disk_bytes=50 << 20, inodes=9, pids=7, cpus=1)


@pytest.mark.parametrize(
    ("isolation", "trusted", "protections", "sandboxed", "refused"),
    [
        ("auto", True, ALL, True, False),
        ("auto", False, ALL, True, False),
        ("auto", True, SANDBOX, True, False),
        ("auto", False, SANDBOX, False, True),
        ("auto", True, frozenset(), False, False),
        ("auto", False, frozenset(), False, True),
        ("require", True, SANDBOX, False, True),
        ("require", True, REQUIRED, True, False),
        ("require", False, frozenset(), False, True),
        ("none", True, ALL, False, False),
        ("none", False, frozenset(), False, False),
    ],
)
def test_who_may_run_where(
    isolation: str, trusted: bool, protections: frozenset[str], sandboxed: bool, refused: bool
) -> None:
    start = choose(isolation, trusted=trusted, protections=protections)
    assert (start.sandboxed, start.refusal is not None) == (sandboxed, refused)


@pytest.mark.parametrize("missing", sorted(REQUIRED))
def test_untrusted_builds_need_every_required_protection(missing: str) -> None:
    start = choose("auto", trusted=False, protections=ALL - {missing})
    assert start.refusal is not None
    assert missing in start.refusal.message
    assert start.refusal.code == "internal"


@pytest.mark.parametrize(
    ("status", "sample", "full", "tail", "code"),
    [
        (0, Sample(oom_kills=1), True, "", None),
        (137, Sample(oom_kills=1), False, "", "oom"),
        (1, Sample(), True, "", "disk_full"),
        (1, Sample(refused_forks=3), False, "", "pids_limit"),
        (97, Sample(), False, "", "internal"),
        (1, Sample(), False, "bwrap: No permissions", "internal"),
        (1, Sample(), False, "Traceback", "internal"),
        (-9, Sample(), False, "", "runner_lost"),
        (139, Sample(), False, "", "runner_lost"),
    ],
)
def test_why_it_ended(status: int, sample: Sample, full: bool, tail: str, code: str | None) -> None:
    failure = explain(status, sample, LIMITS, disk_full=full, tail=tail)
    assert (failure.code if failure else None) == code


def test_memory_is_watched_apart_from_files() -> None:
    watch = Watch(LIMITS)
    assert watch.breach(Sample(private_bytes=99 << 20), 0) is None
    failure = watch.breach(Sample(private_bytes=101 << 20), 1)
    assert failure is not None
    assert failure.code == "oom"


def test_a_lasting_fork_storm_ends_the_build_and_a_short_one_does_not() -> None:
    watch = Watch(LIMITS)
    assert watch.breach(Sample(refused_forks=5), 0) is None
    assert watch.breach(Sample(refused_forks=5), 2) is None
    steps = [watch.breach(Sample(refused_forks=6 + i), 10 + i * 0.5) for i in range(12)]
    assert steps[:10] == [None] * 10
    assert steps[10] is not None
    assert steps[10].code == "pids_limit"


def test_the_deadline_names_the_cause() -> None:
    assert timed_out(9, Sample(), LIMITS).code == "timeout"
    assert timed_out(9, Sample(refused_forks=1), LIMITS).code == "pids_limit"
