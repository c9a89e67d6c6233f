"""Every way `deck` can fail, by what the caller should do about it.

DeckError
├── Failed         1    the build or the operation failed
├── UserError      2    what was asked for cannot be done, or there is no project here
├── NotSignedIn    3    nobody is signed in, or the sign-in is no longer good
├── NetworkError   4    the API cannot be reached: offline, DNS, proxy, TLS
└── SystemProblem  5    this machine: disk, permissions, missing program
130 is Ctrl-C and has no class.
"""

# ruff: noqa: N818 - the names say what is the matter, as the tree above reads

from __future__ import annotations

import errno
from typing import Any

INTERRUPTED = 130


class DeckError(Exception):
    """A failure with a code for programs, a sentence for people and a hint what to do next."""

    exit_code = 1

    def __init__(self, code: str, message: str, hint: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.request_id = request_id

    def body(self) -> dict[str, Any]:
        """The machine-readable form, as printed with `--json`."""
        return {
            "error": {
                "code": self.code,
                "message": self.message,
                "hint": self.hint,
                "request_id": self.request_id,
            }
        }


class Failed(DeckError):
    """The build or the operation failed."""

    exit_code = 1


class UserError(DeckError):
    """What was asked for cannot be done as asked."""

    exit_code = 2


class NotSignedIn(DeckError):
    """Nobody is signed in, or the sign-in is no longer good."""

    exit_code = 3


class NetworkError(DeckError):
    """The API could not be reached."""

    exit_code = 4


class SystemProblem(DeckError):
    """This machine could not do its part."""

    exit_code = 5


_OS_HINTS = {
    errno.ENOSPC: ("disk_full", "Free some space and run the command again."),
    errno.EDQUOT: ("disk_full", "Your disk quota is used up; free some space and try again."),
    errno.EROFS: ("read_only", "The file system is mounted read-only."),
    errno.EACCES: ("no_access", "Check who owns the file and its permissions."),
    errno.EPERM: ("no_access", "Check who owns the file and its permissions."),
    errno.EMFILE: ("too_many_files", "Raise the limit of open files: ulimit -n 4096"),
    errno.ENFILE: ("too_many_files", "The system has run out of file handles."),
}


def from_os_error(error: OSError) -> SystemProblem:
    """An operating system's refusal in our words."""
    code, hint = _OS_HINTS.get(error.errno or 0, ("system_error", ""))
    what = error.strerror or str(error) or type(error).__name__
    if error.filename:
        what = f"{what}: {error.filename}"
    return SystemProblem(code, what, hint)
