"""What can be done with identities: one public function per verb."""

from chalicelib.identity.actions.api_keys import issue_key, revoke_key
from chalicelib.identity.actions.callers import authenticate
from chalicelib.identity.actions.sessions import Tokens, login, logout, refresh
from chalicelib.identity.actions.users import create_user, user_by_email

__all__ = [
    "Tokens",
    "authenticate",
    "create_user",
    "issue_key",
    "login",
    "logout",
    "refresh",
    "revoke_key",
    "user_by_email",
]
