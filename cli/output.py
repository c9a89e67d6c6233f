"""What goes to stdout, what goes to stderr, and in which shape.

stdout carries the result: lines and tables for people, or with `--json` one JSON document (one
document a line for streams) and nothing else. stderr carries progress, notes, warnings and errors.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import typer

from cli.errors import DeckError
from cli.text import clean, one_line

if TYPE_CHECKING:
    from rich.console import Console

READER_GONE = 141  # 128 + SIGPIPE, what a shell reports for a program whose reader went away

_SGR = {"red": 31, "green": 32, "yellow": 33, "blue": 34, "cyan": 36, "dim": 2, "bold": 1}

STATE_COLOURS = {"ready": "green", "failed": "red", "cancelled": "dim", "superseded": "dim"}


def is_terminal(stream: TextIO) -> bool:
    """Whether a person looks at the stream."""
    return bool(getattr(stream, "isatty", lambda: False)())


def wants_colour(stream: TextIO) -> bool:
    """Colour only on a terminal that did not ask for none."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return not plain and is_terminal(stream)


class Out:
    """The two streams of one run."""

    def __init__(self) -> None:
        self.json = False
        self._console: Console | None = None

    # -- stdout -----------------------------------------------------------------------------

    def result(self, data: Any, text: Callable[[], None] | None = None) -> None:
        """The answer of a command: `data` for programs, whatever `text` prints for people."""
        if self.json:
            self._write(json.dumps(data, indent=2))
        elif text is not None:
            text()

    def stream(self, data: Any, text: str) -> None:
        """One item of a stream: NDJSON for programs, a line for people."""
        if self.json:
            self._write(json.dumps(data, separators=(",", ":")))
        else:
            self.say(text)

    def say(self, text: str = "") -> None:
        """Text for people; silent with `--json`."""
        if not self.json:
            ansi = wants_colour(sys.stdout)
            self._write("\n".join(clean(line, ansi=ansi) for line in text.split("\n")))

    def table(
        self, headers: Sequence[str], rows: Sequence[Sequence[str]], flexible: str = ""
    ) -> None:
        """Columns on a terminal, tab-separated lines without a heading elsewhere.

        What does not fit is taken from the `flexible` column first, then from the last ones.
        """
        cells = [[one_line(cell) for cell in row] for row in rows]
        if not is_terminal(sys.stdout):
            for row in cells:
                self.say("\t".join(row))
            return
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        console = Console(no_color=not wants_colour(sys.stdout), highlight=False)
        widths, limit = fitting(headers, cells, console.width, flexible)
        table = Table(box=None, pad_edge=False, header_style="bold")
        for header, width in zip(headers, widths, strict=False):
            table.add_column(header, overflow="ellipsis", no_wrap=True, width=width)
        for row in cells:
            table.add_row(*(Text(cell, style=_cell_style(cell)) for cell in row[: len(widths)]))
        console.width = max(console.width, limit)
        console.print(table)

    def style(self, text: str, *names: str, error: bool = False) -> str:
        """The text in colour where colour is wanted."""
        if self.json or not wants_colour(sys.stderr if error else sys.stdout):
            return text
        codes = ";".join(str(_SGR[name]) for name in names)
        return f"\x1b[{codes}m{text}\x1b[0m"

    def _write(self, line: str) -> None:
        try:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            silence(sys.stdout)
            raise typer.Exit(READER_GONE) from None

    # -- stderr -----------------------------------------------------------------------------

    def note(self, text: str) -> None:
        """What is going on; silent with `--json`."""
        if not self.json:
            self._tell(text)

    def warn(self, text: str) -> None:
        """Something the person should know; also with `--json`."""
        self._tell(f"{self.style('warning:', 'yellow', error=True)} {text}")

    def error(self, error: DeckError) -> None:
        """The one place that prints an error."""
        if self.json:
            self._tell_raw(json.dumps(error.body()))
            return
        self._tell(f"{self.style('error:', 'red', 'bold', error=True)} {one_line(error.message)}")
        if error.hint:
            self._tell(f"{self.style('hint:', 'cyan', error=True)} {one_line(error.hint)}")
        if error.request_id:
            self._tell(f"request: {one_line(error.request_id)}")

    def _tell(self, text: str) -> None:
        line = clean(text, ansi=wants_colour(sys.stderr))
        if self._console is not None:
            from rich.text import Text

            self._console.print(Text.from_ansi(line), soft_wrap=True)
        else:
            self._tell_raw(line)

    def _tell_raw(self, line: str) -> None:
        with contextlib.suppress(OSError):  # nobody reads stderr; there is nowhere left to say so
            sys.stderr.write(line + "\n")
            sys.stderr.flush()

    # -- long work --------------------------------------------------------------------------

    @contextlib.contextmanager
    def spinner(self, text: str) -> Iterator[Callable[[str], None]]:
        """A spinner on a terminal, a line at each change elsewhere; yields the way to change it."""
        if self.json:
            yield lambda _text: None
        elif not is_terminal(sys.stderr):
            self.note(text)
            yield self.note
        else:
            from rich.console import Console
            from rich.text import Text

            self._console = Console(stderr=True, no_color=not wants_colour(sys.stderr))
            try:
                with self._console.status(Text(clean(text))) as status:
                    yield lambda changed: status.update(Text(clean(changed)))
            finally:
                self._console = None

    @contextlib.contextmanager
    def progress(self, label: str) -> Iterator[Callable[[int, int], None]]:
        """A bar on a terminal, nothing elsewhere; yields `show(done, total)`."""
        if self.json or not is_terminal(sys.stderr):
            yield lambda _done, _total: None
            return
        from rich.console import Console
        from rich.progress import Progress

        console = Console(stderr=True, no_color=not wants_colour(sys.stderr))
        with Progress(console=console, transient=True) as bars:
            task = bars.add_task(clean(label), total=None)
            yield lambda done, total: bars.update(task, completed=done, total=total)


def fitting(
    headers: Sequence[str], rows: Sequence[Sequence[str]], room: int, flexible: str
) -> tuple[list[int], int]:
    """Widths of the columns that are shown, at least two, and what they take together."""
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(headers, *rows, strict=True)]
    gap = 2
    while True:
        total = sum(widths) + gap * (len(widths) - 1)
        over = total - room
        if over > 0 and flexible in headers[: len(widths)]:
            place = list(headers).index(flexible)
            narrow = max(len(flexible), 12, widths[place] - over)
            total -= max(0, widths[place] - narrow)
            if total <= room or len(widths) <= 2:
                widths[place] = min(widths[place], narrow)
        if total <= room or len(widths) <= 2:
            return widths, total
        widths.pop()


def _cell_style(cell: str) -> str:
    return STATE_COLOURS.get(cell, "")


def silence(stream: TextIO) -> None:
    """Point a broken stream at nothing, so that Python does not complain about it at exit."""
    with contextlib.suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, stream.fileno())
        os.close(nothing)
