"""Where control groups are looked for and what is written into them."""

from pathlib import Path

import pytest

from adapters.local.slots.cgroups import (
    Group,
    Sample,
    Tree,
    candidates,
    delegated,
    limit_files,
    sweep,
)
from adapters.local.slots.settings import Limits

LIMITS = Limits(memory_bytes=1000, disk_bytes=24, inodes=9, pids=7, cpus=0.5)
V1 = """\
31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
"""
V2 = "25 20 0:22 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"


def test_version_one_as_root() -> None:
    memberships = "8:pids:/\n4:memory:/jobs/1\n1:cpu,cpuacct:/\n9:name=systemd:/\n"
    assert candidates(memberships, V1, root=True) == [
        (
            1,
            {
                "cpu": Path("/sys/fs/cgroup/cpu,cpuacct"),
                "memory": Path("/sys/fs/cgroup/memory/jobs/1"),
                "pids": Path("/sys/fs/cgroup/pids"),
            },
        )
    ]


def test_version_two_prefers_the_own_group_then_the_root() -> None:
    own = "0::/user.slice/app.scope\n"
    places = [next(iter(found.values())) for _, found in candidates(own, V2, root=True)]
    assert places == [Path("/sys/fs/cgroup/user.slice/app.scope"), Path("/sys/fs/cgroup")]
    assert len(candidates(own, V2, root=False)) == 1


def test_a_container_sees_its_hierarchy_from_its_own_group_on() -> None:
    memberships = "4:memory:/docker/abc/inner\n"
    mountinfo = "35 31 0:32 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    assert candidates(memberships, mountinfo, root=True) == [
        (1, {"memory": Path("/sys/fs/cgroup/memory/inner")})
    ]


def test_no_control_groups() -> None:
    assert candidates("", "", root=True) == []


def test_limits_of_version_two() -> None:
    files = {name: value for each in limit_files(2, LIMITS).values() for name, value, _ in each}
    assert files == {
        "memory.max": "1024",
        "memory.swap.max": "0",
        "memory.oom.group": "1",
        "pids.max": "7",
        "cpu.max": "50000 100000",
    }


def test_limits_of_version_one() -> None:
    files = {name: value for each in limit_files(1, LIMITS).values() for name, value, _ in each}
    assert files == {
        "memory.limit_in_bytes": "1024",
        "memory.memsw.limit_in_bytes": "1024",
        "pids.max": "7",
        "cpu.cfs_period_us": "100000",
        "cpu.cfs_quota_us": "50000",
    }


def test_samples_of_both_versions(tmp_path: Path) -> None:
    (tmp_path / "memory.events").write_text("low 0\noom 3\noom_kill 2\n")
    (tmp_path / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 1\n")
    (tmp_path / "memory.stat").write_text("anon 5\nfile 9\ntotal_rss 6\n")
    (tmp_path / "pids.events").write_text("max 4\n")
    folders = {"memory": tmp_path, "pids": tmp_path}
    assert Group(2, folders).sample() == Sample(2, 4, 5)
    assert Group(1, folders).sample() == Sample(1, 4, 6)
    assert Group(1, {}).sample() == Sample()


def test_sweeping_removes_empty_groups(tmp_path: Path) -> None:
    for controller in ("memory", "pids"):
        (tmp_path / controller / "slot-0").mkdir(parents=True)
    tree = Tree(1, {c: tmp_path / c for c in ("memory", "pids")})
    assert sweep(tree) == 1
    assert not list(tmp_path.glob("*/slot-0"))


def test_a_delegated_tree_hands_its_controllers_down(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpuset cpu io memory pids\n")
    roots = delegated(tmp_path, "clouddeck-x")
    assert roots == dict.fromkeys(("memory", "pids", "cpu"), tmp_path / "clouddeck-x")
    for folder in (tmp_path, tmp_path / "clouddeck-x"):
        assert (folder / "cgroup.subtree_control").read_text() == "+memory +pids +cpu"


def test_a_tree_without_memory_is_no_tree(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("hugetlb\n")
    with pytest.raises(OSError, match="not delegated"):
        delegated(tmp_path, "clouddeck-x")
