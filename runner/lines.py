"""Cuts a stream of bytes into log lines, whatever the stream, in constant memory."""

LONGEST = 16 * 1024
CUT = " … [line cut at 16 KiB]"


class Lines:
    """Feed it bytes, take lines. What a line has beyond `LONGEST + spare` characters is dropped.

    `spare` more than needed are kept, so that a secret across the cut can be recognised.
    """

    def __init__(self, spare: int = 0) -> None:
        self._most = 4 * (LONGEST + spare + 1)  # a character has at most four bytes
        self._start = b""
        self._dropping = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that ended in this chunk."""
        *ended, rest = chunk.split(b"\n")
        found: list[bytes] = []
        for piece in ended:
            self._append(piece)
            found.append(self._take())
        self._append(rest)
        return found

    def end(self) -> list[bytes]:
        """The last line, if it had no line break."""
        return [self._take()] if self._start else []

    def _append(self, piece: bytes) -> None:
        if self._dropping or not piece:
            return
        room = self._most + 1 - len(self._start)
        self._start += piece[:room]
        if len(self._start) > self._most:
            shown = _shown(self._start)
            if len(shown) > self._most:
                self._dropping = True
            else:  # a progress bar, drawn over and over on one line
                self._start = shown
                self._append(piece[room:])

    def _take(self) -> bytes:
        line = _shown(self._start)
        self._start, self._dropping = b"", False
        return line


def _shown(line: bytes) -> bytes:
    """What a terminal would show of a line that returns to its start."""
    if b"\r" not in line:
        return line
    return line.rstrip(b"\r").rpartition(b"\r")[2]
