"""Rows of pull requests, of what was deployed for them, and of commits that a person approved."""

from __future__ import annotations

from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError

from chalicelib.core import clock, table
from chalicelib.git.rules import PullRequest
from chalicelib.projects.rows import key as project_key

PREFIX = "PULL#"


class Pull(table.CoreRow):
    """A pull request as it is known here; `sequence` is that of the newest event that was taken.

    `preview` says what became of its commit: `built`, `waiting` for somebody's approval, `ignored`
    because pull requests from forks are or its title says so, or `none`.
    """

    number = NumberAttribute()
    state = UnicodeAttribute(default="open")  # open | closed
    merged = BooleanAttribute(default=False)
    preview = UnicodeAttribute(default="none")
    commit = UnicodeAttribute()
    branch = UnicodeAttribute(default="")
    base = UnicodeAttribute(default="")
    repository = UnicodeAttribute(default="")
    fork = BooleanAttribute(default=True)
    bot = BooleanAttribute(default=False)
    member = BooleanAttribute(default=False)
    author = UnicodeAttribute(default="")
    title = UnicodeAttribute(default="")
    provider = UnicodeAttribute(default="github")
    trust = UnicodeAttribute(default="untrusted")
    why = UnicodeAttribute(default="")
    deployment = UnicodeAttribute(default="")
    sequence = NumberAttribute(default=0)
    revision = NumberAttribute(default=0)
    opened_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()


class Shown(table.CoreRow):
    """A pull request shows, or showed, this deployment."""

    deployment = UnicodeAttribute()


class Approval(table.CoreRow):
    """A person approved exactly this commit."""

    commit = UnicodeAttribute()
    pull = NumberAttribute()
    by = UnicodeAttribute()
    at = UnicodeAttribute()


def pull_key(number: int) -> str:
    """Sort key of a pull request."""
    return f"{PREFIX}{number:09d}"


def pull(project: str, number: int) -> Pull | None:
    """A pull request, read consistently."""
    return table.find(Pull, project_key(project), pull_key(number))


def pull_page(
    project: str, limit: int, at: dict[str, Any] | None, state: str | None
) -> tuple[list[Pull], dict[str, Any] | None]:
    """A page of a project's pull requests, the highest number first, and the place to go on."""
    found = Pull.query(
        project_key(project),
        Pull.sk.startswith(PREFIX),
        filter_condition=None if state is None else Pull.state == state,
        scan_index_forward=False,
        consistent_read=True,
        last_evaluated_key=at,
        limit=limit,
    )
    return list(found), found.last_evaluated_key


def pull_facts(event: PullRequest) -> dict[str, Any]:
    """What an event says of a pull request, as its row keeps it."""
    return {
        "number": event.number,
        "commit": event.commit,
        "branch": event.branch,
        "base": event.base,
        "repository": event.repository,
        "fork": event.fork,
        "bot": event.bot,
        "member": event.member,
        "author": event.author,
        "title": event.title[:300],
        "merged": event.merged,
        "provider": event.provider,
        "sequence": event.sequence,
    }


def pull_event(project: str, row: Pull, sequence: int) -> PullRequest:
    """A pull request as it is known, as if its host had just told of it."""
    return PullRequest(
        project=project,
        number=int(row.number),
        action="updated",
        commit=row.commit,
        branch=row.branch,
        base=row.base,
        repository=row.repository,
        fork=bool(row.fork),
        author=row.author,
        member=bool(row.member),
        bot=bool(row.bot),
        sequence=sequence,
        title=row.title,
        merged=bool(row.merged),
        provider=row.provider,
    )


def pull_change(
    project: str, number: int, known: Pull | None, /, **values: Any
) -> tuple[Pull, Any, Any]:
    """(row, actions, condition) that write a pull request, unless it changed since `known`."""
    now = clock.iso()
    row = Pull(pk=project_key(project), sk=pull_key(number))
    actions = [getattr(Pull, name).set(value) for name, value in values.items()]
    actions += [
        Pull.updated_at.set(now),
        Pull.opened_at.set(known.opened_at if known is not None else now),
        Pull.revision.set(int(known.revision) + 1 if known is not None else 1),
    ]
    unchanged = Pull.pk.does_not_exist() if known is None else Pull.revision == known.revision
    return row, actions, unchanged


def save_pull(project: str, number: int, known: Pull | None, /, **values: Any) -> bool:
    """Write a pull request; False when it changed since `known`."""
    row, actions, condition = pull_change(project, number, known, **values)
    try:
        row.update(actions=actions, condition=condition)
    except UpdateError as error:
        if not table.lost_condition(error):
            raise
        return False
    return True


def shown_row(project: str, number: int, deployment: str) -> Shown:
    """A pull request shows a deployment; not yet saved."""
    return Shown(
        pk=project_key(project), sk=f"PREVIEW#{number:09d}#{deployment}", deployment=deployment
    )


def shown(project: str, number: int) -> list[Shown]:
    """Every deployment that a pull request shows or showed, read consistently."""
    return list(table.below(Shown, project_key(project), f"PREVIEW#{number:09d}#"))


def is_approved(project: str, commit: str) -> bool:
    """Whether a person approved exactly this commit."""
    return table.find(Approval, project_key(project), f"APPROVED#{commit}") is not None


def approve_commit(project: str, commit: str, number: int, by: str) -> None:
    """Remember that a person approved a commit."""
    Approval(
        pk=project_key(project),
        sk=f"APPROVED#{commit}",
        commit=commit,
        pull=number,
        by=by,
        at=clock.iso(),
    ).save()
