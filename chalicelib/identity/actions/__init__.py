"""What can be done with identities: one public function per verb."""

from chalicelib.identity.actions.api_keys import issue_key, revoke_key
from chalicelib.identity.actions.callers import authenticate
from chalicelib.identity.actions.sessions import Tokens, end_sessions, login, logout, refresh
from chalicelib.identity.actions.users import create_user, set_password, user_by_email

__all__ = [
    "Tokens",
    "authenticate",
    "create_user",
    "end_sessions",
    "issue_key",
    "login",
    "logout",
    "refresh",
    "revoke_key",
    "set_password",
    "user_by_email",
]
