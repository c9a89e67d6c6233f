"""Reading Cedar that a person wrote, just far enough to say where something is wrong.

Cedar's own parser decides what a text means. It recurses as deeply as the text is nested, and it
names no place in its errors, so the text is bounded before it is parsed, and cut into statements.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chalicelib.teams.rules.conditions import PolicyError

MAX_TEXT = 4096
MAX_STATEMENTS = 10
MAX_TOKENS = 400
MAX_DEPTH = 16
MAX_BRACKETS = 200
_TOKEN = re.compile(
    r'(?P<gap>\s+|//[^\n]*)|(?P<word>"(?:\\.|[^"\\])*"|[A-Za-z_][A-Za-z0-9_]*|\d+|[=!<>]=|&&|\|\||::|.)',
    re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """A word of a text, and where it begins."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)


@dataclass(frozen=True)
class Statement:
    """One policy of a text."""

    tokens: tuple[Token, ...]

    @property
    def start(self) -> int:
        """Where it begins."""
        return self.tokens[0].start

    def text(self, whole: str, tokens: int | None = None) -> str:
        """Its text, or that of its first so many tokens."""
        last = self.tokens[-1 if tokens is None else tokens - 1]
        return whole[self.start : last.end]


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of a place in a text."""
    line = text.count("\n", 0, offset) + 1
    return line, offset - (text.rfind("\n", 0, offset) + 1) + 1


def fault_at(text: str, offset: int, detail: str, code: str = "") -> PolicyError:
    """What is wrong with a Cedar text, with line and column."""
    line, column = place(text, offset)
    return PolicyError("/cedar", f"Line {line}, column {column}: {detail}", code)


def statements(text: str) -> list[Statement]:
    """The policies of a text; raises PolicyError when it is empty, too long or too deep."""
    if len(text) > MAX_TEXT:
        raise PolicyError("/cedar", f"The text has {len(text)} characters; at most {MAX_TEXT}.")
    found: list[Statement] = []
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        if match["gap"] is not None:
            continue
        tokens.append(Token(match["word"], match.start()))
        if match["word"] == ";":
            found.append(Statement(tuple(tokens)))
            tokens = []
    if tokens:
        found.append(Statement(tuple(tokens)))
    if not found:
        raise PolicyError("/cedar", "The text holds no policy.")
    if len(found) > MAX_STATEMENTS:
        raise PolicyError("/cedar", f"A policy has at most {MAX_STATEMENTS} statements.")
    for statement in found:
        _check_size(text, statement)
    # whatever this file takes for a string or a comment: deep texts never reach the parser
    if sum(text.count(bracket) for bracket in "([{") > MAX_BRACKETS:
        raise PolicyError("/cedar", f"The text has more than {MAX_BRACKETS} brackets.")
    return found


def _check_size(text: str, statement: Statement) -> None:
    if len(statement.tokens) > MAX_TOKENS:
        raise fault_at(text, statement.start, f"This statement has over {MAX_TOKENS} words.")
    depth = 0
    for token in statement.tokens:
        depth += (token.text in {"(", "[", "{"}) - (token.text in {")", "]", "}"})
        if depth > MAX_DEPTH:
            raise fault_at(text, token.start, f"Brackets are nested over {MAX_DEPTH} deep.")
