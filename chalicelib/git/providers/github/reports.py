"""How a deployment fares, as a check or a status, and in GitHub's list of deployments."""

from __future__ import annotations

from typing import Any

from chalicelib.git.providers import Refused, Report, payloads
from chalicelib.git.providers.rest import Api, quoted

_CONCLUSIONS = {"success": "success", "failure": "failure", "skipped": "skipped"}
_STATUS = {"pending": "pending", "success": "success", "failure": "failure", "skipped": "success"}
_DEPLOYMENT = {
    "pending": "in_progress",
    "success": "success",
    "failure": "failure",
    "skipped": "inactive",
}
DESCRIPTION = 140
SUMMARY = 60_000


def show(api: Api, repo: str, report: Report, as_app: bool) -> str:
    """Show a report; the id is `<check>/<deployment>`, either of which may be missing."""
    check, _, deployment = report.external.partition("/")
    if as_app:
        check = _check(api, repo, report, check)
    else:
        _status(api, repo, report)
    try:
        deployment = _deployment(api, repo, report, deployment)
    except Refused:
        if as_app:
            raise
        deployment = ""  # a person's token need not be allowed this; the status tells enough
    return f"{check}/{deployment}"


def _check(api: Api, repo: str, report: Report, known: str) -> str:
    data: dict[str, Any] = {
        "name": report.name,
        "head_sha": report.commit,
        "external_id": report.deployment,
        "details_url": report.details,
        "status": "in_progress",
        "output": {"title": report.title[:255], "summary": report.summary[:SUMMARY]},
    }
    if report.state != "pending":
        data |= {"status": "completed", "conclusion": _CONCLUSIONS[report.state]}
    known = known or _lost_check(api, repo, report)
    if known:
        reply = api.send("PATCH", f"{repo}/check-runs/{known}", data, also=(404,))
        if reply.status < 300:
            return known
    return str(payloads.number(api.must("POST", f"{repo}/check-runs", data), "id"))


def _lost_check(api: Api, repo: str, report: Report) -> str:
    place = f"{repo}/commits/{report.commit}/check-runs?check_name={quoted(report.name)}"
    for entry in payloads.items(api.get(place), "check_runs"):
        if payloads.at(entry, "external_id") == report.deployment:
            return str(payloads.number(entry, "id"))
    return ""


def _status(api: Api, repo: str, report: Report) -> None:
    """The newest status of a context is the one that counts."""
    data = {
        "state": _STATUS[report.state],
        "context": report.name,
        "description": report.title[:DESCRIPTION],
        "target_url": report.details,
    }
    api.must("POST", f"{repo}/statuses/{report.commit}", data)


def _deployment(api: Api, repo: str, report: Report, known: str) -> str:
    known = known or _lost_deployment(api, repo, report)
    if not known:
        production = report.environment == "production"
        data = {
            "ref": report.commit,
            "auto_merge": False,
            "required_contexts": [],
            "environment": report.environment,
            "description": report.title[:DESCRIPTION],
            "payload": {"deployment": report.deployment},
            "production_environment": production,
            "transient_environment": report.environment == "preview",
        }
        made = api.must("POST", f"{repo}/deployments", data)
        known = str(payloads.number(made, "id"))
    status = {
        "state": _DEPLOYMENT[report.state],
        "description": report.title[:DESCRIPTION],
        "environment_url": report.url,
        "log_url": report.details,
        "auto_inactive": True,
    }
    api.must("POST", f"{repo}/deployments/{known}/statuses", status)
    return known


def _lost_deployment(api: Api, repo: str, report: Report) -> str:
    query = f"sha={report.commit}&environment={quoted(report.environment)}&per_page=100"
    for entry in api.pages(f"{repo}/deployments?{query}"):
        if payloads.at(entry, "payload", "deployment") == report.deployment:
            return str(payloads.number(entry, "id"))
    return ""
