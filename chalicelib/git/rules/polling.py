"""When a host is asked for what no webhook told, and what follows from its answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping

UNHEARD_MS = 5 * 60_000
"""How often a repository is looked at whose webhooks do not come."""

HEARD_MS = 15 * 60_000
"""How often one whose webhooks come: any of them may be lost."""

LATELY_MS = 24 * 3600_000
"""A webhook within this time says that they come."""

SHORT = 16
"""Characters of a commit id that are remembered."""


def due(now: int, polled: int, delivered: int) -> bool:
    """Whether a repository is to be looked at, by when it was last and a webhook last came (ms).

    Runs of the poller do not begin to the millisecond, so half a minute early counts.
    """
    every = HEARD_MS if now - delivered < LATELY_MS else UNHEARD_MS
    return now - polled >= every - 30_000


def moved(
    heads: Mapping[str, str], seen: Mapping[str, str], known: Mapping[str, str]
) -> dict[str, str]:
    """Branches of the host that moved since the last look and are at no commit that is known.

    `seen` holds the beginnings of commit ids, `known` the commits that deployments were made of.
    """
    return {
        branch: commit
        for branch, commit in heads.items()
        if commit[:SHORT] != seen.get(branch) and commit != known.get(branch)
    }
