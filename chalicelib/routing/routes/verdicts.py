"""A verdict of the edge as the API tells it."""

from __future__ import annotations

from chalicelib.edge.rules.routing.model import Routing
from chalicelib.edge.rules.routing.verdicts import (
    File,
    Nothing,
    Proxy,
    Redirect,
    Refused,
    Step,
    Verdict,
)
from chalicelib.routing.actions.ask import Answer
from chalicelib.routing.routes.shapes import GoalView, Place, StepView, VerdictView

MOST_STEPS = 200
_KINDS = {
    Redirect: "redirect",
    File: "file",
    Proxy: "proxy",
    Refused: "refused",
    Nothing: "nothing",
}


def verdict_view(answer: Answer) -> VerdictView:
    """What would be answered, each rule with the place where it stands."""
    verdict, routing = answer.verdict, answer.routing
    return VerdictView.model_validate(
        {
            "verdict": _KINDS[type(verdict)],
            "status": None if isinstance(verdict, Proxy) else verdict.status,
            "location": _location(verdict, answer.query),
            "file": verdict.file if isinstance(verdict, File) else None,
            "goals": [GoalView(name=g.name, url=g.url, weight=g.weight) for g in verdict.goals]
            if isinstance(verdict, Proxy)
            else [],
            "headers": list(verdict.headers),
            "rule": _rule(verdict, routing),
            "reason": verdict.reason,
            "looked": list(verdict.looked),
            "trace": [_step(step, routing) for step in verdict.trace[:MOST_STEPS]],
        }
    )


def _location(verdict: Verdict, query: str) -> str | None:
    if not isinstance(verdict, Redirect):
        return None
    return verdict.to(query.encode("utf-8", "surrogatepass"))


def _rule(verdict: Verdict, routing: Routing) -> Place | None:
    kind = "auth" if isinstance(verdict, Refused) else "rule"
    return None if verdict.rule is None else _place(kind, verdict.rule, routing)


def _step(step: Step, routing: Routing) -> StepView:
    place = None if step.index is None else _place(step.kind, step.index, routing)
    return StepView(kind=step.kind, place=place, said=step.said)


def _place(kind: str, number: int, routing: Routing) -> Place | None:
    """Where a rule stands that is known by its number."""
    if kind == "rule":
        rule = routing.rules[number]
        text = f"{rule.pattern} {rule.to} {rule.status}{'!' if rule.force else ''}"
        return Place(kind="rule", source=rule.source, line=rule.line, text=text)
    if kind == "header":
        headers = routing.headers[number]
        names = ", ".join(name for name, _ in headers.headers)
        text = f"{headers.pattern} {names}"
        return Place(kind="header", source=headers.source, line=headers.line, text=text)
    if kind == "auth":
        auth = routing.auth[number]
        return Place(kind="auth", source=auth.source, line=auth.line, text=auth.pattern)
    return None
