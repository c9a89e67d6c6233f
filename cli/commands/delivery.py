"""delivery show, set, freeze, thaw: how a release of the project reaches visitors."""

# ruff: noqa: ARG001 - `json` acts through its callback.

from __future__ import annotations

from typing import Annotated

import typer

from cli.api import Json, segment
from cli.context import Deck, JsonOption, of
from cli.errors import UserError
from cli.spans import seconds_of, span_of

app = typer.Typer(help="Say how a release reaches visitors: at once, in steps, or after approval.")

LIMITS = ("error_rate", "p95_ms", "health", "min_requests", "false_abort", "max_seconds")
KEYS = (
    *("strategy", "steps", "match", "checks", "keep", "skew", "approvals", "approvers"),
    *(f"judge.{key}" for key in (*LIMITS, "when_silent")),
)
EXAMPLES = "strategy=canary steps=10:5m,50:10m,100 skew=1d match=header:x-beta=1 judge.p95_ms=800"


@app.callback(invoke_without_command=True)
def group(ctx: typer.Context) -> None:
    """Say how a release reaches visitors: at once, in steps, or after approval."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def _path(deck: Deck) -> str:
    return f"/projects/{segment(deck.link().project)}"


def _delivery(deck: Deck) -> Json:
    found: Json = deck.api.get(_path(deck))["delivery"]
    return found


@app.command()
def show(ctx: typer.Context, json: JsonOption = False) -> None:
    """Show the strategy, its steps, what the judge allows, and what holds releases up."""
    deck = of(ctx)
    found = _delivery(deck)

    def text() -> None:
        steps = ", ".join(f"{s['weight']:g} % for {span_of(s['seconds'])}" for s in found["steps"])
        match = found["match"]
        rows = [
            ("strategy", found["strategy"]),
            ("steps", steps or "-"),
            ("match", _match_words(match) if match else "-"),
            ("checks", ", ".join(f"{c['path']}={c['status']}" for c in found["checks"]) or "-"),
            ("keep", span_of(found["keep_seconds"])),
            ("skew", span_of(found["skew_seconds"]) if found["skew_seconds"] else "off"),
            ("approvals", f"{found['approvals']} of {found['approvers']}"),
            *((f"judge.{key}", str(found["judge"][key])) for key in (*LIMITS, "when_silent")),
            *((f"freeze {n}", _freeze_words(one)) for n, one in enumerate(found["freezes"], 1)),
        ]
        deck.out.table(("SETTING", "VALUE"), rows, "VALUE")

    deck.out.result({"delivery": found}, text)


@app.command(name="set")
def set_(
    ctx: typer.Context,
    changes: Annotated[
        list[str],
        typer.Argument(metavar="KEY=VALUE...", help=f"Such as {EXAMPLES}; empty: the default."),
    ],
    json: JsonOption = False,
) -> None:
    """Change how releases reach visitors."""
    deck = of(ctx)
    found = _delivery(deck)
    wish = {name: value for name, value in found.items() if value is not None}
    for text in changes:
        key, equals, value = text.partition("=")
        if key not in KEYS or not equals:
            raise UserError(
                "bad_setting", f"{text!r} is no setting", f"KEY=VALUE: {', '.join(KEYS)}."
            )
        if key == "strategy":
            wish.pop("steps", None)  # another strategy has steps of its own
        _change(wish, key, value)
    _save(deck, wish, f"Changed {', '.join(text.partition('=')[0] for text in changes)}")


@app.command()
def freeze(  # noqa: PLR0917  # typer passes options by name
    ctx: typer.Context,
    reason: Annotated[str, typer.Argument(metavar="REASON", help="Why nothing goes live then.")],
    begins: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="2026-12-24T18:00, once.")
    ] = None,
    ends: Annotated[str | None, typer.Option("--to", metavar="TIME", help="Its end.")] = None,
    days: Annotated[
        str | None, typer.Option("--days", help="Every week instead: fri,sat,sun.")
    ] = None,
    hours: Annotated[str, typer.Option("--hours", help="With --days: 16:00-08:00.")] = "",
    timezone: Annotated[str, typer.Option("--timezone", help="Such as Europe/Berlin.")] = "UTC",
    json: JsonOption = False,
) -> None:
    """Let nothing go live at certain times; what is ready waits until they are over."""
    deck = of(ctx)
    one: Json = {"timezone": timezone, "reason": reason}
    if days:
        first, dash, last = (hours or "00:00-24:00").partition("-")
        if not dash:
            raise UserError("bad_setting", f"{hours!r} are no hours", "--hours 16:00-08:00")
        names = [day.strip() for day in days.split(",")]
        one["weekly"] = {"days": names, "from": first, "to": last}
    elif begins and ends:
        one |= {"from": begins, "to": ends}
    else:
        raise UserError("bad_setting", "A freeze needs a time", "--from and --to, or --days.")
    wish = {name: value for name, value in _delivery(deck).items() if value is not None}
    wish["freezes"] = [*wish["freezes"], one]
    _save(deck, wish, f"Frozen: {_freeze_words(one)}")


@app.command()
def thaw(
    ctx: typer.Context,
    number: Annotated[
        int, typer.Argument(metavar="NUMBER", help="As `deck delivery show` has it.")
    ],
    json: JsonOption = False,
) -> None:
    """Remove a freeze; what waited for its end goes live, the newest of it."""
    deck = of(ctx)
    wish = {name: value for name, value in _delivery(deck).items() if value is not None}
    if not 1 <= number <= len(wish["freezes"]):
        raise UserError("bad_setting", f"There is no freeze {number}", "`deck delivery show`")
    one = wish["freezes"].pop(number - 1)
    _save(deck, wish, f"Removed: {_freeze_words(one)}")


def _save(deck: Deck, wish: Json, said: str) -> None:
    changed = deck.api.patch(_path(deck), {"delivery": wish})
    deck.out.result({"delivery": changed["delivery"]}, lambda: deck.out.say(said))


def _change(wish: Json, key: str, value: str) -> None:
    """Write one setting as the API has it; an empty value leaves it out."""
    name = {"keep": "keep_seconds", "skew": "skew_seconds"}.get(key, key)
    if name.startswith("judge."):
        name = name.partition(".")[2]
        wish["judge"] = {k: v for k, v in (wish.get("judge") or {}).items() if k != name}
        wish = wish["judge"]
    wish.pop(name, None)
    if not value:
        return
    if key in {"keep", "skew", "judge.max_seconds"}:
        wish[name] = seconds_of(value)
    elif key == "steps":
        wish[name] = [_step(part) for part in value.split(",")]
    elif key == "match":
        wish[name] = _match(value)
    elif key == "checks":
        wish[name] = [_check(part) for part in value.split(",")]
    elif key in {"strategy", "approvers", "judge.when_silent"}:
        wish[name] = value
    else:
        wish[name] = _number(key, value)


def _number(key: str, value: str) -> float | int:
    """`5 %` and `0.05` are the same rate."""
    try:
        if value.rstrip().endswith("%"):
            return float(value.rstrip().rstrip("%")) / 100
        number = float(value)
    except ValueError:
        raise UserError("bad_setting", f"{key} is a number, not {value!r}", f"{key}=5") from None
    return int(number) if number.is_integer() and key != "judge.error_rate" else number


def _step(text: str) -> Json:
    weight, _, span = text.partition(":")
    return {"weight": _number("steps", weight.rstrip("% ")), "seconds": seconds_of(span or "0")}


def _check(text: str) -> Json:
    path, _, status = text.strip().partition("=")
    return {"path": path, "status": _number("checks", status or "200")}


def _match(text: str) -> Json:
    """`header:x-beta=1,2`, `cookie:beta=1` or `country:DE,FR`."""
    kind, _, rest = text.partition(":")
    name, equals, values = rest.partition("=")
    if kind == "country":
        return {"kind": kind, "name": "", "values": rest.upper().split(",")}
    if not equals:
        raise UserError("bad_setting", f"{text!r} matches nobody", "match=header:x-beta=1")
    return {"kind": kind, "name": name, "values": values.split(",")}


def _match_words(match: Json) -> str:
    values = ", ".join(match["values"])
    return f"{match['kind']} {match['name']} = {values}" if match["name"] else f"country {values}"


def _freeze_words(one: Json) -> str:
    weekly = one.get("weekly")
    when = (
        f"{', '.join(weekly['days'])} {weekly['from']}-{weekly['to']}"
        if weekly
        else f"{one.get('from')} to {one.get('to')}"
    )
    return f"{when} ({one['timezone']}): {one['reason']}"
