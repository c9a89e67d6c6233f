"""Which variables of people a build gets, by how far it is trusted."""

from __future__ import annotations

import hashlib
import hmac
import json
from functools import lru_cache
from typing import Any

from chalicelib.core import secret
from chalicelib.ports import services
from chalicelib.projects import actions as projects
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rules.variables import Variable

TRUSTED = "trusted"


def trust_of(spec: dict[str, Any]) -> str:
    """`trusted`, `approved` or `untrusted`; whoever is called both is not trusted."""
    trust = str(spec.get("trust") or TRUSTED)
    return "untrusted" if trust == TRUSTED and not spec.get("trusted", True) else trust


def of_build(project: str, spec: dict[str, Any]) -> dict[str, Variable]:
    """The variables of a build, decrypted: none at all for what strangers wrote."""
    row = project_rows.get(project)
    if row is None or trust_of(spec) == "untrusted":
        return {}
    # what counts for one branch is for our own: strangers call theirs as they like
    branch = spec.get("branch") if trust_of(spec) == TRUSTED else None
    return projects.effective_variables(row, spec["environment"], branch or "")


def digest(given: dict[str, Variable]) -> str:
    """What tells one set of variables from another, and nothing of their values."""
    return keyed({name: [v.value, v.secret] for name, v in given.items()})


def digests(given: dict[str, Variable]) -> dict[str, str]:
    """The same of each variable: 16 hex digits that change when its value does."""
    return {name: keyed([name, v.value, v.secret])[:16] for name, v in given.items()}


def keyed(content: object) -> str:
    """A digest of what JSON can say, keyed by a secret: it tells nothing to who guesses."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    return hmac.new(_key(), text, hashlib.sha256).hexdigest()


@lru_cache(maxsize=1)
def _key() -> bytes:
    return secret.shared("hits", services().keys)
