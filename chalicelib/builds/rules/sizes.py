"""Machine sizes: what a build gets, and which one, when it asks for more than its team may have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

SizeName = Literal["small", "medium", "large"]
NAMES: tuple[SizeName, ...] = get_args(SizeName)
"""From the smallest to the largest."""

DEFAULT: SizeName = "medium"


@dataclass(frozen=True)
class Size:
    """A machine: memory and disk in MB (2^20 bytes), processors. A builder gives at least that,
    unless the installation has less, and then it says so."""

    name: SizeName
    memory_mb: int
    cpus: int
    disk_mb: int


SIZES: dict[SizeName, Size] = {
    "small": Size("small", 2048, 1, 2048),
    "medium": Size("medium", 4096, 2, 4096),
    "large": Size("large", 8192, 4, 8192),
}


@dataclass(frozen=True)
class Chosen:
    """The size that a build gets; `why` says in a sentence why it is not the one asked for."""

    size: Size
    why: str = ""


def choose(asked: object, largest: SizeName, plan: str) -> Chosen:
    """The size of a build: what the project asks for, or medium, but never above `largest`.

    A name that no size has counts as not asked for; projects are checked when they are changed.
    """
    wanted: SizeName = next((name for name in NAMES if name == asked), DEFAULT)
    if NAMES.index(wanted) <= NAMES.index(largest):
        return Chosen(SIZES[wanted])
    if wanted != asked:  # nobody asked, so nobody is told
        return Chosen(SIZES[largest])
    why = f"The plan {plan} has build machines up to {largest}: this build gets {largest}, "
    return Chosen(SIZES[largest], why + f"not {wanted}.")
