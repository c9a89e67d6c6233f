"""What a build begins with: its source, what it may know, and whether it is needed at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chalicelib.artifacts import actions as artifacts
from chalicelib.artifacts import rules as artifact_rules
from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import hits, loglines, order, trees
from chalicelib.core.config import settings
from chalicelib.core.errors import Conflict
from chalicelib.deployments import rows
from chalicelib.deployments.actions import show
from chalicelib.deployments.rows import Deployment
from chalicelib.git import actions as git
from chalicelib.ports import services
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rules import flow

UNSIGNED, TAKEN = 10, 20
"""Where the lines of this page stand in the log: before those of any attempt to build."""


@dataclass(frozen=True)
class Prepared:
    """What a build would be made with, and the key of its inputs; None when it is never reused."""

    spec: dict[str, Any]
    hit: str | None


def cancels(row: Deployment) -> bool:
    """Whether a newer push ends older ones of its branch that are on their way."""
    return _flow(row).auto_cancel


def prepared(row: Deployment) -> Prepared:
    """Put the source of a deployment into the store; raises Problem for what the owner can mend."""
    if row.source == "git":
        _check_signature(row)
        source = {"kind": "archive", "key": git.source(row.project, row.commit)}
        tree = trees.of_commit(row.project, row.commit)
    else:
        source = _uploaded(row)
        tree = trees.of_upload(row.team, str(row.upload))
    spec = _spec(row, source)
    spec["variables"] = hits.given(row.project, spec)
    return Prepared(spec, hits.key_of(row.project, spec, tree) if tree is not None else None)


def _uploaded(row: Deployment) -> dict[str, str]:
    """The uploaded tree, every blob of it verified."""
    broken = artifacts.verify(row.team, artifacts.files_of(str(row.upload)), None)
    if broken:
        raise Conflict(
            "blob_missing",
            f"{len(broken)} uploaded files did not arrive whole, e.g. {broken[0]!r}.",
            hint="Run `deck deploy` again.",
        )
    return {"kind": "files", "upload": str(row.upload)}


def _spec(row: Deployment, source: dict[str, str]) -> dict[str, Any]:
    return {
        "source": source,
        "slug": row.slug,
        "environment": row.environment or row.target,
        "branch": row.branch,
        "tag": row.tag,
        "pull": int(row.pull) or None,
        "trigger": row.trigger,
        "commit": row.commit,
        "framework": row.framework,
        "settings": dict(row.settings or {}),
        "trusted": row.trust != "untrusted",
        "trust": row.trust,
        "size": (row.settings or {}).get("size"),
        "base": row.base,
        "url": settings().site_url(row.slug) if row.target == "production" else show.url(row),
    }


def _check_signature(row: Deployment) -> None:
    """Raise Conflict for a commit that had to be signed and is not known to be."""
    policy = _flow(row).signatures
    if policy == "off":
        return
    tip = git.head(row.project, row.commit) if row.provider != "builtin" else None
    if tip is not None and tip.verified is True:
        return
    who = "the built-in remote checks no signatures" if row.provider == "builtin" else row.provider
    why = "not signed" if tip is not None and tip.verified is False else f"not known to be ({who})"
    if policy == "require":
        raise Conflict(
            "commit_unsigned",
            f"Commit {row.commit[:12]} has to be signed, and it is {why}.",
            hint="Sign it (`git commit -S`) with a key that the git host knows, and push again.",
        )
    text = f"Commit {row.commit[:12]} is {why}."
    loglines.say(row.id, 0, UNSIGNED, [text], "prepare", "warn")


def _flow(row: Deployment) -> flow.Flow:
    project = project_rows.get(row.project)
    return flow.read(project.git if project is not None else {})


def restore(row: Deployment, hit: str) -> bool:
    """Take the files of the deployment that was built from the same inputs, if there is one.

    Its list is written down as an upload's is, so that everything after goes its usual way.
    """
    known = None if row.trigger in hits.ANEW else hits.find(row.project, hit)
    found = rows.get(known) if known is not None and known != row.id else None
    if found is None or not found.published or found.trust != row.trust:
        return False
    files = artifacts.listing(found.id)
    if not files or artifacts.verify(row.team, [artifact_rules.File(*f) for f in files], row.base):
        return False
    entries = [{"path": p, "sha256": sha256, "size": size} for p, sha256, size in files]
    content = artifact_rules.dump({"version": 1, "files": entries})
    services().store.put(artifact_rules.list_key(row.id), content)
    origin = found.restored or found.id
    text = f"Nothing that this build depends on has changed since {origin}: its files are taken."
    loglines.say(row.id, 0, TAKEN, [text], "prepare", "info")
    return rows.advance(
        row, "preparing", restored=origin, hit=hit, framework=found.framework or row.framework
    )


def remember(row: Deployment) -> None:
    """Let later deployments with the same inputs take the files of this one."""
    built = build_rows.get(order.build_id(row.id))
    if built is None or built.outcome != "ok" or not hits.as_planned(built):
        return
    hits.remember(row.project, str(row.hit), row.id)
