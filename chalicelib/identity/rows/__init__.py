"""Rows of identity; the keys of the table live here."""

from chalicelib.identity.rows.attempts import FailureRow, failures
from chalicelib.identity.rows.keys import (
    ApiKeyRow,
    api_key_by_id,
    api_key_of,
    api_keys_of,
    new_api_key_row,
)
from chalicelib.identity.rows.sessions import (
    Proof,
    SessionRow,
    new_session,
    session_and_user,
    session_named,
    session_of,
    sessions_of,
)
from chalicelib.identity.rows.users import (
    UniqueRow,
    UserRow,
    new_user,
    owner_of,
    profile_key,
    unique,
    user_named,
    user_of,
)

__all__ = [
    "ApiKeyRow",
    "FailureRow",
    "Proof",
    "SessionRow",
    "UniqueRow",
    "UserRow",
    "api_key_by_id",
    "api_key_of",
    "api_keys_of",
    "failures",
    "new_api_key_row",
    "new_session",
    "new_user",
    "owner_of",
    "profile_key",
    "session_and_user",
    "session_named",
    "session_of",
    "sessions_of",
    "unique",
    "user_named",
    "user_of",
]
