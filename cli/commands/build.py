"""build, tests: how a deployment was built."""

# ruff: noqa: ARG001 - `json` and `api` act through their callbacks.

from __future__ import annotations

import typer

from cli.api import Json, segment
from cli.commands.deployments import DeploymentArgument, find
from cli.context import Deck, JsonOption, of
from cli.output import Out
from cli.text import number, one_line, size

_OUTCOMES = {"ok": "green", "failed": "red", "allowed": "yellow", "skipped": "dim"}
_CACHES = {
    "exact": "used, nothing to install",
    "hit": "used",
    "miss": "nothing there yet",
    "rejected": "not used: it is not what was saved",
    "off": "not for builds of code that is not trusted",
}


def build(
    ctx: typer.Context, deployment: DeploymentArgument = None, json: JsonOption = False
) -> None:
    """Show how a deployment was built: steps, tests, caches, and the time they took and saved."""
    deck = of(ctx)
    told = _build(deck, deployment)
    deck.out.result(told, lambda: deck.out.say("\n".join(_lines(deck.out, told))))


def show_tests(
    ctx: typer.Context, deployment: DeploymentArgument = None, json: JsonOption = False
) -> None:
    """Show the tests of a build; exit code 1 when some failed."""
    deck = of(ctx)
    told = _build(deck, deployment)
    found: list[Json] = told["tests"]
    lines = [line for one in found for line in _tests(deck.out, one)]
    lines = lines or ["No step left a test report: name its files as `junit` in clouddeck.toml"]
    deck.out.result(found, lambda: deck.out.say("\n".join(lines)))
    if any(one["failures"] or one["errors"] for one in found):
        raise typer.Exit(1)


def _build(deck: Deck, deployment: str | None) -> Json:
    id_ = find(deck, deployment)["id"]
    told: Json = deck.api.get(f"/deployments/{segment(id_)}/build")
    return told


def _lines(out: Out, told: Json) -> list[str]:
    plan: Json = told.get("plan") or {}
    versions = told.get("versions") or {}
    ran = [f"{name} {version}" for name, version in versions.items() if version]
    rate = told.get("hit_rate")
    fields = {
        "build": told.get("id") or "none: nothing was built, or not yet",
        "state": told["state"] if told["state"] != "finished" else told.get("outcome"),
        "restored": told.get("restored"),
        "framework": plan.get("name"),
        "machine": told.get("size"),
        "versions": ", ".join(ran),
        "waited": _took(told.get("queued_ms")),
        "took": _took(told.get("ms")),
        "saved": _took(told.get("saved_ms") or None),
        "hit rate": None if rate is None else f"{rate:.0%} of the last builds of this project",
        "depends on": (told.get("scope") or {}).get("why"),
    }
    lines = [f"{name:<11} {one_line(str(value))}" for name, value in fields.items() if value]
    for step in told["steps"]:
        name = one_line(str(step["name"]))
        word = out.style(f"{step['outcome']:<8}", _OUTCOMES[step["outcome"]])
        lines.append(f"  {name:<20} {word} {_took(step['ms'])}".rstrip())
    for one in told["tests"]:
        lines.append(f"{'tests':<11} {_sum(one)}")
    for cache in told["caches"]:
        held = f" ({size(cache['bytes'])})" if cache["bytes"] else ""
        lines.append(f"{'cache':<11} {cache['kind']}: {_CACHES[cache['state']]}{held}")
    for finding in told["findings"]:
        what = f"the value of {finding['value_of']}" if finding["value_of"] else finding["kind"]
        where = one_line(str(finding["path"]))
        lines.append(f"{'secret':<11} {where}:{finding['line']} holds {one_line(str(what))}")
    return lines


def _tests(out: Out, told: Json) -> list[str]:
    lines = [_sum(told)]
    for failed in told["failed"]:
        lines.append(out.style(f"  {one_line(str(failed['name']))}", "red"))
        text = [one_line(line) for line in str(failed["message"]).splitlines() if line.strip()]
        lines += [f"    {line}" for line in text[:10]]
    return lines


def _sum(told: Json) -> str:
    bad = told["failures"] + told["errors"]
    passed = told["tests"] - bad - told["skipped"]
    skipped = f", {number(told['skipped'])} skipped" if told["skipped"] else ""
    name = one_line(str(told["step"]))
    return f"{name}: {number(passed)} passed, {number(bad)} failed{skipped}, {_took(told['ms'])}"


def _took(milliseconds: int | None) -> str:
    """1.2 s; nothing for what is not known."""
    if milliseconds is None:
        return ""
    return f"{milliseconds} ms" if milliseconds < 100 else f"{milliseconds / 1000:,.1f} s"
