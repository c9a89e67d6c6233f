"""What was packed, how big it is, and whether that fits where it goes."""

from __future__ import annotations

from dataclasses import dataclass, field

from cdk.package.imports import ImportTimes
from cdk.package.layers import LAYERS
from cdk.package.target import Target
from cdk.package.zips import Packed

LAMBDA_BYTES = 250 * 1024 * 1024
"""A function and its layers, unpacked (quota of AWS Lambda)."""

API_BYTES = 2_000_000
"""The API's own code, zipped: a promise of ours, because it is what a cold start loads."""


@dataclass(frozen=True)
class Report:
    """What `build` made."""

    target: Target
    parts: dict[str, Packed] = field(default_factory=dict)
    imports: ImportTimes | None = None

    @property
    def compiled(self) -> bool:
        """Whether bytecode of the target's Python is in the packages."""
        return self.target.compiler is not None

    def problems(self) -> list[str]:
        """What is too big, in one sentence each."""
        found = []
        layers = [self.parts[name] for name in LAYERS if name in self.parts]
        for name in ("functions", "api"):
            if name in self.parts:
                whole = self.parts[name].unzipped + sum(layer.unzipped for layer in layers)
                if whole > LAMBDA_BYTES:
                    found.append(
                        f"{name} and the layers have {whole / 2**20:.0f} MB unpacked; "
                        "Lambda takes 250 MB."
                    )
        if "api" in self.parts and self.parts["api"].zipped > API_BYTES:
            found.append(f"The API package has {self.parts['api'].zipped} bytes; 2 MB are allowed.")
        return found

    def table(self) -> str:
        """All of it for a person."""
        lines = [f"{'':<10} {'files':>6} {'zipped':>10} {'unzipped':>10}  sha256"]
        lines += [
            f"{name:<10} {part.files:>6} {_size(part.zipped):>10} {_size(part.unzipped):>10}  "
            f"{part.sha256[:12]}"
            for name, part in self.parts.items()
        ]
        python = f"Python {self.target.python} on {self.target.architecture}"
        lines.append(
            f"for {python}, with bytecode"
            if self.compiled
            else f"for {python}, without bytecode: there is no Python {self.target.python} here, "
            "so every cold start compiles the sources"
        )
        if self.imports:
            lines.append(self.imports.text())
        return "\n".join(lines)


def _size(count: int) -> str:
    return f"{count / 1e6:.2f} MB" if count >= 100_000 else f"{count / 1e3:.1f} kB"
