"""Every way a command can fail, by what the caller should do about it.

Problem
├── Failed       1    AWS could not do it
├── Refused      2    it cannot be done as asked
├── NoAccess     3    no credentials, expired ones, or ones that may not do it
├── Unreachable  4    AWS or the new API cannot be reached
└── Unprepared   5    this machine: a program or a package is missing
130 is Ctrl-C and has no class. The numbers are those of `deck`, which passes them on.
"""

# ruff: noqa: N818 - the names say what is the matter, as the tree above reads

from __future__ import annotations

from typing import Any

INTERRUPTED = 130

DENIED = frozenset(
    {
        *("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"),
        *("UnauthorizedException", "NotAuthorized", "403"),
    }
)
STALE = frozenset(
    {
        *("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "TokenRefreshRequired"),
        *("UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidAccessKeyId"),
        *("RequestExpired", "AuthFailure"),
    }
)


class Problem(Exception):
    """A failure with a code for programs, a sentence for people and a hint what to do next."""

    exit_code = 1

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def body(self) -> dict[str, Any]:
        """The machine-readable form, as `deck` prints it."""
        error = {"code": self.code, "message": self.message, "hint": self.hint, "request_id": ""}
        return {"error": error}


class Failed(Problem):
    """AWS could not do it."""


class Refused(Problem):
    """It cannot be done as asked."""

    exit_code = 2


class NoAccess(Problem):
    """No credentials, or none that may do this."""

    exit_code = 3


class Unreachable(Problem):
    """AWS or the new API cannot be reached."""

    exit_code = 4


class Unprepared(Problem):
    """This machine lacks something."""

    exit_code = 5


def error_code(error: Exception) -> str:
    """AWS's own code of an answer that is an error; empty for any other exception."""
    answer = getattr(error, "response", None)
    return str(answer.get("Error", {}).get("Code", "")) if isinstance(answer, dict) else ""


def from_aws(error: Exception) -> Problem | None:
    """A refusal of AWS or its library in our words; None when it is neither."""
    from botocore import exceptions as aws

    known = _of_credentials(error)
    if known is not None:
        return known
    lost = (aws.EndpointConnectionError, aws.ConnectionError, aws.HTTPClientError)
    if isinstance(error, lost):
        return Unreachable("aws_unreachable", f"AWS cannot be reached: {error}", "Are you online?")
    if isinstance(error, aws.ClientError | aws.BotoCoreError):
        hint = "Repeat the command; it continues where it stopped."
        return Failed("aws_error", f"AWS answered: {error}", hint)
    return None


def _of_credentials(error: Exception) -> Problem | None:
    """No credentials, old ones, or ones that may not do it."""
    from botocore import exceptions as aws

    code = error_code(error)
    expired = (aws.TokenRetrievalError, aws.SSOError, aws.CredentialRetrievalError)
    if isinstance(error, aws.NoCredentialsError | aws.PartialCredentialsError):
        hint = "Set AWS_PROFILE or name one with --aws-profile; `aws configure` makes one."
        return NoAccess("aws_no_credentials", "There are no AWS credentials here", hint)
    if isinstance(error, aws.ProfileNotFound):
        return NoAccess("aws_no_credentials", f"{error}", "`aws configure list-profiles`")
    if code in STALE or isinstance(error, expired):
        hint = "Sign in again (`aws sso login`, `aws configure`), then repeat the command."
        return NoAccess("aws_credentials_refused", f"AWS refuses the credentials: {error}", hint)
    if code in DENIED:
        hint = "docs/install.md lists the permissions that this needs."
        return NoAccess("aws_not_allowed", f"AWS does not allow it: {error}", hint)
    return None
