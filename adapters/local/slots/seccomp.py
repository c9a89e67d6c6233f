"""The system-call filter of a build, assembled here so that nothing opaque is shipped.

The program is classic BPF over `struct seccomp_data` (nr at 0, arch at 4, arguments from 16, eight
bytes each, low half first on the two little-endian machines known here). A refused call fails with
an errno instead of killing the caller: build tools probe for features and carry on without them.
"""

import errno
import platform
import struct
from dataclasses import dataclass

ALLOW = 0x7FFF0000
KILL = 0x80000000
ERRNO = 0x00050000

LOAD, JUMP_EQUAL, JUMP_GREATER_EQUAL, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCH, FIRST_ARGUMENT = 0, 4, 16

NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW* flag that clone() can carry
SOCKET_FAMILIES = (1, 2, 10, 16)  # unix, inet, inet6, netlink (getaddrinfo lists interfaces by it)
TERMINAL_INPUT = (0x5412, 0x541C)  # TIOCSTI and TIOCLINUX type into somebody else's terminal


@dataclass(frozen=True, slots=True)
class Machine:
    """System-call numbers of one processor family."""

    audit_arch: int
    denied: dict[str, int]
    clone: int
    clone3: int
    socket: int
    socketpair: int
    ioctl: int
    x32: bool


MACHINES = {
    "x86_64": Machine(
        audit_arch=0xC000003E,
        denied={
            "ptrace": 101, "syslog": 103, "personality": 135, "pivot_root": 155, "chroot": 161,
            "acct": 163, "mount": 165, "umount2": 166, "swapon": 167, "swapoff": 168,
            "reboot": 169, "init_module": 175, "delete_module": 176, "quotactl": 179,
            "kexec_load": 246, "add_key": 248, "request_key": 249, "keyctl": 250,
            "unshare": 272, "perf_event_open": 298, "open_by_handle_at": 304, "setns": 308,
            "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312,
            "finit_module": 313, "kexec_file_load": 320, "bpf": 321, "userfaultfd": 323,
            "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
            "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432,
            "fspick": 433, "pidfd_getfd": 438, "mount_setattr": 442, "quotactl_fd": 443,
        },
        clone=56, clone3=435, socket=41, socketpair=53, ioctl=16, x32=True,
    ),
    "aarch64": Machine(
        audit_arch=0xC00000B7,
        denied={
            "ptrace": 117, "syslog": 116, "personality": 92, "pivot_root": 41, "chroot": 51,
            "acct": 89, "mount": 40, "umount2": 39, "swapon": 224, "swapoff": 225,
            "reboot": 142, "init_module": 105, "delete_module": 106, "quotactl": 60,
            "kexec_load": 104, "add_key": 217, "request_key": 218, "keyctl": 219,
            "unshare": 97, "perf_event_open": 241, "open_by_handle_at": 265, "setns": 268,
            "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272,
            "finit_module": 273, "kexec_file_load": 294, "bpf": 280, "userfaultfd": 282,
            "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
            "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432,
            "fspick": 433, "pidfd_getfd": 438, "mount_setattr": 442, "quotactl_fd": 443,
        },
        clone=220, clone3=435, socket=198, socketpair=199, ioctl=29, x32=False,
    ),
}  # fmt: skip


def assemble(machine: Machine) -> bytes:
    """The filter as an array of `struct sock_filter`, eight bytes per instruction."""
    code = [
        _step(LOAD, ARCH),
        _step(JUMP_EQUAL, machine.audit_arch, 1, 0),
        _step(RETURN, KILL),
        _step(LOAD, NUMBER),
    ]
    if machine.x32:
        code += _refuse(JUMP_GREATER_EQUAL, 0x40000000, errno.ENOSYS)
    for number in sorted(machine.denied.values()):
        code += _refuse(JUMP_EQUAL, number, errno.EPERM)
    # Flags of clone3 lie behind a pointer that a filter cannot follow; libc falls back to clone.
    code += _refuse(JUMP_EQUAL, machine.clone3, errno.ENOSYS)
    code += _arguments(machine.clone, 0, _refuse(JUMP_ANY_BIT, NEW_NAMESPACES, errno.EPERM))
    families = [
        step
        for family in SOCKET_FAMILIES
        for step in (_step(JUMP_EQUAL, family, 0, 1), _step(RETURN, ALLOW))
    ] + [_step(RETURN, ERRNO | errno.EAFNOSUPPORT)]
    code += _arguments(machine.socket, 0, families)
    code += _arguments(machine.socketpair, 0, families)
    typing = [s for request in TERMINAL_INPUT for s in _refuse(JUMP_EQUAL, request, errno.EPERM)]
    code += _arguments(machine.ioctl, 1, typing)
    return b"".join([*code, _step(RETURN, ALLOW)])


def program(machine_name: str | None = None) -> bytes | None:
    """The filter for this machine (or the named one); None where the processor is not known."""
    machine = MACHINES.get(machine_name or platform.machine())
    return assemble(machine) if machine else None


def _step(operation: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", operation, if_true, if_false, value)


def _refuse(test: int, value: int, error: int) -> list[bytes]:
    return [_step(test, value, 0, 1), _step(RETURN, ERRNO | error)]


def _arguments(number: int, index: int, checks: list[bytes]) -> list[bytes]:
    """For one call: run `checks` on the low half of one argument, then allow it."""
    body = [_step(LOAD, FIRST_ARGUMENT + 8 * index), *checks, _step(RETURN, ALLOW)]
    return [_step(JUMP_EQUAL, number, 0, len(body)), *body]
