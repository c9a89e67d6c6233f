"""Base scores of CVSS 3.0 and 3.1 (https://www.first.org/cvss/v3.1/specification-document, 7)."""

from __future__ import annotations

from typing import Literal

Level = Literal["none", "low", "medium", "high", "critical", "unstated"]
LEVELS: tuple[Level, ...] = ("none", "low", "medium", "high", "critical")
_BOUNDS: tuple[tuple[float, Level], ...] = (
    (9.0, "critical"),
    (7.0, "high"),
    (4.0, "medium"),
    (0.1, "low"),
)

_VECTOR = {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2}
_COMPLEXITY = {"L": 0.77, "H": 0.44}
_PRIVILEGES = {"N": (0.85, 0.85), "L": (0.62, 0.68), "H": (0.27, 0.5)}
_INTERACTION = {"N": 0.85, "R": 0.62}
_IMPACT = {"H": 0.56, "L": 0.22, "N": 0.0}


def score(vector: str) -> float | None:
    """The base score, 0.0 to 10.0, of a vector such as `CVSS:3.1/AV:N/...`; None if it is none."""
    head, *parts = vector.strip().split("/")
    if head not in {"CVSS:3.0", "CVSS:3.1"}:
        return None
    given = dict(part.split(":", 1) for part in parts if ":" in part)
    try:
        wide = {"U": False, "C": True}[given["S"]]
        hurt = 1.0
        for part in "CIA":
            hurt *= 1 - _IMPACT[given[part]]
        reach = 8.22 * _VECTOR[given["AV"]] * _COMPLEXITY[given["AC"]]
        reach *= _PRIVILEGES[given["PR"]][wide] * _INTERACTION[given["UI"]]
    except KeyError:
        return None
    base = 1 - hurt
    impact = 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15 if wide else 6.42 * base
    if impact <= 0:
        return 0.0
    return _up((1.08 if wide else 1.0) * (impact + reach))


def _up(value: float) -> float:
    """To the next tenth, in whole numbers, so that 4.0000000001 stays 4.0 (appendix A)."""
    scaled = round(min(value, 10) * 100_000)
    return scaled / 100_000 if scaled % 10_000 == 0 else (scaled // 10_000 + 1) / 10


def level(points: float | None) -> Level:
    """The word for a score."""
    if points is None:
        return "unstated"
    return next((name for bound, name in _BOUNDS if points >= bound), "none")


def named(text: object) -> Level:
    """The level that a database states in its own word."""
    word = text.strip().lower() if isinstance(text, str) else ""
    word = {"moderate": "medium", "important": "high"}.get(word, word)
    return next((known for known in LEVELS if known == word), "unstated")
