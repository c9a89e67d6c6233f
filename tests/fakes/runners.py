"""A builder that starts nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.ports import Builder, BuildOrder


@dataclass
class FakeBuilder(Builder):
    """Remembers orders by build id, and which builds were stopped."""

    orders: dict[str, BuildOrder] = field(default_factory=dict)
    stopped: list[str] = field(default_factory=list)

    def start(self, order: BuildOrder) -> None:
        self.orders.setdefault(order.build, order)

    def stop(self, build: str) -> None:
        self.stopped.append(build)
