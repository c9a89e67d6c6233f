"""What a folder is, in short: for people who have not deployed it yet."""

from __future__ import annotations

from typing import Any

from chalicelib.builds.rules.candidates import Candidate, detect
from chalicelib.builds.rules.model import Found, NeedFilesError, PlanError, Settings
from chalicelib.builds.rules.paths import inspect_paths, safe_folder
from chalicelib.builds.rules.plan import Where, make_plan
from chalicelib.builds.rules.repo import Repo

__all__ = ["Candidate", "detect", "detect_view"]

SHOWN = (
    "framework",
    "name",
    "root",
    "package_manager",
    "install",
    "build",
    "output",
    "node",
    "python",
    "scope",
)
LISTS = ("why", "warnings", "steps", "report")


def detect_view(
    found: Found, settings: Settings | None = None, where: Where | None = None
) -> dict[str, Any]:
    """What `deck detect` shows: the plan in short, or why there is none. Never raises PlanError."""
    settings, where = settings or Settings(), where or Where()
    view: dict[str, Any] = {**dict.fromkeys(SHOWN), **{name: [] for name in LISTS}, "error": None}
    try:
        view["inspect"] = inspect_paths(settings.root or "")
        plan = make_plan(found, settings, "", where)
    except PlanError as error:
        view.setdefault("inspect", inspect_paths())
        if isinstance(error, NeedFilesError):
            view["inspect"] = [*view["inspect"], *error.inspect]
        best = next(iter(detect(Repo(found, _root(settings)))), None)
        if best:
            view |= {"framework": best.framework.slug, "name": best.framework.name}
            view["why"] = list(best.why)
        view["error"] = {"code": error.code, "message": error.message, "hint": error.hint}
        return view
    shown = plan.to_json()
    return view | {key: shown[key] for key in view if key in shown}


def _root(settings: Settings) -> str:
    try:
        return safe_folder(settings.root or "", "root")
    except PlanError:
        return "."
