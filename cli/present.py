"""Deployments and log lines as people see them."""

from __future__ import annotations

from cli.api import Json
from cli.output import STATE_COLOURS, Out
from cli.text import age, clock, one_line, seconds_between

_LEVELS = {"error": ("red",), "warn": ("yellow",), "command": ("cyan", "bold"), "debug": ("dim",)}
_GOING = {
    "queued": "waiting for a place",
    "preparing": "preparing",
    "building": "building",
    "packaging": "packaging",
    "publishing": "publishing",
    "verifying": "verifying",
    "promoting": "going live",
}


def log_line(out: Out, line: Json, *, error: bool = False) -> str:
    """12:03:04.123 build │ text."""
    when = out.style(clock(int(line["t"])), "dim", error=error)
    stage = out.style(f"{one_line(str(line['stage'])):<7} │", "dim", error=error)
    text = str(line["text"]).rstrip("\r\n").replace("\n", "\u240a")
    colours = _LEVELS.get(str(line["level"]))
    if colours and "\x1b" not in text:
        text = out.style(text, *colours, error=error)
    return f"{when} {stage} {text}"


def stage_words(deployment: Json) -> str:
    """What it is doing now."""
    state = str(deployment["state"])
    return _GOING.get(state, state)


def outcome(out: Out, deployment: Json) -> str:
    """The last line about a deployment."""
    state = str(deployment["state"])
    live = " and live" if deployment.get("live") and state == "ready" else ""
    held = _held(deployment.get("held"))
    kept = f" and not live ({held})" if held and state == "ready" else ""
    return out.style(f"{state}{live}{kept}", STATE_COLOURS.get(state, "bold"), error=True)


def row(deployment: Json) -> tuple[str, ...]:
    """A deployment as a line of `deck list`."""
    state = str(deployment["state"])
    return (
        age(deployment.get("created_at")),
        state + (f" ({deployment['held']['because']})" if deployment.get("held") else ""),
        str(deployment.get("environment") or deployment["target"])
        + (" (live)" if deployment.get("live") else ""),
        str(deployment.get("branch") or "-"),
        str(deployment.get("message") or "-")[:60],
        str(deployment["id"]),
        str(deployment["url"]),
    )


HEADINGS = ("AGE", "STATE", "ENVIRONMENT", "BRANCH", "MESSAGE", "ID", "URL")


def details(out: Out, deployment: Json) -> list[str]:
    """A deployment in full."""
    state = str(deployment["state"])
    fields = {
        "deployment": deployment["id"],
        "state": out.style(state, STATE_COLOURS.get(state, "bold")),
        "target": f"{deployment['target']}{' (live)' if deployment.get('live') else ''}",
        "environment": deployment.get("environment"),
        "trust": deployment.get("trust"),
        "url": deployment["url"],
        "alias": deployment.get("alias_url"),
        "branch": deployment.get("branch"),
        "commit": deployment.get("commit"),
        "message": one_line(str(deployment.get("message") or "")),
        "source": deployment.get("source"),
        "framework": deployment.get("framework"),
        "files": deployment.get("files"),
        "created": deployment.get("created_at"),
        "finished": deployment.get("finished_at"),
        "restored": deployment.get("restored"),
        "expires": None if deployment.get("removed_at") else deployment.get("expires_at"),
        "removed": deployment.get("removed_at"),
        "held": _held(deployment.get("held")),
    }
    lines = [f"{name:<11} {value}" for name, value in fields.items() if value not in (None, "")]
    for stage in deployment.get("stages") or ():
        took = seconds_between(stage.get("started_at"), stage.get("ended_at"))
        lines.append(f"  {stage['name']:<11} {stage['state']:<8} {took}")
    reason = deployment.get("error")
    if reason:
        lines.append(f"{'error':<11} {one_line(str(reason.get('message')))} ({reason.get('code')})")
        if reason.get("hint"):
            lines.append(f"{'hint':<11} {one_line(str(reason['hint']))}")
    return lines


def _held(held: Json | None) -> str | None:
    """Why a deployment that is ready is not live."""
    if not held:
        return None
    until = f", until {held['until']}" if held.get("until") else ""
    return f"{held['because']}: {one_line(str(held['detail']))}{until}"


def pointer(moved: Json) -> str:
    """Where a project points now."""
    pinned = ", pinned until `deck unpin` or `deck promote`" if moved.get("pinned") else ""
    return f"{moved['url']} now serves {moved['deployment']}{pinned}"


def caller(me: Json) -> str:
    """Who is signed in: a person's e-mail, or which machine."""
    user = me.get("user")
    if user:
        return str(user["email"])
    kind = str(me.get("via", "key")).replace("_", " ")
    of = me.get("project") or ", ".join(str(team["slug"]) for team in me.get("teams") or ())
    return f"a {kind}{' token' if kind == 'service' else ''} of {of}"
