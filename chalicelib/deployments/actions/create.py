"""A deployment begins: a push, a tag, a hook, a schedule, an upload, a person who asks.

Pull requests have a page of their own (`pulls`). Where an event comes from outside, the id of the
deployment follows from the event as it came, so that the same event again is no second one.
"""

from __future__ import annotations

import time

from chalicelib.artifacts import rows as artifact_rows
from chalicelib.audit import actions as audit
from chalicelib.core import ids
from chalicelib.core.actor import PLATFORM, Actor
from chalicelib.core.errors import Conflict, Invalid, NotFound, Unavailable, not_found
from chalicelib.core.observe import logger
from chalicelib.deployments import rows, rules
from chalicelib.deployments.actions import finish
from chalicelib.deployments.actions.begin import Origin, begin, execution, start
from chalicelib.deployments.actions.ending import (
    PROJECT_GONE,
    TEAM_SUSPENDED,
    cancel,
    end,
    supersede,
)
from chalicelib.deployments.actions.strangers import (
    leads_to,
    not_approved,
    refuse_strange,
    trust_of_branch,
)
from chalicelib.deployments.rows import Deployment
from chalicelib.git import actions as git
from chalicelib.git.providers import Tip
from chalicelib.git.rows import links
from chalicelib.git.rules import SKIP, Push, Tag, is_commit
from chalicelib.git.rules.trust import TRUSTED, UNTRUSTED
from chalicelib.ports import services
from chalicelib.projects import actions as projects
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rows import Project
from chalicelib.projects.rules import asked, environments, flow

__all__ = [
    "PROJECT_GONE",
    "TEAM_SUSPENDED",
    "Origin",
    "begin",
    "cancel",
    "end",
    "execution",
    "from_asked",
    "from_push",
    "from_reference",
    "from_tag",
    "from_upload",
    "start",
    "supersede",
]


def from_push(push: Push, *, again: bool = False) -> Deployment | None:
    """The deployment of a push; None when the project is gone or nothing shall be deployed.

    Of a push at a host only where it happened counts: what its branch holds now is deployed, and
    two events that tell of the same commit are one deployment. `again` deploys a commit whose
    preview was removed once more.
    """
    project = living(push.project)
    if project is None:
        return None
    found = rows.get(git.deployment_id(push))
    if found is not None:
        return _pushed(begun(found), push.pusher)
    now = git.confirm(push)
    if now is None:
        return None
    known = services().repositories.commit(project.id, now.commit) or {}
    message = known.get("message") or now.message
    if SKIP.search(message):
        rows.note_head(project.id, now)
        return None
    if not now.bot:
        projects.adopt_branch(project, now.branch)
    environment = flow.environment_of_branch(project.git, project.production_branch, now.branch)
    trust = trust_of_branch(project, now.branch, now.commit, now.bot)
    waits = trust == UNTRUSTED and flow.read(project.git).forks == "approval"
    if environment is None or waits:
        rows.note_head(project.id, now)
        return None
    origin = Origin(
        "git",
        now.branch,
        now.commit,
        message[:300],
        push=True,
        environment=environment,
        provider=now.provider,
        trust=trust,
    )
    target = environments.target_of(environment)
    row = begin(
        project, git.deployment_id(push), target, now.sequence, origin, now.pusher, again=again
    )
    return _pushed(row, now.pusher)


def from_tag(tag: Tag) -> Deployment | None:
    """The deployment of a tag; None when tags of that name lead to none."""
    project = living(tag.project)
    if project is None:
        return None
    environment = flow.environment_of_tag(project.git, tag.name)
    if environment is None:
        return None
    found = rows.get(git.deployment_id(tag))
    if found is not None:
        return _pushed(begun(found), tag.pusher)
    now = git.confirm(tag)
    if now is None:
        return None
    known = services().repositories.commit(project.id, now.commit) or {}
    message = known.get("message") or now.message
    if SKIP.search(message):
        return None
    origin = Origin(
        "git",
        commit=now.commit,
        message=message[:300],
        environment=environment,
        provider=now.provider,
        trigger="tag",
        tag=now.name,
    )
    target = environments.target_of(environment)
    row = begin(project, git.deployment_id(tag), target, now.sequence, origin, now.pusher)
    return _pushed(row, now.pusher)


def from_asked(project: str, branch: str, trigger: str, by: str, key: str) -> Deployment | None:
    """The deployment that a hook or a schedule (`trigger`) asks for; the same key is the same one.

    A branch that leads to no environment by itself becomes a preview: somebody wants it. One that
    is not there fails in its deployment, where whoever looks for the reason finds it.
    """
    found = living(project)
    if found is None:
        return None
    identifier = asked.deployment_id(found.id, branch, key)
    row = rows.get(identifier)
    if row is not None:
        return begun(row)
    sequence = time.time_ns()
    tip, provider = _tip(found, branch)
    environment = leads_to(found, branch)
    origin = Origin(
        "git",
        branch,
        tip.commit,
        tip.message[:300],
        environment=environment,
        provider=provider,
        trigger=trigger,
        trust=trust_of_branch(found, branch, tip.commit, tip.bot),
    )
    return begin(found, identifier, environments.target_of(environment), sequence, origin, by)


def from_upload(  # noqa: PLR0917  # what is deployed, and where to
    actor: Actor,
    project: Project,
    upload: str,
    production: bool,
    origin: dict[str, str],
    environment: str = "",
) -> Deployment:
    """The deployment of an upload; the same upload again is the same deployment."""
    row = artifact_rows.upload(upload)
    if row is None or row.project != project.id:
        raise not_found("upload", upload)
    source = Origin(
        "prebuilt" if row.kind == "output" else "upload",
        branch=origin.get("branch", ""),
        commit=origin.get("commit", ""),
        message=origin.get("message", ""),
        upload=upload,
        base=row.base,
        environment=environment,
        trigger="upload",
    )
    sequence = time.time_ns()
    found = rows.get("dpl_" + ids.label(upload))
    if found is not None:
        return found
    target = "production" if production else "preview"
    return begin(project, "dpl_" + ids.label(upload), target, sequence, source, actor.id)


def from_reference(
    actor: Actor,
    project: Project,
    reference: str,
    production: bool | None,
    environment: str = "",
) -> Deployment:
    """Deploy a branch or commit again; raises Conflict or NotFound when it is absent.

    Its place in the order of pushes is taken before git is asked, so that a push which arrives in
    between is newer. It is no push: it ends nobody else's deployment. Raises Conflict
    `commit_not_approved` for what a stranger wrote: that is approved, not deployed by its name.
    The branch of a program leads to a preview without variables, as its pushes do.
    """
    sequence = time.time_ns()
    tip, provider = _tip(project, reference)
    if not tip.commit:
        raise git.unknown(project.id, reference)
    if production is None:
        production = reference == project.production_branch
    branch, trust = reference, TRUSTED
    if is_commit(reference):
        refuse_strange(project, tip.commit)
        branch = ""
    else:
        trust = trust_of_branch(project, branch, tip.commit, tip.bot)
    if trust != TRUSTED and (production or environment not in {"", "preview"}):
        raise not_approved(tip.commit, f"was pushed to {branch[:80]!r} by a program.")
    origin = Origin(
        "git",
        branch,
        tip.commit,
        tip.message[:300],
        environment=environment,
        provider=provider,
        trigger="manual" if actor.kind == "user" else "api",
        trust=trust,
    )
    identifier = ids.new("dpl", sequence // 1_000_000)
    target = "production" if production else "preview"
    return begin(project, identifier, target, sequence, origin, actor.id)


def environment_named(project: Project, name: str) -> str:
    """An environment that can be deployed to; raises NotFound, or Invalid for `development`."""
    if name in environments.DEPLOYED:
        return name
    if name == "development":
        raise Invalid(
            "environment_not_deployed",
            "Nothing is deployed to development: it is for variables of people's own machines.",
            hint="Use production, preview, or an environment that was made.",
        )
    if project_rows.environment(project.id, name) is None:
        raise not_found("environment", name)
    return name


def living(project: str) -> Project | None:
    """A project that was not deleted."""
    try:
        return projects.resolve(project)
    except NotFound:
        return None


def begun(row: Deployment) -> Deployment:
    """A deployment whose event came again: what was left to do is done, should whoever wrote it
    have died.
    """
    if row.state == "queued":
        start(row)
    elif row.state in rules.TERMINAL and rows.is_open(row):
        finish.notify(row.id)
    return row


def _tip(project: Project, reference: str) -> tuple[Tip, str]:
    """A branch or commit, and its provider; without a commit when it is nowhere.

    The connected repository is asked first: a copy of it here may be older.
    """
    link = links.of(project.id)
    if link is not None:
        try:
            tip = git.head(project.id, reference)
        except Conflict as refused:
            logger().info("tip", extra={"project": project.id, "code": refused.code})
            tip = None
        except OSError as error:
            raise Unavailable(
                "git_host_unreachable",
                f"The git host does not answer: {type(error).__name__}.",
                hint="Nothing was deployed. Try again when it answers.",
                retry_after=30,
            ) from None
        if tip is not None:
            return tip, link.provider
    known = services().repositories.commit(project.id, reference)
    if known is None:
        return Tip(""), link.provider if link is not None else "builtin"
    return Tip(known["commit"], known["message"]), "builtin"


def _pushed(row: Deployment, by: str) -> Deployment:
    """A push is no request of ours, so its entry is written here; once, however often it comes."""
    ref = {"tag": row.tag} if row.tag else {"branch": row.branch}
    actor = Actor("user", by, by) if ids.is_id(by, "usr") else PLATFORM
    audit.record(
        f"{row.id}:pushed",
        row.team,
        "deployments.push",
        row.id,
        actor=actor,
        of=row.project,
        label=row.slug,
        after={**ref, "commit": row.commit, "pusher": by},
    )
    return row
