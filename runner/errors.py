"""Everything that ends a build early.

Exception
├── Failure      the build is over and its owner has to be told why
├── BuildClosed  nobody waits for this build any more: stop, and be silent
├── ApiError     a final answer of the API that is not success
└── Unreachable  no usable answer came within the patience of the client
BaseException
└── Terminated   the process was told to stop
"""


class Failure(Exception):  # noqa: N818 - a report, not a bug
    """The build is over: `code` for machines, `message` and `hint` for people."""

    def __init__(
        self, code: str, message: str, hint: str = "", *, exit_code: int | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.exit_code = exit_code


class BuildClosed(Exception):  # noqa: N818 - a state, not a bug
    """The build was cancelled, superseded or timed out elsewhere."""


class ApiError(Exception):
    """A final refusal: `status`, and the problem document's `code`, `detail` and `hint`."""

    def __init__(self, status: int, code: str, detail: str, hint: str = "") -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.hint = hint


class Unreachable(Exception):  # noqa: N818 - reads as what happened
    """No usable answer came within the patience of the client."""


class Terminated(BaseException):
    """SIGTERM arrived. Not an Exception, so that no retry loop swallows it."""
