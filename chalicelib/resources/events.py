"""The bus: which events go to which function."""

from __future__ import annotations

from chalicelib.resources.grants import ENDS, STARTS, Grant
from chalicelib.resources.kinds import ASKS_HOSTS, Function, Rule

BUS = "events"

_ON_GIT: dict[str, tuple[Grant, ...]] = {
    "push": (),
    "tag": (),
    "pull-request": ("manifests:remove", "purge"),  # a closed one takes its previews along
}

FUNCTIONS = (
    # what begins a deployment; `sources:read` for what the git host said of the commit; `bus`
    # because an event that comes again finds its deployment over, and says so again; a host is
    # asked with a token that was sealed
    *(
        Function(
            f"on-git-{kind}",
            f"functions.events.git_{kind.replace('-', '_')}",
            timeout_seconds=60,
            grants=(
                *(*ENDS, "machines", "sources:read", "audit", "data-key:open"),
                *("codecommit", *more),
            ),
            layers=ASKS_HOSTS,
        )
        for kind, more in _ON_GIT.items()
    ),
    # a deploy hook was called, or a schedule is due: begins a deployment as a push does, of the
    # commit that the git host has at that moment
    Function(
        "on-deploy-asked",
        "functions.events.deploy_asked",
        timeout_seconds=60,
        grants=(*ENDS, "machines", "sources:read", "audit", "data-key:open", "codecommit"),
        layers=ASKS_HOSTS,
    ),
    Function(
        "on-runner-end",
        "functions.events.runner_end",
        # a lost runner is replaced: another order with another token
        grants=(*STARTS, "build-logs"),
        only="aws",
    ),
    Function(
        "on-osv-uploaded",
        "functions.events.osv_uploaded",
        memory_mb=3008,  # an export is read as a whole: npm's has 200,000 advisories
        timeout_seconds=900,
        grants=("advisories",),
    ),
    # an edge that counts by itself tells its totals; on AWS they are read out of its log. Whose a
    # project is says to which team's sum they are added
    Function("on-edge-traffic", "functions.events.edge_traffic", grants=("core:read", "traffic")),
    Function(
        "on-edge-log",
        "functions.events.edge_log",
        memory_mb=1769,  # one whole processor: a file may have a million lines
        timeout_seconds=600,
        grants=("core", "traffic", "edge-log"),
        only="aws",
    ),
    # settings that a route speaks of were changed: the edge is told of the site and its aliases
    Function(
        "on-route-changed",
        "functions.events.route_changed",
        timeout_seconds=120,
        grants=("core",),
    ),
    # and AWS WAF of its guard: apart, because what that refuses must not hold up a route
    Function(
        "on-guard-changed",
        "functions.events.guard_changed",
        timeout_seconds=120,
        grants=("core", "firewall"),
        only="aws",
    ),
    Function("on-slot-free", "functions.events.slot_free", timeout_seconds=60, grants=STARTS),
    # the credential of the repository is opened
    Function(
        "on-feedback",
        "functions.events.feedback",
        grants=("core", "data-key:open", "codecommit:comment"),
    ),
    Function(
        "on-codecommit",
        "functions.events.codecommit",
        grants=("core", "deliveries", "bus"),
        only="aws",
    ),
    Function("on-errand", "functions.events.errand", grants=("core", "mail")),
    Function(
        "on-team-changed",
        "functions.events.team_changed",
        grants=("core", "connections"),
    ),
    # to browsers: the key that says who sends is opened
    Function(
        "on-push-due",
        "functions.events.push_due",
        timeout_seconds=60,
        grants=("core", "data-key:open"),
    ),
    Function(
        "on-project-deleted",
        "functions.events.project_deleted",
        grants=("core", "machines"),
    ),
)

RULES = (
    Rule("git-push", ("git.push",), "on-git-push"),
    Rule("deploy-asked", ("deploy.asked",), "on-deploy-asked"),
    Rule("git-tag", ("git.tag",), "on-git-tag"),
    Rule("git-pull-request", ("git.pull_request",), "on-git-pull-request"),
    Rule("edge-traffic", ("edge.traffic",), "on-edge-traffic"),
    Rule("edge-log", ("Object Created",), "on-edge-log", source="aws.s3", only="aws"),
    Rule("route-changed", ("route.changed",), "on-route-changed"),
    Rule(
        "guard-changed",
        ("route.changed", "domain.changed", "project.deleted"),
        "on-guard-changed",
        only="aws",
    ),
    Rule("slot-free", ("build.slot_free",), "on-slot-free"),
    Rule("feedback", ("deployment.started", "deployment.finished"), "on-feedback"),
    Rule("errand", ("errand.due",), "on-errand"),
    Rule("team-changed", ("team.changed",), "on-team-changed"),
    Rule(
        "push-due",
        (
            *("deployment.finished", "rollout.finished", "rollout.paused"),
            *("domain.changed", "domain.expiring"),
        ),
        "on-push-due",
    ),
    Rule("project-deleted", ("project.deleted",), "on-project-deleted"),
    Rule("osv-uploaded", ("osv.uploaded",), "on-osv-uploaded"),
    Rule(
        "codecommit",
        ("CodeCommit Repository State Change", "CodeCommit Pull Request State Change"),
        "on-codecommit",
        source="aws.codecommit",
        only="aws",
    ),
    Rule(
        "runner-end",
        ("CodeBuild Build State Change",),
        "on-runner-end",
        source="aws.codebuild",
        detail={"build-status": ["SUCCEEDED", "FAILED", "FAULT", "STOPPED", "TIMED_OUT"]},
        only="aws",
    ),
)
