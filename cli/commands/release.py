"""release, diff, history, lock, unlock, unpin: what deployments are, and what keeps them back."""

# ruff: noqa: ARG001 - `json` acts through its callback

from __future__ import annotations

from typing import Annotated

import typer

from cli import present
from cli.api import Json, segment
from cli.commands.deployments import DeploymentArgument, find, must_be_id
from cli.context import Deck, JsonOption, of
from cli.errors import UserError
from cli.text import age, one_line

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}
MOST = 50
"""Lines of each part that a diff prints; `--json` has all that the API tells."""


def release(
    ctx: typer.Context, deployment: DeploymentArgument = None, json: JsonOption = False
) -> None:
    """Show what a deployment was frozen with."""
    deck = of(ctx)
    id_ = must_be_id(deployment) if deployment else str(find(deck, None)["id"])
    found = deck.api.get(f"/deployments/{segment(id_)}/release")
    deck.out.result(found, lambda: deck.out.say("\n".join(_release(found))))


def _release(found: Json) -> list[str]:
    lines = {
        "deployment": found["deployment"],
        "commit": found["commit"],
        "frozen": found["frozen_at"],
        "framework": found["framework"],
        "files": f"{found['files']} ({found['bytes']} bytes), list {found['listing']}",
        "rules": found["rules"] or "none",
        "variables": ", ".join(found["variables"]) or "none",
        "schedules": ", ".join(f"{s['name']} ({s['cron']})" for s in found["schedules"]) or "none",
    }
    return [f"{name:<11} {one_line(str(value))}" for name, value in lines.items() if value]


def diff(
    ctx: typer.Context,
    first: Annotated[str, typer.Argument(metavar="A", help="Id or address of a deployment.")],
    second: Annotated[
        str | None, typer.Argument(metavar="[B]", help="Another one (default: what is live).")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show what differs between two deployments: what leads from A to B."""
    deck = of(ctx)
    other = must_be_id(second) if second is not None else _live(deck)
    path = f"/deployments/{segment(must_be_id(first))}/diff/{segment(other)}"
    found = deck.api.get(path)
    deck.out.result(found, lambda: deck.out.say("\n".join(difference(found))))


def _live(deck: Deck) -> str:
    moved = deck.api.get(_path(deck, "pointer"))
    if not moved["deployment"]:
        raise UserError("nothing_live", "Nothing is live yet", "Name two deployments")
    return str(moved["deployment"])


def difference(found: Json) -> list[str]:
    """The lines of a diff."""
    first, second = found["first"], found["second"]
    lines = [
        f"--- {first['id']} {first['commit'][:12]} {one_line(first['message'])[:60]}",
        f"+++ {second['id']} {second['commit'][:12]} {one_line(second['message'])[:60]}",
    ]
    if found["same"]:
        return [*lines, "Nothing differs."]
    counts, grown = found["files"]["counts"], found["files"]["bytes"]
    told = ", ".join(f"{counts[kind]} {kind}" for kind in _SIGNS if counts.get(kind))
    lines.append(f"files: {told or 'the same'} ({grown:+d} bytes)")
    lines += _bounded([_file(sign, f) for k, sign in _SIGNS.items() for f in found["files"][k]])
    rules = found["rules"]
    if not rules["same"]:
        lines.append("rules: in another order" if rules["reordered"] else "rules:")
        lines += _bounded([_rule(_SIGNS[k], r) for k in ("added", "removed") for r in rules[k]])
    for part in ("variables", "settings"):
        lines += _part(part, [f"  {s} {n}" for k, s in _SIGNS.items() for n in found[part][k]])
    schedules = [
        f"  {sign} {one_line(s['name'])} {s['cron']} {s['timezone']}"
        for kind, sign in _SIGNS.items()
        for s in found["schedules"][kind]
    ]
    lines += _part("schedules", schedules)
    if not found["known"]:
        lines.append("One of them is too old for variables and schedules to be compared.")
    return lines


def _part(name: str, lines: list[str]) -> list[str]:
    return [f"{name}:", *_bounded(lines)] if lines else []


def _bounded(lines: list[str]) -> list[str]:
    more = len(lines) - MOST
    return lines if more <= 0 else [*lines[:MOST], f"  ... and {more} more (--json)"]


def _file(sign: str, change: Json) -> str:
    before, after = change["before"], change["after"]
    size = f"{before} -> {after}" if sign == "~" else str(after if before is None else before)
    return f"  {sign} {one_line(change['path'])} ({size})"


def _rule(sign: str, rule: Json) -> str:
    words = (rule["kind"], rule["pattern"], rule["to"], rule["status"])
    return f"  {sign} {one_line(' '.join(str(w) for w in words if w not in (None, '')))}"


def history(ctx: typer.Context, json: JsonOption = False) -> None:
    """Show what was live in production: when it was moved there, by whom and why."""
    deck = of(ctx)
    found = deck.api.get(_path(deck, "pointer"))
    rows = [
        (age(m["moved_at"]), m["deployment"], m["moved_by"], one_line(m["reason"]))
        for m in found["history"]
    ]
    headers = ("WHEN", "DEPLOYMENT", "BY", "WHY")
    deck.out.result(found, lambda: deck.out.table(headers, rows, "WHY"))


def lock(
    ctx: typer.Context,
    reason: Annotated[str, typer.Argument(help="Why, for those who wait.")] = "",
    json: JsonOption = False,
) -> None:
    """Let nothing go live but what a rollback brings back."""
    deck = of(ctx)
    found = deck.api.put(_path(deck, "lock"), {"reason": reason})
    deck.out.result(found, lambda: deck.out.say("Locked. `deck unlock` ends it."))


def unlock(ctx: typer.Context, json: JsonOption = False) -> None:
    """End a lock; what waited goes live, the newest of it."""
    deck = of(ctx)
    deck.api.delete(_path(deck, "lock"))
    deck.out.result({}, lambda: deck.out.say("Unlocked."))


def unpin(ctx: typer.Context, json: JsonOption = False) -> None:
    """Let pushes go live again after a rollback."""
    deck = of(ctx)
    moved = deck.api.post(_path(deck, "unpin"))
    deck.out.result(moved, lambda: deck.out.say(present.pointer(moved)))


def approve(deck: Deck, deployment: str, commit: str | None) -> None:
    """Approve of what a deployment brings to production; `deck approve` asks before."""
    path = f"/deployments/{segment(must_be_id(deployment))}"
    said = commit if commit is not None else str(deck.api.get(path)["commit"])
    done = deck.api.post(f"{path}/approve", {"commit": said})
    missing = f"{done['missing']} more missing" if done["missing"] else "none missing"
    deck.out.result(done, lambda: deck.out.say(f"Approved {said[:12] or 'it'}: {missing}"))


def _path(deck: Deck, what: str) -> str:
    return f"/projects/{segment(deck.link().project)}/{what}"
