import pytest

from runner import verdict


@pytest.mark.parametrize(
    ("code", "tail", "expected"),
    [
        (1, [], "build_failed"),
        (-9, [], "oom"),
        (137, [], "oom"),
        (134, ["FATAL ERROR: Reached heap limit - JavaScript heap out of memory"], "oom"),
        (1, ["Traceback", "MemoryError"], "oom"),
        (1, ["docs/MemoryError.md was written"], "build_failed"),
        (1, ["Error: ENOSPC: no space left on device, write"], "disk_full"),
        (1, ["Error: ENOSPC: System limit for number of file watchers reached"], "build_failed"),
        (2, ["sh: 1: Cannot fork"], "pids_limit"),
        (255, [], "build_failed"),
    ],
)
def test_codes(code, tail, expected):
    failure = verdict.of("build", "build", code, tail)
    assert failure.code == expected
    assert failure.exit_code == (code if code > 0 else 128 - code)
    assert failure.hint


def test_names_the_signal():
    assert "exit code 139 (SIGSEGV)." in verdict.of("build", "install", -11, []).message
    assert "exit code 255." in verdict.of("build", "install", 255, []).message
    assert verdict.of("build", "install", 1, []).code == "install_failed"
