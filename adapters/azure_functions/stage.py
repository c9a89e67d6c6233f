"""`python -m adapters.azure_functions.stage FOLDER`: lays out what gets published."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
_HERE = Path(__file__).parent
_TOP = ("function_app.py", "host.json", "aws.config")
_ADAPTERS = ("__init__.py", "http.py", "hosted.py", "federation.py")


def stage(to: Path) -> None:
    """Lay out the function app in `to`; raises FileExistsError unless that is absent or empty."""
    if to.exists() and any(to.iterdir()):
        raise FileExistsError(f"{to} is not empty")
    unwanted = shutil.ignore_patterns("__pycache__", "*.mjs")
    shutil.copytree(CHECKOUT / "chalicelib", to / "chalicelib", ignore=unwanted, dirs_exist_ok=True)
    shutil.copyfile(CHECKOUT / "app.py", to / "app.py")
    (to / "adapters").mkdir()
    for name in _ADAPTERS:
        shutil.copyfile(CHECKOUT / "adapters" / name, to / "adapters" / name)
    for name in _TOP:
        shutil.copyfile(_HERE / name, to / name)
    layers = (CHECKOUT / "layers" / name / "requirements.txt" for name in ("core", "git", "saml"))
    lists = (_HERE / "requirements.txt", *layers)
    (to / "requirements.txt").write_text("".join(path.read_text() for path in lists))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m adapters.azure_functions.stage FOLDER")
    try:
        stage(Path(sys.argv[1]))
    except OSError as error:
        sys.exit(f"stage: {error}")
