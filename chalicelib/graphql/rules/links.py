"""The graph as data: which fields ask which routes, and where a route's path comes from.

A `Link` of a type takes the path (and fixed parts of the query) from the object that it hangs on;
everything else that the route takes becomes an argument. Types, arguments and their texts come
from the route's own declaration, so nothing is said twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Link:
    """A field and its route; `path` and `query` say which field of the parent goes where."""

    name: str
    route: str
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)


NODES: dict[str, tuple[str, str]] = {
    "Me": ("GET /v1/me", ""),
    "Team": ("GET /v1/teams/{team}", ""),
    "TeamSummary": ("GET /v1/teams", "items"),
    "Member": ("GET /v1/teams/{team}/members", "items"),
    "Activity": ("GET /v1/teams/{team}/activity", ""),
    "Invitation": ("POST /v1/teams/{team}/invitations", ""),
    "Project": ("GET /v1/projects/{project}", ""),
    "Deployment": ("GET /v1/deployments/{deployment}", ""),
    "Build": ("GET /v1/deployments/{deployment}/build", ""),
    "Rules": ("GET /v1/deployments/{deployment}/rules", ""),
    "Logs": ("GET /v1/deployments/{deployment}/logs", ""),
    "Pointer": ("GET /v1/projects/{project}/pointer", ""),
    "Rollout": ("GET /v1/projects/{project}/rollouts", "items"),
    "Domain": ("GET /v1/projects/{project}/domains/{domain}", ""),
    "Environment": ("GET /v1/projects/{project}/environments/{environment}", ""),
    "DomainList": ("GET /v1/projects/{project}/domains", ""),
    "EnvironmentList": ("GET /v1/projects/{project}/environments", ""),
    "VariableList": ("GET /v1/projects/{project}/env", ""),
    "Overview": ("GET /v1/teams/{team}/overview", ""),
    "Site": ("GET /v1/teams/{team}/sites", "items"),
    "Traffic": ("GET /v1/projects/{project}/traffic", ""),
    "Variable": ("PUT /v1/projects/{project}/env/{name}", ""),
}
"""Name of a type -> the route that answers with it, or the field of its answer that lists it."""

_OF_TEAM = (
    Link("members", "GET /v1/teams/{team}/members", {"team": "id"}),
    Link("projects", "GET /v1/projects", query={"team": "id"}),
    Link("activity", "GET /v1/teams/{team}/activity", {"team": "id"}),
    Link("domains", "GET /v1/teams/{team}/domains", {"team": "id"}),
    Link("deployments", "GET /v1/teams/{team}/deployments", {"team": "id"}),
    Link("overview", "GET /v1/teams/{team}/overview", {"team": "id"}),
    Link("sites", "GET /v1/teams/{team}/sites", {"team": "id"}),
)

LINKS: dict[str, tuple[Link, ...]] = {
    "Team": _OF_TEAM,
    "TeamSummary": (Link("details", "GET /v1/teams/{team}", {"team": "id"}), *_OF_TEAM),
    "Project": (
        Link("team", "GET /v1/teams/{team}", {"team": "team"}),
        Link("deployments", "GET /v1/projects/{project}/deployments", {"project": "id"}),
        Link("pointer", "GET /v1/projects/{project}/pointer", {"project": "id"}),
        Link("rollouts", "GET /v1/projects/{project}/rollouts", {"project": "id"}),
        Link("domains", "GET /v1/projects/{project}/domains", {"project": "id"}),
        Link("environments", "GET /v1/projects/{project}/environments", {"project": "id"}),
        Link("traffic", "GET /v1/projects/{project}/traffic", {"project": "id"}),
        Link("variables", "GET /v1/projects/{project}/env", {"project": "id"}),
    ),
    "Deployment": (
        Link("project", "GET /v1/projects/{project}", {"project": "project"}),
        Link("logs", "GET /v1/deployments/{deployment}/logs", {"deployment": "id"}),
        Link("build", "GET /v1/deployments/{deployment}/build", {"deployment": "id"}),
        Link("rules", "GET /v1/deployments/{deployment}/rules", {"deployment": "id"}),
    ),
    "Pointer": (
        Link("deployment", "GET /v1/deployments/{deployment}", {"deployment": "deployment"}),
        Link("canary", "GET /v1/deployments/{deployment}", {"deployment": "canary"}),
    ),
    "Rollout": (
        Link("deployment", "GET /v1/deployments/{deployment}", {"deployment": "deployment"}),
        Link(
            "looks",
            "GET /v1/projects/{project}/rollouts/{rollout}/looks",
            {"project": "project", "rollout": "id"},
        ),
    ),
}
"""Name of a type -> what can be asked from an object of it. A link that is called like a field of
the answer, which holds an id then, takes its name; the id stays as `<name>Id`."""

QUERIES = (
    Link("me", "GET /v1/me"),
    Link("teams", "GET /v1/teams"),
    Link("team", "GET /v1/teams/{team}"),
    Link("projects", "GET /v1/projects"),
    Link("project", "GET /v1/projects/{project}"),
    Link("deployment", "GET /v1/deployments/{deployment}"),
)

MUTATIONS = (
    Link("create_project", "POST /v1/projects"),
    Link("deploy", "POST /v1/projects/{project}/deployments"),
    Link("cancel", "POST /v1/deployments/{deployment}/cancel"),
    Link("promote", "POST /v1/projects/{project}/promote"),
    Link("rollback", "POST /v1/projects/{project}/rollback"),
    Link("unpin", "POST /v1/projects/{project}/unpin"),
    Link("set_variable", "PUT /v1/projects/{project}/env/{name}"),
    Link("delete_variable", "DELETE /v1/projects/{project}/env/{name}"),
    Link("invite", "POST /v1/teams/{team}/invitations"),
)
