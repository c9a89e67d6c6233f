"""Rows of a benchmark: ours, the peer's, their ratio in this run, and the goal."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]


def faster(name: str, ours: float, peer: float | None, unit: str, goal: float | None) -> Row:
    """Less is better; the ratio says how many times less than the peer."""
    ratio = None if peer is None else round(peer / max(ours, 1e-9), 2)
    return _row(
        name, ours, peer, unit, ratio, goal, None if None in (ratio, goal) else ratio >= goal
    )


def higher(name: str, ours: float, peer: float | None, unit: str, goal: float | None) -> Row:
    """More is better; the ratio says how many times the peer."""
    ratio = None if peer is None else round(ours / max(peer, 1e-9), 2)
    return _row(
        name, ours, peer, unit, ratio, goal, None if None in (ratio, goal) else ratio >= goal
    )


def below(name: str, ours: float, unit: str, limit: float, peer: float | None = None) -> Row:
    """A figure that shall stay below a limit."""
    return _row(name, ours, peer, unit, None, limit, ours < limit)


def above(name: str, ours: float, unit: str, floor: float) -> Row:
    """A figure that shall reach a floor."""
    return _row(name, ours, None, unit, None, floor, ours >= floor)


def fact(name: str, ours: float, unit: str) -> Row:
    """A figure that nobody judges."""
    return _row(name, ours, None, unit, None, None, None)


def _row(name: str, ours: float, peer: Any, unit: str, ratio: Any, goal: Any, ok: Any) -> Row:
    return {
        "name": name,
        "ours": _short(ours),
        "peer": None if peer is None else _short(peer),
        "unit": unit,
        "ratio": ratio,
        "goal": goal,
        "ok": ok,
    }


def _short(value: float) -> float:
    return round(value) if abs(value) >= 100 else round(value, 2)


def show(suite: str, rows: list[Row]) -> None:
    """One table."""
    print(f"\n{suite:52}{'ours':>10}{'peer':>10}  {'unit':6}{'ratio':>7}{'goal':>7}  ok")
    for row in rows:
        peer = "-" if row["peer"] is None else f"{row['peer']:,}"
        ratio = "-" if row["ratio"] is None else f"{row['ratio']:.2f}"
        goal = "-" if row["goal"] is None else f"{row['goal']:g}"
        mark = {True: "yes", False: "NO", None: "-"}[row["ok"]]
        figures = f"{row['ours']:>10,}{peer:>10}  {row['unit']:6}{ratio:>7}{goal:>7}"
        print(f"{row['name']:52}{figures}  {mark}")
