"""Which looks of a judge are kept: all of the newest, and of older ones fewer and fewer. Pure.

A rollout in a freeze, or of a site that hardly anybody visits, is looked at thousands of times. So
each look that is written lets at most one older one go, and what is left grows by 180 rows each
time the number of looks grows tenfold: 200 of 200, 380 of 2,000, 560 of 20,000.
"""

from __future__ import annotations

ALL_OF = 200
"""So many of the newest looks are kept, each of them."""

THINNER = 10
"""Of those before every tenth is, of those before the newest 2,000 every hundredth, and so on."""

KEPT_SECONDS = 90 * 24 * 3600
"""How long a look is kept. What was decided stays with its rollout."""


def forgotten(number: int) -> int | None:
    """The look that goes once look `number` was made, counted from 1; None when none does.

    Asked with every number from 1 on, it names each look at most once.
    """
    reach, every = ALL_OF, THINNER
    while number > reach:
        old = number - reach
        if old % every:
            return old
        reach, every = reach * THINNER, every * THINNER
    return None
