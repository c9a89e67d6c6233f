"""Every error that a person may see: what happened, whose fault it is, what to do next.

Problem
├── Invalid        400/422  the request is wrong
├── Unauthenticated 401     who are you
├── Forbidden      403      you may not
├── NotFound       404      it is not there (or not yours: the same answer)
├── Conflict       409      it is there, but not in a state that allows this
├── TooLarge       413
├── TooMany        429
└── Unavailable    503      ours or the cloud's fault; try again
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """One wrong field: a JSON pointer (RFC 6901), a sentence and a code."""

    pointer: str
    detail: str
    code: str = "invalid"


class Problem(Exception):  # noqa: N818  # the term of RFC 9457
    """An error with a code that programs read and a sentence that people read."""

    status = 500
    title = "Something went wrong on our side"

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        hint: str = "",
        errors: tuple[FieldError, ...] = (),
        status: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.hint = hint
        self.errors = errors
        self.status = status or type(self).status
        self.headers = headers or {}

    def body(self, request_id: str) -> dict[str, object]:
        """The RFC 9457 document."""
        document: dict[str, object] = {
            "type": f"https://clouddeck.dev/errors/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": request_id,
        }
        if self.hint:
            document["hint"] = self.hint
        if self.errors:
            document["errors"] = [
                {"pointer": e.pointer, "detail": e.detail, "code": e.code} for e in self.errors
            ]
        return document


class Invalid(Problem):
    """The request is wrong; the same request will be wrong again."""

    status = 422
    title = "The request is not valid"


class Unauthenticated(Problem):
    """Nobody is signed in, or the proof of it is not good."""

    status = 401
    title = "Sign in first"


class Forbidden(Problem):
    """Known, but not allowed."""

    status = 403
    title = "Not allowed"


class NotFound(Problem):
    """Absent, or another team's: the two look the same from outside."""

    status = 404
    title = "Not found"


class Conflict(Problem):
    """The resource is in a state that does not allow this."""

    status = 409
    title = "Conflict"


class TooLarge(Problem):
    """The body is over the limit that `detail` names in bytes."""

    status = 413
    title = "Too large"


class TooMany(Problem):
    """A rate limit; `Retry-After` says when to come back."""

    status = 429
    title = "Too many requests"


class Unavailable(Problem):
    """Ours or the cloud's fault: the same request may work later."""

    status = 503
    title = "Temporarily unavailable"

    def __init__(self, code: str, detail: str, *, retry_after: int = 2, hint: str = "") -> None:
        super().__init__(code, detail, hint=hint, headers={"Retry-After": str(retry_after)})


def not_found(kind: str, name: str) -> NotFound:
    """The one sentence for everything that is absent or another team's."""
    return NotFound(
        f"{kind}_not_found",
        f"There is no {kind} {name[:80]!r}, or it is not yours.",
        hint=f"Check the {kind}'s name or id, and which team you are signed in to.",
    )
