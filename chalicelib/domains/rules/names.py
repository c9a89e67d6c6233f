"""Which host names can be somebody's own domain. Names only: nobody is asked.

A name is kept as ASCII labels without a dot at its end, so that what looks alike and is not the
same never compares as equal (`accounts/rules/domains.py`).
"""

from __future__ import annotations

from chalicelib.accounts.rules.domains import lies_below, normal_domain

WILDCARD = "*."
LONGEST_CHALLENGE = len("_clouddeck-challenge.")


def normal_host(text: str, *, private: bool = False) -> str:
    """A host or a wildcard over one level, normalised; raises ValueError with the rule.

    With `private` names that exist in no public DNS, such as `shop.internal`, are taken as well:
    for an installation inside a house.
    """
    name = text.strip()
    star = name.startswith(WILDCARD)
    host = normal_domain(name.removeprefix(WILDCARD), special=private)
    if len(host) + LONGEST_CHALLENGE > 253:
        raise ValueError("The name is too long: the record that proves it would not fit into DNS.")
    return WILDCARD + host if star else host


def is_wildcard(host: str) -> bool:
    """Whether a name stands for everything one level below it."""
    return host.startswith(WILDCARD)


def base(host: str) -> str:
    """A name without its star."""
    return host.removeprefix(WILDCARD)


def belongs_to(host: str, reserved: tuple[str, ...]) -> bool:
    """Whether a name is one of these, below one of them, or a wildcard that covers one."""
    name = base(host)
    return any(
        lies_below(name, own) or (is_wildcard(host) and own.partition(".")[2] == name)
        for own in reserved
        if own
    )


def covers(pattern: str, host: str) -> bool:
    """Whether a name of a certificate or a wildcard stands for a host (RFC 6125, 6.4.3).

    A star stands for exactly one label; for a wildcard host only the same wildcard will do.
    """
    if pattern == host:
        return True
    if not is_wildcard(pattern) or is_wildcard(host):
        return False
    return host.partition(".")[2] == base(pattern)


def best(host: str, known: list[str]) -> str | None:
    """Which of these names answers for a host: itself before a wildcard; None for none."""
    if host in known:
        return host
    wildcard = WILDCARD + host.partition(".")[2]
    return wildcard if wildcard in known else None
