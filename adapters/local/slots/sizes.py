"""What an order asks of a machine, and what this one gives."""

from dataclasses import dataclass, replace

from adapters.local.slots.settings import MEGABYTE, Limits, inodes_of

_ASKED = ("memory_mb", "cpus", "disk_mb")


@dataclass(frozen=True, slots=True)
class Size:
    """Memory and disk in MB and processors that an order names; None where it names nothing."""

    memory_mb: int | None = None
    cpus: int | None = None
    disk_mb: int | None = None


def fit(size: Size, ceiling: Limits) -> Limits:
    """The limits of one build: what it asks for, never above what the machine's settings allow."""
    memory, disk, cpus = ceiling.memory_bytes, ceiling.disk_bytes, ceiling.cpus
    if size.memory_mb is not None:
        memory = min(memory, size.memory_mb * MEGABYTE)
    if size.disk_mb is not None:
        disk = min(disk, size.disk_mb * MEGABYTE)
    if size.cpus is not None:
        cpus = min(cpus, float(size.cpus))
    return replace(
        ceiling,
        memory_bytes=memory,
        disk_bytes=disk,
        inodes=min(ceiling.inodes, inodes_of(disk // MEGABYTE)),
        cpus=cpus,
    )


def note(size: Size, ceiling: Limits) -> str:
    """A sentence for the build's log when the machine gives less than the order asks for."""
    given = fit(size, ceiling)
    less = []
    if size.memory_mb is not None and given.memory_bytes < size.memory_mb * MEGABYTE:
        less.append(f"{given.memory_bytes // MEGABYTE} MB of memory, not {size.memory_mb}")
    if size.disk_mb is not None and given.disk_bytes < size.disk_mb * MEGABYTE:
        less.append(f"{given.disk_bytes // MEGABYTE} MB of disk, not {size.disk_mb}")
    if size.cpus is not None and given.cpus < size.cpus:
        less.append(f"{given.cpus:g} processors, not {size.cpus}")
    if not less:
        return ""
    return (
        f"This machine has less than the build's size: it gets {', '.join(less)} "
        "(CLOUDDECK_BUILD_MEMORY_MB, CLOUDDECK_BUILD_DISK_MB, CLOUDDECK_BUILD_CPUS)."
    )


def asked(order: dict[str, object]) -> Size:
    """The size in an order's JSON; raises ValueError with a sentence that names the field."""
    found: dict[str, int] = {}
    for name in _ASKED:
        value = order.get(name)
        if value is None:
            continue
        if type(value) is not int or not 1 <= value <= 1 << 24:
            raise ValueError(f"{name} is not a whole number above 0.")
        found[name] = value
    return Size(**found)
