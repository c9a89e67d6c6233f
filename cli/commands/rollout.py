"""rollout list, show, looks, watch, pause, resume, advance, abort: releases in steps."""

# ruff: noqa: ARG001 - `json` acts through its callback.

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated

import typer

from cli.api import Json, segment
from cli.context import Deck, JsonOption, of
from cli.errors import Failed, UserError
from cli.text import one_line

app = typer.Typer(help="Follow a rollout, pause it, let it go on, or take it back.")
RolloutId = Annotated[
    str | None, typer.Argument(metavar="[ROLLOUT]", help="Id (default: the newest).")
]
Reason = Annotated[str | None, typer.Option(help="Why, for the history.")]
OPEN = {"running", "paused"}
LOOK_SECONDS = 2.0


@app.callback(invoke_without_command=True)
def group(ctx: typer.Context) -> None:
    """Follow a rollout, pause it, let it go on, or take it back."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def _path(deck: Deck, *parts: str) -> str:
    path = f"/projects/{segment(deck.link().project)}/rollouts"
    return "/".join((path, *(segment(part) for part in parts)))


def _named(deck: Deck, rollout: str | None) -> str:
    if rollout:
        return rollout
    page = deck.api.get(_path(deck), limit=1)
    if not page["items"]:
        raise UserError(
            "no_rollout",
            "Nothing was rolled out in steps here yet",
            "deck settings: the field `delivery` says how releases go out",
        )
    return str(page["items"][0]["id"])


@app.command(name="list")
def list_(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="How many.")] = 20,
    json: JsonOption = False,
) -> None:
    """List the rollouts of this project, newest first."""
    deck = of(ctx)
    page = deck.api.get(_path(deck), limit=limit)
    rows = [
        (r["id"], r["deployment"], r["state"], f"{r['weight']:g} %", one_line(r["reason"]))
        for r in page["items"]
    ]
    headers = ("ROLLOUT", "DEPLOYMENT", "STATE", "SEEN BY", "WHY")
    deck.out.result(page, lambda: deck.out.table(headers, rows, "WHY"))


@app.command()
def show(ctx: typer.Context, rollout: RolloutId = None, json: JsonOption = False) -> None:
    """Show a rollout, its steps, and what the judge said with its numbers."""
    deck = of(ctx)
    found = deck.api.get(_path(deck, _named(deck, rollout)))
    deck.out.result(found, lambda: deck.out.say("\n".join(lines(found))))


@app.command()
def looks(
    ctx: typer.Context,
    rollout: RolloutId = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="How many.")] = 20,
    json: JsonOption = False,
) -> None:
    """List what the judge saw at each look, new version / live version, newest first."""
    deck = of(ctx)
    page = deck.api.get(_path(deck, _named(deck, rollout), "looks"), limit=limit)
    headers = (
        *("LOOK", "AT", "SEEN BY", "SAYS", "REQUESTS", "ERRORS", "P95", "HEALTH"),
        *("EVIDENCE", "WHY"),
    )
    rows = [_look(one) for one in page["items"]]
    deck.out.result(page, lambda: deck.out.table(headers, rows, "WHY"))


def _look(look: Json) -> tuple[str, ...]:
    """A line of the table: what both versions answered since the look before."""
    numbers = look["numbers"]
    both = [numbers["recent"][which] for which in ("canary", "live")]

    def beside(name: str, shown: Callable[[float], str]) -> str:
        values = (one[name] if one["requests"] else None for one in both)
        return " / ".join("-" if value is None else shown(value) for value in values)

    test, wealth = max(numbers["evidence"].items(), key=lambda found: found[1])
    return (
        str(look["number"]),
        look["at"][:19],
        f"{look['weight']:g} %",
        look["outcome"],
        " / ".join(str(one["requests"]) for one in both),
        beside("error_rate", lambda share: f"{100 * share:.2f} %"),
        beside("p95_ms", lambda ms: f"{ms:.0f} ms"),
        beside("health", lambda score: f"{score:g}"),
        f"{test} {wealth:,.0f} of {numbers['needed']:g}" if wealth > 1 else "none",
        one_line(" ".join(look["why"])),
    )


@app.command()
def watch(ctx: typer.Context, rollout: RolloutId = None, json: JsonOption = False) -> None:
    """Follow a rollout until it ends; exit code 1 when its deployment is not what is live then."""
    deck = of(ctx)
    id_, told = _named(deck, rollout), ""
    while True:
        found = deck.api.get(_path(deck, id_))
        verdict = found["verdict"] or {}
        said = f"{found['state']} {found['weight']:g} % {' '.join(verdict.get('why', ()))}"
        if said != told:
            told = said
            deck.out.stream({"type": "rollout", "rollout": found}, one_line(said))
        if found["state"] not in OPEN:
            break
        time.sleep(LOOK_SECONDS)
    if found["state"] != "completed":
        raise Failed(
            "rollout_not_completed",
            f"The rollout is {found['state']}: {one_line(found['reason'])}",
            "deck rollout show: its numbers",
        )


def _act(ctx: typer.Context, what: str, rollout: str | None, body: Json | None = None) -> None:
    deck = of(ctx)
    found = deck.api.post(_path(deck, _named(deck, rollout), what), body)
    said = f"{found['id']} is {found['state']}, seen by {found['weight']:g} % of all visitors"
    deck.out.result(found, lambda: deck.out.say(said))


@app.command()
def pause(ctx: typer.Context, rollout: RolloutId = None, json: JsonOption = False) -> None:
    """Keep the share of visitors as it is until somebody resumes or aborts."""
    _act(ctx, "pause", rollout)


@app.command()
def resume(ctx: typer.Context, rollout: RolloutId = None, json: JsonOption = False) -> None:
    """Go on with a paused rollout; the pause counts for no step."""
    _act(ctx, "resume", rollout)


@app.command()
def advance(ctx: typer.Context, rollout: RolloutId = None, json: JsonOption = False) -> None:
    """Pass the present step at once; after the last one everybody sees the deployment."""
    _act(ctx, "advance", rollout)


@app.command()
def abort(
    ctx: typer.Context, rollout: RolloutId = None, reason: Reason = None, json: JsonOption = False
) -> None:
    """Take a rollout back; a complete one too, as long as what was live before is kept."""
    _act(ctx, "abort", rollout, {"reason": reason} if reason else {})


def lines(found: Json) -> list[str]:
    """A rollout in words."""
    said = [
        f"rollout     {found['id']} ({found['strategy']})",
        f"deployment  {found['deployment']}, beside {found['base']}",
        f"state       {found['state']}, seen by {found['weight']:g} % of all visitors",
    ]
    if found["reason"]:
        said.append(f"why         {one_line(found['reason'])}")
    if found["state"] == "completed" and found["kept_until"]:
        said.append(
            f"kept until  {found['kept_until']}: `deck rollout abort` takes it back at once"
        )
    steps = [f"{step['weight']:g} % for {step['seconds']} s" for step in found["steps"]]
    said.append(f"steps       {', '.join(steps)}")
    verdict = found["verdict"]
    if verdict:
        said.append(f"verdict     {verdict['outcome']} at {verdict['at']}")
        said += [f"            {one_line(why)}" for why in verdict["why"]]
        said += _figures(verdict["numbers"] or {})
    return said


def _figures(numbers: Json) -> list[str]:
    """The numbers that a verdict stands on."""
    said = []
    for which in ("canary", "live"):
        one = numbers.get(which)
        if one:
            said.append(
                f"{which:<12}{one['requests']} requests, {100 * one['error_rate']:.2f} % errors, "
                f"p95 {one['p95_ms'] or 0:.0f} ms, health {one['health']}"
            )
    evidence = numbers.get("evidence") or {}
    if evidence:
        tests = ", ".join(f"{name} {value:g}" for name, value in evidence.items())
        said.append(f"evidence    {tests}; {numbers['needed']:g} decides")
    return said
