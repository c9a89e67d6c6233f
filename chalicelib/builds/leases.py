"""Rows of slots: who may build now. A slot is held by one order at a time.

`SLOTS#<team>` / `SLOT#nn` are a team's, as many as its plan has; `SLOTS#all` / `SLOT#nn` are the
installation's, where it has a number of them. Each carries a fence: a number that rises by one
whenever the slot is taken. The build row keeps the number it took the slot with; a holder whose
number is not the slot's has lost it.
"""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.builds.rows import Build
from chalicelib.core import table

EVERYBODY = "all"
_PREFIX = "SLOT#"


class Slot(table.CoreRow):
    """A slot: `order` holds it, or nobody; `wanted_ms` is when somebody last waited for it."""

    order = UnicodeAttribute(null=True)
    fence = NumberAttribute(default=0)
    taken_ms = NumberAttribute(null=True)
    wanted_ms = NumberAttribute(default=0)

    @property
    def number(self) -> int:
        """Which one of its owner's."""
        return int(self.sk.removeprefix(_PREFIX))

    @property
    def build(self) -> str:
        """The build whose order holds it, or an empty text."""
        return str(self.order or "").partition("-")[0]


def slot_of(owner: str, number: int) -> Slot | None:
    """One slot of a team, or of everybody; None when it was never taken."""
    return table.find(Slot, f"SLOTS#{owner}", f"{_PREFIX}{number:02d}")


def slots_of(owner: str, count: int) -> list[Slot]:
    """The slots of a team, or of everybody: `count` of them, and those beyond that are held."""
    known = {slot.number: slot for slot in table.below(Slot, f"SLOTS#{owner}", _PREFIX)}
    for number in range(count):
        known.setdefault(number, Slot(f"SLOTS#{owner}", f"{_PREFIX}{number:02d}"))
    return [known[n] for n in sorted(known) if n < count or known[n].order]


def take(
    build: Build, order: str, slots: list[tuple[str, Slot]], now_ms: int, expected: Condition
) -> bool:
    """Give a build its slots, all or none: pairs of the attribute that keeps the number, and slot.

    False when somebody was faster with one of them, or the build is not as `expected`.
    Afterwards `build` holds what the table holds.
    """
    numbers = [getattr(Build, name).set(slot.number) for name, slot in slots]
    try:
        with table.write() as transaction:
            for _, slot in slots:
                _taken(transaction, slot, order, now_ms)
            transaction.update(
                build,
                actions=[
                    *numbers,
                    Build.fence.set(int(slots[0][1].fence) + 1),
                    Build.gsi2pk.remove(),
                    Build.gsi2sk.remove(),
                ],
                condition=expected,
            )
    except TransactWriteError as error:
        if not table.lost_condition(error):
            raise
        build.refresh(consistent_read=True)
        return False
    build.refresh(consistent_read=True)
    return True


def _taken(transaction: TransactWrite, slot: Slot, order: str, now_ms: int) -> None:
    fence = int(slot.fence)
    unchanged = Slot.fence == fence if fence else Slot.fence.does_not_exist()
    transaction.update(
        slot,
        actions=[
            Slot.order.set(order),
            Slot.fence.set(fence + 1),
            Slot.taken_ms.set(now_ms),
        ],
        condition=unchanged & (Slot.order.does_not_exist() | (Slot.order == order)),
    )


def free(owner: str, number: int, order: str) -> int:
    """Take a slot back from an order; when somebody last waited for it (ms), 0 for nobody.

    0 as well when the order does not hold it.
    """
    slot = Slot(f"SLOTS#{owner}", f"{_PREFIX}{number:02d}")
    freed, now = table.uncrossed(
        lambda: table.update_or_see(slot, [Slot.order.remove()], Slot.order == order)
    )
    return int(now.wanted_ms) if freed and now is not None else 0


def want(slot: Slot, now_ms: int) -> bool:
    """Leave word at a slot that somebody waits for it; False when it was freed meanwhile."""
    marked, _ = table.uncrossed(
        lambda: table.update_or_see(slot, [Slot.wanted_ms.set(now_ms)], Slot.order == slot.order)
    )
    return marked
