"""What a suite has found: figures, and every way in which it fell short of its goal."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

SHOWN = 20


@dataclass
class Outcome:
    """Filled by a suite while it runs; `expect` is how it complains."""

    suite: str
    goal: str
    seed: int
    tier: str
    figures: dict[str, float | int | str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the goal was met."""
        return not self.failures

    def expect(self, holds: object, complaint: str | Callable[[], str]) -> bool:
        """Note a complaint unless `holds`; returns whether it held."""
        if not holds:
            self.failures.append(complaint if isinstance(complaint, str) else complaint())
        return bool(holds)

    def line(self) -> str:
        """The one line of figures."""
        figures = ", ".join(f"{name.replace('_', ' ')} {v}" for name, v in self.figures.items())
        verdict = "ok" if self.ok else f"FAILED ({len(self.failures)})"
        return f"prove {self.suite} {self.tier} seed {self.seed}: {verdict}: {figures}"

    def document(self) -> dict[str, object]:
        """The content of the JSON report."""
        return {
            "suite": self.suite,
            "seed": self.seed,
            "tier": self.tier,
            "figures": self.figures,
            "goal": self.goal,
            "ok": self.ok,
            "failures": self.failures,
        }

    def write(self, folder: Path) -> None:
        """Keep the report as `<suite>.json`."""
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.document(), indent=1, ensure_ascii=False)
        (folder / f"{self.suite}.json").write_text(text + "\n")


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least `share` of all do not exceed; 0 for no values."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered) - 1, round(share * len(ordered) + 0.4999) - 1))]
