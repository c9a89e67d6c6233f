"""The filter, run by a small interpreter of classic BPF."""

import errno
import struct

import pytest

from adapters.local.slots import seccomp

ALLOW, KILL, ERRNO = seccomp.ALLOW, seccomp.KILL, seccomp.ERRNO
NAMES = [
    "ptrace", "bpf", "io_uring_setup", "io_uring_enter", "io_uring_register", "unshare", "setns",
    "mount", "umount2", "keyctl", "add_key", "request_key", "userfaultfd", "open_by_handle_at",
    "perf_event_open", "kexec_load", "init_module", "finit_module",
]  # fmt: skip


def run(program: bytes, nr: int, arch: int, *arguments: int) -> int:
    data = struct.pack("=iIQ6Q", nr - (1 << 32) if nr >= 1 << 31 else nr, arch, 0,
                       *(list(arguments) + [0] * 6)[:6])  # fmt: skip
    code = list(struct.iter_unpack("=HBBI", program))
    at, accumulator = 0, 0
    while True:
        operation, yes, no, value = code[at]
        at += 1
        if operation == seccomp.RETURN:
            return value
        if operation == seccomp.LOAD:
            accumulator = struct.unpack_from("=I", data, value)[0]
            continue
        holds = {
            seccomp.JUMP_EQUAL: accumulator == value,
            seccomp.JUMP_GREATER_EQUAL: accumulator >= value,
            seccomp.JUMP_ANY_BIT: bool(accumulator & value),
        }[operation]
        at += yes if holds else no


@pytest.fixture(params=sorted(seccomp.MACHINES))
def machine(request: pytest.FixtureRequest) -> seccomp.Machine:
    return seccomp.MACHINES[request.param]


def test_every_named_call_is_denied(machine: seccomp.Machine) -> None:
    assert set(NAMES) <= set(machine.denied)
    program = seccomp.assemble(machine)
    for number in machine.denied.values():
        assert run(program, number, machine.audit_arch) == ERRNO | errno.EPERM


def test_ordinary_calls_pass(machine: seccomp.Machine) -> None:
    program = seccomp.assemble(machine)
    special = {*machine.denied.values(), machine.clone3, machine.socket, machine.socketpair}
    for number in set(range(460)) - special:
        assert run(program, number, machine.audit_arch) == ALLOW


def test_foreign_architectures_are_killed(machine: seccomp.Machine) -> None:
    program = seccomp.assemble(machine)
    assert run(program, 1, 0x40000003) == KILL
    if machine.x32:
        assert run(program, 0x40000001, machine.audit_arch) == ERRNO | errno.ENOSYS


def test_clone_may_fork_but_not_enter_namespaces(machine: seccomp.Machine) -> None:
    program = seccomp.assemble(machine)
    assert run(program, machine.clone3, machine.audit_arch) == ERRNO | errno.ENOSYS
    assert run(program, machine.clone, machine.audit_arch, 0x01200011) == ALLOW
    assert run(program, machine.clone, machine.audit_arch, 0x3D0F00) == ALLOW
    for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert run(program, machine.clone, machine.audit_arch, flag | 17) == ERRNO | errno.EPERM


def test_only_four_socket_families(machine: seccomp.Machine) -> None:
    program = seccomp.assemble(machine)
    for call in (machine.socket, machine.socketpair):
        for family in range(64):
            expected = ALLOW if family in {1, 2, 10, 16} else ERRNO | errno.EAFNOSUPPORT
            assert run(program, call, machine.audit_arch, family) == expected


def test_nobody_types_into_a_terminal(machine: seccomp.Machine) -> None:
    program = seccomp.assemble(machine)
    assert run(program, machine.ioctl, machine.audit_arch, 0, 0x5412) == ERRNO | errno.EPERM
    assert run(program, machine.ioctl, machine.audit_arch, 0, 0x5401) == ALLOW


def test_the_program_fits_the_kernel(machine: seccomp.Machine) -> None:
    program = seccomp.assemble(machine)
    assert len(program) % 8 == 0
    assert len(program) // 8 < 4096
    assert program == seccomp.assemble(machine)


def test_an_unknown_processor_has_no_filter() -> None:
    assert seccomp.program("pdp11") is None
