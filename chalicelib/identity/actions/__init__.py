"""What can be done with identities: one public function per verb."""

from chalicelib.identity.actions.api_keys import Wish, issue_key, revoke_key
from chalicelib.identity.actions.callers import actor_of_key, authenticate
from chalicelib.identity.actions.challenges import Challenge
from chalicelib.identity.actions.refresh import refresh
from chalicelib.identity.actions.sessions import Tokens, admit, end_sessions, login, logout
from chalicelib.identity.actions.users import create_user, set_password, user_by_email

__all__ = [
    "Challenge",
    "Tokens",
    "Wish",
    "actor_of_key",
    "admit",
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
