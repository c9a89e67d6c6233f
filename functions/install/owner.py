"""The owner of an installation: made once, and given a new password when the old one is lost.

Invoked by the installer, whose right to do so is its right in the account: nobody else reaches
this. The password is in the answer and nowhere else.
"""

from __future__ import annotations

from typing import Any

from chalicelib.teams import actions as teams


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"email","name"?}` or `{"reset": true}` -> `{"created","email","password" or null}`.

    Raises ValueError for a bad e-mail and LookupError when there is no owner to reset.
    """
    if event.get("reset"):
        owner = teams.reset_owner()
    else:
        email = str(event.get("email") or "")
        owner = teams.first_owner(email, str(event.get("name") or ""))
    return {"created": owner.created, "email": owner.email, "password": owner.password}
