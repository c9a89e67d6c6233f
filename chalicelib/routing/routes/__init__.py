"""Routes of rules: what files come to, what a deployment has, what it would answer."""

from __future__ import annotations

from chalicelib.core import http, ids
from chalicelib.core.config import settings
from chalicelib.core.http import Call, Routes
from chalicelib.routing.actions import ask, freeze
from chalicelib.routing.routes.shapes import (
    CheckInput,
    CheckView,
    PageInput,
    RulesView,
    TestInput,
    VerdictView,
    fault_view,
    note_view,
    page,
)
from chalicelib.routing.routes.verdicts import verdict_view

routes = Routes("rules")


@routes.post(
    "/rules/check",
    permission=http.SIGNED_IN,
    body=CheckInput,
    answer=CheckView,
    limit="expensive",
    audited=False,
)
def check_rules(call: Call) -> CheckView:
    """What files with rules come to, and what is wrong with them."""
    made = freeze.read(dict(call.body.files), "check")
    return CheckView.model_validate(
        {
            **page(made.routing, 0),
            "ok": not made.faults,
            "faults": [fault_view(fault) for fault in made.faults],
            "notes": [note_view(note) for note in made.notes],
        }
    )


@routes.get(
    "/deployments/{deployment}/rules",
    permission="deployment.read",
    scope="deployment",
    query=PageInput,
    answer=RulesView,
    problems=(409,),
)
def show_rules(call: Call) -> RulesView:
    """The rules of a deployment."""
    row = call.scope
    routing = ask.rules_of(row.team, row.routing)
    return RulesView.model_validate(page(routing, call.query.after))


@routes.post(
    "/deployments/{deployment}/rules/test",
    permission="deployment.read",
    scope="deployment",
    body=TestInput,
    answer=VerdictView,
    problems=(409,),
    limit="expensive",
    audited=False,
)
def test_rules(call: Call) -> VerdictView:
    """What a deployment would answer to a request, and why; nothing is sent."""
    row, body = call.scope, call.body
    headers = {name.lower(): value for name, value in body.headers.items()}
    if body.language:
        headers["accept-language"] = body.language
    asked = ask.Request(body.url, body.method, headers, body.country)
    host = settings().site_host(f"{ids.label(row.id)}--{row.slug}")
    return verdict_view(ask.answer(row.id, row.team, row.routing, host, asked))
