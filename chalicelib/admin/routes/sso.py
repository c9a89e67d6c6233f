"""Single sign-on of teams, when it is in the way: enforcement ended, domains given back."""

from __future__ import annotations

from typing import Any, Literal

from chalicelib.accounts.actions import domains, sso
from chalicelib.accounts.routes.sso import SsoView, noted, sso_view
from chalicelib.admin import actions
from chalicelib.admin.routes.blueprint import routes
from chalicelib.core.http import INSTALLATION, Call, Empty, Input
from chalicelib.teams.actions import team_named
from chalicelib.teams.rows import team_of


class ReleaseSso(Input):
    """What an administrator may do to a team's single sign-on."""

    enforced: Literal[False]


@routes.put(
    "/admin/teams/{team}/sso",
    permission="admin.manage",
    scope=INSTALLATION,
    body=ReleaseSso,
    answer=SsoView,
    step_up=True,
)
def release_sso(call: Call) -> SsoView:
    """Let a team's members in another way, when their identity provider is broken."""
    before, after = sso.release_sso(team_named(call.path["team"]))
    call.trail.before, call.trail.after = noted(before), noted(after)
    call.trail.resource = after.row.team
    if before.enforced:
        _tell(call, after.row.team, {"enforced": False})
    else:
        call.trail.drop()
    return sso_view(after)


@routes.delete(
    "/admin/domains/{domain}",
    permission="admin.manage",
    scope=INSTALLATION,
    answer=Empty,
    status=204,
    problems=(409,),
    step_up=True,
)
def release_domain(call: Call) -> None:
    """Take a proven domain from the team that has it: from now on any team may prove it."""
    team = domains.release_domain(call.path["domain"])
    call.trail.before = {"team": team}
    call.trail.of = team
    _tell(call, team, {"domain": call.path["domain"]})


def _tell(call: Call, team: str, after: dict[str, Any]) -> None:
    """Write it into the team's own log too, if the team is still there."""
    row = team_of(team)
    if row is not None and not row.deleted_at:
        call.trail.label = row.slug
        actions.tell_team(call, row, after)
