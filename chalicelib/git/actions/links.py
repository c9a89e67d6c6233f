"""Connecting a project with its repository at a host, and looking after the connection."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field, replace

from chalicelib.core import clock, ids, outbound
from chalicelib.core.actor import Actor
from chalicelib.core.config import settings
from chalicelib.core.errors import Conflict, Invalid, Problem, Unavailable
from chalicelib.core.observe import logger, printable
from chalicelib.git import providers
from chalicelib.git.actions import admission, opening, sealed
from chalicelib.git.actions.events import publish
from chalicelib.git.providers import Refused, Repository
from chalicelib.git.rows import links as rows
from chalicelib.git.rows.links import LinkRow
from chalicelib.git.rules import Push, branch_fault
from chalicelib.git.rules.addresses import PROVIDERS, Address, address_of
from chalicelib.projects import actions as projects
from chalicelib.projects.rows import Project

OLD_SECRET_SECONDS = 3600
"""How long the webhook secret before the newest one is good: webhooks on their way arrive."""


@dataclass(frozen=True)
class Wanted:
    """The repository that somebody wants to connect, and what opens it."""

    provider: str
    url: str
    token: str = field(default="", repr=False)
    user: str = ""
    installation: str = ""
    deploy_key: bool = False


@dataclass(frozen=True)
class Connected:
    """A link, and the webhook secret where it has to be shown: once."""

    row: LinkRow
    secret: str = field(default="", repr=False)


def connect(actor: Actor, project: Project, wanted: Wanted) -> Connected:
    """Connect a project with a repository, after its host said that it may be read.

    With a deploy key the link waits until the key stands at the host and `check` finds it. Raises
    Invalid `git_url_not_allowed`, Conflict `already_connected` and what the host refuses with,
    Unavailable `git_host_unreachable`.
    """
    address = _address(wanted)
    credential = admission.credential_of(actor, project, wanted, address)
    row = rows.new(
        project.id,
        team=project.team,
        provider=wanted.provider,
        base=address.base,
        repository=address.repository,
        url=address.url,
        credential=credential.kind,
        installation=credential.installation,
        user=credential.user,
        public_key=credential.public_key,
        state="waiting" if wanted.deploy_key else "ok",
        made=ids.new("lnk"),
        connected_at=clock.iso(),
        connected_by=actor.id,
    )
    if credential.secret:
        row.secret = sealed.close(row, sealed.CREDENTIAL, credential.secret)
    secret = secrets.token_urlsafe(32)
    row.hook_secret = sealed.close(row, sealed.WEBHOOK, secret)
    if rows.of(project.id) is not None:
        raise _taken()
    if not wanted.deploy_key:
        _learn(row, _seen(row))
    if not rows.add(row):
        raise _taken()
    _begin(project, row, secret)
    return Connected(row, secret if shows_secret(row) else "")


def check(project: Project) -> LinkRow:
    """Ask the host whether the repository can be read, and remember what it says.

    A repository of another identity under the same name is another one, and stays broken.
    """
    row = opening.linked(project.id)
    was = row.state
    try:
        _learn(row, _seen(row))
    except Problem as problem:
        if problem.status < 500:
            state = "waiting" if was == "waiting" else "broken"
            rows.change(row, state=state, fault=_told(problem), checked_at=clock.iso())
        return row
    found = {name: getattr(row, name) for name in _LEARNT}
    rows.change(row, **found, state="ok", fault="", checked_at=clock.iso())
    if was == "waiting":
        _begin(project, row, sealed.webhook_secrets(row)[0])
    return row


_LEARNT = ("identity", "repository", "branch", "host_key", "gsi2pk", "gsi2sk")


def rotate(project: Project) -> Connected:
    """A new webhook secret; the one before is good for another hour."""
    row = opening.linked(project.id)
    secret = secrets.token_urlsafe(32)
    rows.change(
        row,
        old_secret=bytes(row.hook_secret) if row.hook_secret is not None else None,
        old_until=clock.epoch(OLD_SECRET_SECONDS),
        hook_secret=sealed.close(row, sealed.WEBHOOK, secret),
    )
    _hook(row, secret)
    return Connected(row, secret if shows_secret(row) else "")


def disconnect(project: Project) -> LinkRow:
    """Forget the repository; what was deployed from it stays. Returns what it was."""
    row = opening.linked(project.id)
    sever(row)
    return row


def sever(row: LinkRow) -> None:
    """Have the host send nothing more, as far as it still listens to us, and forget the link."""
    if row.hooked:
        try:
            opening.provider_of(row).unhook(opening.link_of(row), webhook_url(row))
        except (Refused, Problem, OSError, LookupError) as error:
            logger().info("unhook", extra={"project": row.project, "error": type(error).__name__})
    rows.remove(row)


def webhook_url(row: LinkRow) -> str:
    """Where the host sends what happens; empty where it reaches us in another way."""
    if row.credential == "app" or row.provider == "codecommit":
        return ""
    return f"{settings().api_url}/v1/hooks/git/{row.provider}/{row.project}"


def shows_secret(row: LinkRow) -> bool:
    """Whether a person has to put the webhook into place, and so has to see its secret."""
    return bool(webhook_url(row)) and not row.hooked


def projects_of(provider: str, identity: str) -> list[str]:
    """Ids of the projects that are connected to a repository."""
    return [row.project for row in rows.of_repository(provider, identity)]


def _address(wanted: Wanted) -> Address:
    """Where to connect to; raises Invalid `git_url_not_allowed` with the rule."""
    if wanted.provider not in PROVIDERS or wanted.provider not in providers.names():
        raise Invalid(
            "unknown_git_provider",
            f"There is no kind of git host {wanted.provider[:40]!r} here.",
            hint=f"Use one of {', '.join(providers.names())}.",
        )
    private = settings().private_outbound
    try:
        found = address_of(wanted.provider, wanted.url, plain=private)
        # the name is resolved, and what it resolves to checked, by whoever connects
        outbound.check_url(found.base if not found.ssh else f"https://{_literal(found.host)}/")
    except ValueError as error:
        raise Invalid(
            "git_url_not_allowed",
            str(error),
            hint="Use an address such as https://github.com/owner/name or git@host:owner/name.git.",
        ) from None
    if found.ssh and not wanted.deploy_key:
        raise Invalid(
            "git_url_not_allowed",
            "An address of SSH needs a deploy key.",
            hint="Ask for one with `deploy_key`: we make it, and you put its public half in place.",
        )
    return found


def _literal(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _seen(row: LinkRow) -> Repository:
    """What the host says of the repository; raises Conflict or Unavailable."""
    try:
        return opening.provider_of(row).repository(opening.link_of(row))
    except Refused as refused:
        raise opening.problem_of(refused) from None
    except outbound.NotAllowed as error:
        raise Invalid(
            "git_url_not_allowed", str(error), hint="Use a host on the public internet."
        ) from None
    except OSError as error:
        raise Unavailable(
            "git_host_unreachable",
            f"The git host does not answer: {printable(str(error))[:200]}",
            retry_after=30,
            hint="Check the address; if it is right, try again in a minute.",
        ) from None


def _learn(row: LinkRow, found: Repository) -> None:
    """Keep what the host says; raises Conflict `repository_replaced`."""
    if row.identity and row.identity != found.identity:
        raise Conflict(
            "repository_replaced",
            "Another repository has that name now.",
            hint="Connect it anew if it is the one you mean.",
        )
    if row.host_key and row.host_key != found.host_key:
        raise Conflict(
            "host_key_changed",
            "The git host shows another key than the one it was connected with.",
            hint="If the host was really given a new key, connect the repository anew.",
        )
    rows.index(row, found.identity[:500])
    row.repository = printable(found.name)[:300] or row.repository
    row.host_key = found.host_key
    branch = found.default_branch
    row.branch = "" if branch_fault(branch) else branch
    row.checked_at = clock.iso()


def _begin(project: Project, row: LinkRow, secret: str) -> None:
    """A link works from now on: webhooks, the production branch, its first deployment."""
    if row.state != "ok":
        return
    _hook(row, secret)
    if row.branch:
        projects.adopt_branch(project, row.branch)
    branch = project.production_branch or row.branch
    if not branch:
        return
    sequence = time.time_ns()
    try:
        link = opening.link_of(row)
        provider = opening.provider_of(row)
        rows.change(row, seen=short(provider.heads(link)), polled_ms=clock.now_ms())
        tip = provider.tip(link, f"refs/heads/{branch}")
    except (Refused, Problem, OSError) as error:  # the poller makes it good
        logger().info("first push", extra={"project": project.id, "error": type(error).__name__})
        return
    if tip is not None:
        push = Push(project.id, branch, tip.commit, sequence, row.connected_by)
        publish(replace(push, message=tip.message[:4096], provider=row.provider))


def _hook(row: LinkRow, secret: str) -> None:
    """Ask the host to send webhooks here; where it does not, a person has to set that up."""
    if not webhook_url(row) or row.state != "ok":
        return
    try:
        hooked = opening.provider_of(row).hook(opening.link_of(row), webhook_url(row), secret)
    except (Refused, Problem, OSError) as error:
        logger().info("hook", extra={"project": row.project, "error": type(error).__name__})
        hooked = False
    rows.change(row, hooked=hooked)


KNOWN_BRANCHES = 2000


def short(heads: dict[str, str]) -> dict[str, str]:
    """What the poller remembers of branches: enough to tell commits apart, in a row of 400 KB."""
    return {branch: commit[:16] for branch, commit in sorted(heads.items())[:KNOWN_BRANCHES]}


def _told(problem: Problem) -> str:
    return f"{problem.code}: {printable(problem.detail)}"[:500]


def _taken() -> Conflict:
    return Conflict(
        "already_connected",
        "This project is connected to a repository already.",
        hint="Disconnect it first: `deck git disconnect`.",
    )
