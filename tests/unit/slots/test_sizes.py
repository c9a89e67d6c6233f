"""What an order gets of a machine, and what is said when that is less."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.local.slots import cgroups
from adapters.local.slots.pool import Pool
from adapters.local.slots.server import Control, parse_order
from adapters.local.slots.settings import MEGABYTE, Limits
from adapters.local.slots.sizes import Size, asked, fit, note
from tests.unit.slots.test_control import GOOD, head, report, run

MACHINE = Limits(4096 * MEGABYTE, 4096 * MEGABYTE, 1_048_576, 512, 2.0)
figures = st.integers(1, 1 << 20)
sizes = st.builds(Size, st.none() | figures, st.none() | st.integers(1, 64), st.none() | figures)
machines = st.builds(
    Limits, figures.map(lambda n: n * MEGABYTE), figures.map(lambda n: n * MEGABYTE),
    st.integers(10_000, 1 << 22), st.integers(1, 4096), st.floats(0.05, 64),
)  # fmt: skip


@given(sizes, machines)
def test_never_above_the_machine_nor_above_the_order(size: Size, machine: Limits) -> None:
    got = fit(size, machine)
    assert got.memory_bytes <= machine.memory_bytes
    assert got.disk_bytes <= machine.disk_bytes
    assert got.cpus <= machine.cpus
    assert got.inodes <= machine.inodes
    assert got.pids == machine.pids
    wanted = (size.memory_mb, size.disk_mb, size.cpus)
    have = (got.memory_bytes // MEGABYTE, got.disk_bytes // MEGABYTE, got.cpus)
    assert all(w is None or h <= w for w, h in zip(wanted, have, strict=True))
    less = any(w is not None and h < w for w, h in zip(wanted, have, strict=True))
    assert bool(note(size, machine)) == less


def test_what_is_said() -> None:
    assert note(Size(4096, 2, 4096), MACHINE) == ""
    text = note(Size(8192, 4, 2048), MACHINE)
    assert "4096 MB of memory, not 8192, 2 processors, not 4 (" in text
    assert "disk, not" not in text


def test_the_kernel_is_told_the_size_of_the_order() -> None:
    files = cgroups.limit_files(2, fit(Size(2048, 1, 2048), MACHINE))
    assert files["memory"][0][1] == str(4096 * MEGABYTE)  # memory and disk
    assert files["cpu"][0][1] == "100000 100000"


@pytest.mark.parametrize("value", [0, -1, True, "1", 1.5, 1 << 25])
@pytest.mark.parametrize("name", ["memory_mb", "cpus", "disk_mb"])
def test_sizes_that_are_none(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        asked({name: value})


@pytest.mark.parametrize("value", [-1, True, "1", 10])
def test_priorities_that_are_none(value: object) -> None:
    with pytest.raises(ValueError, match="priority"):
        parse_order(json.dumps(GOOD | {"priority": value}).encode())


def test_the_answer_says_what_is_less_and_urgent_ones_go_first() -> None:
    async def play() -> None:
        pool = Pool(1, run, report)
        control = Control(pool, "s", {}, MACHINE)

        def submit(name: str, **more: object) -> dict[str, object]:
            body = json.dumps(GOOD | {"build": name} | more).encode()
            return control.answer(head("POST /builds"), body)[1]

        assert "note" not in submit("first", memory_mb=4096)
        assert "4096 MB of memory, not 8192" in str(submit("second", memory_mb=8192, priority=1))
        assert submit("third", priority=2)["position"] == 1
        assert submit("fourth", priority=0)["position"] == 0
        assert submit("fifth", priority=1)["position"] == 2
        await pool.close(0.1)

    asyncio.run(play())
