"""`CodeBuild Build State Change`: a build machine ended, perhaps without a word of its runner.

The event, as far as it is read here::

    {"detail-type": "CodeBuild Build State Change", "source": "aws.codebuild",
     "detail": {"build-status": "FAILED", "project-name": "clouddeck-builds",
                "build-id": "arn:aws:codebuild:<region>:<account>:build/clouddeck-builds:<uuid>",
                "additional-information": {
                    "environment": {"environment-variables": [{"name", "value", "type"}]},
                    "logs": {"group-name", "stream-name"},
                    "phases": [{"phase-type", "phase-status", "phase-context": ["CODE: text"]}]}}}

It holds the build token among the variables, so it is never logged.
"""

from __future__ import annotations

from typing import Any

from chalicelib.builds.actions.ended import End, ended
from chalicelib.core.config import settings
from chalicelib.core.observe import logger

LINES = 30
_UNBEGUN = {"SUBMITTED", "QUEUED", "PROVISIONING"}
_REASON = "Reason: "


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"order", "outcome": "ignored" | "lost" | "timeout"}`; the same event again is ignored."""
    detail = event["detail"]
    told = detail.get("additional-information") or {}
    order = _order(told)
    if not order or detail["project-name"] != settings().builds:
        return {"order": None, "outcome": "ignored"}
    phase = _broken(told.get("phases") or [])
    end = End(
        order,
        _why(detail["build-status"], phase),
        timed_out=detail["build-status"] == "TIMED_OUT" and phase.get("phase-type") not in _UNBEGUN,
    )
    outcome = ended(end, lambda: _log(told.get("logs") or {}))
    logger().info("runner_end", extra={"build": order, "outcome": outcome, "why": end.why})
    return {"order": order, "outcome": outcome}


def _order(told: dict[str, Any]) -> str:
    variables = (told.get("environment") or {}).get("environment-variables") or []
    return next((str(v["value"]) for v in variables if v.get("name") == "CLOUDDECK_ORDER"), "")


def _broken(phases: list[dict[str, Any]]) -> dict[str, Any]:
    """The first phase that did not succeed, or nothing."""
    bad = (p for p in phases if p.get("phase-status") not in {None, "SUCCEEDED"})
    return next(bad, {})


def _why(status: str, phase: dict[str, Any]) -> str:
    """What CodeBuild says. It repeats the whole command that failed, which says nothing more."""
    if not phase:
        return f"{status}, and its runner reported nothing"
    context = " ".join(str(text) for text in phase.get("phase-context") or [] if text)
    if _REASON in context:
        context = context.rpartition(_REASON)[2]
    place = f"{status} in phase {phase['phase-type']}"
    return f"{place}: {context.strip().rstrip('.')}" if context.strip(" :") else place


def _log(logs: dict[str, Any]) -> list[str]:
    from chalicelib.clouds.aws.logs import CloudWatchLogs

    group, stream = logs.get("group-name"), logs.get("stream-name")
    if not group or not stream:
        return []
    try:
        lines = CloudWatchLogs(settings().region).tail(group, stream, LINES)
    except (OSError, RuntimeError) as fault:
        return [f"(The log of the machine cannot be read: {fault})"]
    return [line.text for line in lines]
