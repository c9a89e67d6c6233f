"""Where the packed code lies that the stacks upload. Standard library only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from chalicelib.resources import API_LAYERS, FUNCTIONS

CHECKOUT = Path(__file__).resolve().parent.parent
LAYERS = tuple(sorted({*API_LAYERS, *(name for f in FUNCTIONS for name in f.layers)}))


@dataclass(frozen=True)
class Assets:
    """Prepared code: `python -m cdk.package` makes it below `build/`.

    `functions_zip_dir` is what goes into every Lambda function (`functions/` and `chalicelib/`),
    `api_dir` a Chalice project, `layers` a folder (with `python/`) per layer, `edge_bundle` the
    files of `functions/edge` as they run on CloudFront, `runner` the build agent, `console` the
    pages of the console.
    """

    functions_zip_dir: Path
    api_dir: Path
    edge_bundle: Path
    runner: Path
    console: Path
    layers: dict[str, Path] = field(default_factory=dict)

    @classmethod
    def built(cls, folder: Path = CHECKOUT / "build") -> Assets:
        """What the packager left in `folder`; raises FileNotFoundError naming what is absent."""
        found = cls(
            functions_zip_dir=folder / "functions",
            api_dir=folder / "api",
            edge_bundle=folder / "edge",
            runner=folder / "runner.pyz",
            console=folder / "console",
            layers={name: folder / "layers" / name for name in LAYERS},
        )
        absent = [path for path in found.paths() if not path.exists()]
        if absent:
            raise FileNotFoundError(
                f"{', '.join(str(path) for path in absent)} not there: run `make package` first."
            )
        return found

    @classmethod
    def bare(cls, folder: Path) -> Assets:
        """The checkout's own code, with layers and a runner of almost nothing.

        Templates made of it have every resource of the real ones, without packing and without
        a network; they are for looking at, not for deploying. `folder` takes the placeholders.
        """
        for name in LAYERS:
            _file(folder / "layers" / name / "python" / "layer.txt", name)
        code = folder / "functions"
        for room in ("functions", "chalicelib"):
            _link(code / room, CHECKOUT / room)
        api = folder / "api"
        _link(api / "chalicelib", CHECKOUT / "chalicelib")
        _link(api / "app.py", CHECKOUT / "app.py")
        _file(api / "requirements.txt", "")
        _file(api / ".chalice" / "config.json", '{"version": "2.0", "app_name": "api"}')
        _file(folder / "runner.pyz", "runner")
        _file(folder / "console" / "index.html", "<!doctype html><title>CloudDeck</title>")
        return cls(
            functions_zip_dir=code,
            api_dir=api,
            edge_bundle=CHECKOUT / "functions" / "edge",
            runner=folder / "runner.pyz",
            console=folder / "console",
            layers={name: folder / "layers" / name for name in LAYERS},
        )

    def paths(self) -> list[Path]:
        """Everything that must be there."""
        return [
            self.functions_zip_dir,
            self.api_dir,
            self.edge_bundle,
            self.runner,
            self.console,
            *self.layers.values(),
        ]

    @property
    def runner_sha256(self) -> str:
        """SHA-256 of the build agent, in hex."""
        return hashlib.sha256(self.runner.read_bytes()).hexdigest()

    @property
    def runner_key(self) -> str:
        """Where the build agent lies in the bucket `sources`; another agent has another key."""
        return f"runner/{self.runner_sha256}.pyz"


def _file(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _link(path: Path, target: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.symlink_to(target)
