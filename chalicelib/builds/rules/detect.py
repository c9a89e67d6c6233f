"""What a folder is, in short: for people who have not deployed it yet."""

from __future__ import annotations

from typing import Any

from chalicelib.builds.rules.candidates import Candidate, detect
from chalicelib.builds.rules.model import Found, NeedFilesError, PlanError, Settings
from chalicelib.builds.rules.paths import inspect_paths
from chalicelib.builds.rules.plan import make_plan
from chalicelib.builds.rules.repo import Repo

__all__ = ["Candidate", "detect", "detect_view"]


def detect_view(found: Found) -> dict[str, Any]:
    """What `deck init` shows: the plan in short, or why there is none. Never raises PlanError."""
    view: dict[str, Any] = dict.fromkeys(("framework", "name", "install", "build", "output"))
    view |= {"why": [], "warnings": [], "error": None, "inspect": inspect_paths()}
    try:
        plan = make_plan(found, Settings(), "")
    except PlanError as error:
        if isinstance(error, NeedFilesError):
            view["inspect"] = [*inspect_paths(), *error.inspect]
        best = next(iter(detect(Repo(found, "."))), None)
        if best:
            view |= {"framework": best.framework.slug, "name": best.framework.name}
            view["why"] = list(best.why)
        view["error"] = {"code": error.code, "message": error.message, "hint": error.hint}
        return view
    shown = plan.to_json()
    return view | {key: shown[key] for key in view if key in shown}
