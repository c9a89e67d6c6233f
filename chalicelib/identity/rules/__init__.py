"""Identity without a database: shapes of e-mails, passwords, tokens, keys and factors."""

from chalicelib.identity.rules.keys import (
    KEY_PREFIX,
    LAST_USED_SECONDS,
    TOMBSTONE_SECONDS,
    is_api_key,
    new_api_key,
    shown_prefix,
)
from chalicelib.identity.rules.lockout import (
    FAILURE_WINDOW_SECONDS,
    FAILURES_ALLOWED,
    failure_window,
    locked_for,
)
from chalicelib.identity.rules.people import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    check_password,
    normal_email,
)
from chalicelib.identity.rules.sessions import (
    ACCESS_TYPE,
    ALGORITHM,
    AUDIENCE,
    LONGEST_ACCESS_SECONDS,
    REFRESH_GRACE_SECONDS,
    REFRESH_SECONDS,
    SEEN_SECONDS,
    digest,
    new_refresh_token,
    split_refresh_token,
)

__all__ = [
    "ACCESS_TYPE",
    "ALGORITHM",
    "AUDIENCE",
    "FAILURES_ALLOWED",
    "FAILURE_WINDOW_SECONDS",
    "KEY_PREFIX",
    "LAST_USED_SECONDS",
    "LONGEST_ACCESS_SECONDS",
    "LONGEST_PASSWORD",
    "REFRESH_GRACE_SECONDS",
    "REFRESH_SECONDS",
    "SEEN_SECONDS",
    "SHORTEST_PASSWORD",
    "TOMBSTONE_SECONDS",
    "check_password",
    "digest",
    "failure_window",
    "is_api_key",
    "locked_for",
    "new_api_key",
    "new_refresh_token",
    "normal_email",
    "shown_prefix",
    "split_refresh_token",
]
