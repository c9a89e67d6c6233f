"""What a deployment says of its routes, compiled and stored under its own digest."""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.core.config import settings
from chalicelib.core.errors import Invalid, Problem
from chalicelib.edge.rules.routing.codec import digest_of, encode, parse_routing
from chalicelib.edge.rules.routing.model import BadRoutingError, Routing
from chalicelib.ports import services
from chalicelib.routing.actions.texts import Texts
from chalicelib.routing.rules.compile import Compiled, compiled
from chalicelib.routing.rules.keys import rules_key

MOST_NAMED = 5
"""So many faults are told at once; the first is most often the cause of the others."""


@dataclass(frozen=True)
class Frozen:
    """The digest of the table, None without rules; what it looks at; lines to be told."""

    digest: str | None = None
    looks: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def freeze(team: str, project: str, texts: Texts) -> Frozen:
    """Compile and store the rules of a deployment; raises Invalid for a faulty one."""
    made = read(texts, project)
    if made.faults:
        raise _refused(made)
    said = [f"{note.file}:{note.line}: {note.what}: {note.why}." for note in made.notes]
    if made.empty:
        return Frozen(said=said)
    try:
        data = encode(made.routing)
    except BadRoutingError as error:
        raise Invalid(
            "rules_too_large",
            f"The rules of the deployment are too large: {error}.",
            hint="Let one rule with * or :name stand for many.",
        ) from None
    digest = digest_of(data)
    services().store.put(rules_key(team, digest), data)
    return Frozen(digest, list(made.routing.looks), said)


def read(texts: Texts, project: str) -> Compiled:
    """The table of some files, with what is to be said about it."""
    return compiled(texts, private=settings().private_outbound, salt=project)


def stored(team: str, digest: str) -> Routing:
    """A table out of the store; raises LookupError for one that is gone or damaged."""
    data = services().store.get(rules_key(team, digest))
    if data is None:
        raise LookupError(f"no rules {digest}")
    try:
        return parse_routing(data, digest)
    except BadRoutingError as error:
        raise LookupError(str(error)) from error


def _refused(made: Compiled) -> Problem:
    first = made.faults[0]
    told = [str(fault) for fault in made.faults[:MOST_NAMED]]
    rest = len(made.faults) - len(told)
    more = f"\nand {rest} more; `deck rules check` shows all of them" if rest > 0 else ""
    return Invalid(first.code, "\n".join(told) + more, hint=first.hint or "See docs/rules.md.")
