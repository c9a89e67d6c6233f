"""A builder that starts nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.ports import Builder, BuildOrder, NoRoom, Over


@dataclass
class FakeBuilder(Builder):
    """Remembers orders by build id, and which builds were stopped; those never start again."""

    orders: dict[str, BuildOrder] = field(default_factory=dict)
    stopped: list[str] = field(default_factory=list)
    full: bool = False
    dead: set[str] = field(default_factory=set)
    """Orders whose machine ended before its runner said a word."""

    def start(self, order: BuildOrder) -> str:
        if self.full:
            raise NoRoom("There is no room for another build now: the order waits.")
        if order.build in self.dead:
            raise Over("its build machine ended (FAILED)")
        if order.build not in self.stopped:
            self.orders.setdefault(order.build, order)
        return ""

    def stop(self, build: str) -> None:
        self.stopped.append(build)
