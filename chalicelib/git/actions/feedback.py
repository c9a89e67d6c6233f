"""Telling a git host how a deployment fares: a report beside its commit, and one comment below its
pull request. Nothing here may hurt the deployment: it is over, or goes its own way, whatever the
host answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.core.errors import NotFound, Problem
from chalicelib.core.observe import logger
from chalicelib.git.actions import opening
from chalicelib.git.providers import Refused, Report
from chalicelib.git.rows import feedback as rows
from chalicelib.git.rows import links
from chalicelib.git.rows.feedback import CommentRow
from chalicelib.git.rows.links import LinkRow
from chalicelib.git.rules import words
from chalicelib.projects import actions as projects
from chalicelib.projects.rules import flow

ROUNDS = 20
"""Changes of one comment that one call follows; more come with their own events."""


def tell(detail: Mapping[str, Any]) -> str:
    """Tell the host of a deployment's project what an event `deployment.started` or `.finished`
    says; returns what came of it: `told`, `nobody` or `refused`.

    An event that comes twice or late changes nothing for the worse. Raises OSError when the host
    does not answer; the bus tries again.
    """
    row = links.of(str(detail["project"]))
    if detail.get("provider") == "builtin" or row is None or not detail.get("commit"):
        return "nobody"
    if row.provider != detail.get("provider"):
        return "nobody"
    try:
        _report(row, detail)
        if detail.get("pull"):
            _comment(row, detail)
    except (Refused, Problem) as refused:  # no second attempt would be answered otherwise
        logger().info("feedback", extra={"project": row.project, "code": refused.code})
        return "refused"
    return "told"


def _report(row: LinkRow, detail: Mapping[str, Any]) -> None:
    state, deployment = words.state_of(str(detail["state"])), str(detail["deployment"])
    told = rows.told(row.project, deployment)
    if told.state == state or (told.state and state == "pending"):
        return
    address = str(detail.get("alias_url") or detail.get("url") or "")
    report = Report(
        deployment=deployment,
        commit=str(detail["commit"]),
        state=state,
        environment=str(detail.get("environment") or detail["target"]),
        title=words.title(detail),
        summary=words.summary(detail),
        url=address,
        details=str(detail.get("url") or address),
        external=told.external,
    )
    external = opening.provider_of(row).report(opening.link_of(row), report)
    rows.tell(told, external or told.external, state)


def _comment(row: LinkRow, detail: Mapping[str, Any]) -> None:
    """Enter the deployment into the pull request's comment, and have the host show it."""
    try:
        project = projects.resolve(row.project)
    except NotFound:
        return
    if not flow.read(dict(project.git or {})).comments:
        return
    number = int(detail["pull"])
    found = rows.comment((row.provider, row.base, row.identity), number)
    given = words.entry(detail)
    for _ in range(ROUNDS):
        entries = dict(found.entries or {})
        if not words.newer(entries.get(row.project), given) or rows.enter(
            found, {**entries, row.project: given}
        ):
            break
    _write(row, number, found)


def _write(row: LinkRow, number: int, found: CommentRow) -> None:
    """Write the comment until it says what the row says; whoever else changes the row meanwhile
    leaves the writing to us."""
    mark = rows.lease(found)
    if not mark:
        return
    provider, link = opening.provider_of(row), opening.link_of(row)
    for _ in range(ROUNDS):
        version, text = int(found.version), words.comment(dict(found.entries or {}).values())
        known = provider.comment(link, number, text, found.comment)
        if known != found.comment and not rows.written(found, mark, known):
            return  # the lease ran out, and somebody else writes
        if rows.release(found, mark, version) or found.lease != mark:
            return
