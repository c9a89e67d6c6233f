"""Looks for secrets in what is about to be published, while it is read for its digests anyway.

Two questions are asked: does a file hold the value of one of the project's secret variables, in any
form a program is likely to write it, and does it hold something that looks like a well-known kind
of key. To be fast, many small files are searched as one text for short plain strings; the few that
hold one are then read again, closely.
"""

import re
import threading
from collections.abc import Callable, Iterator
from typing import NamedTuple

from runner.errors import Failure
from runner.mask import forms_of
from runner.unpack import show

SHORTEST = 8
LONG_ENOUGH = 16
"""Values shorter than the first are words of any page; between the two, letters alone are too."""

BATCH = 4 * 1024 * 1024
READ = 1024 * 1024
LARGE = 128 * 1024  # from here on a file is searched by itself
MOST = 100
LONGEST_KEY = 512
VALUE = "value of a secret variable"
# What a framework writes into pages on purpose: the name itself says that it is public.
PUBLIC = re.compile(
    r"(?:NEXT_PUBLIC|NUXT_PUBLIC|VITE|REACT_APP|GATSBY|VUE_APP|PUBLIC|EXPO_PUBLIC)_"
)


class Kind(NamedTuple):
    """A kind of key: a text that every one of them holds, and what it looks like."""

    name: str
    sign: bytes
    shape: "re.Pattern[bytes]"


def _kind(name: str, sign: bytes, shape: bytes) -> Kind:
    return Kind(name, sign, re.compile(shape))


_WORD = rb"(?<![A-Za-z0-9_])"
_END = rb"(?![A-Za-z0-9_])"
KINDS = (  # those that are good for long; each costs a search of everything
    _kind(
        "AWS access key",
        b"AKIA",
        _WORD + rb"AKIA(?![A-Z0-9]{9}EXAMPLE)[A-Z2-7]{16}" + _END,
    ),
    *(
        _kind("GitHub token", sign, _WORD + sign + rb"[A-Za-z0-9]{36}" + _END)
        for sign in (b"ghp_", b"gho_", b"ghs_")
    ),
    _kind("GitHub token", b"github_pat_", _WORD + rb"github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}"),
    _kind("GitLab token", b"glpat-", _WORD + rb"glpat-[A-Za-z0-9_-]{20}" + _END),
    *(
        _kind("Stripe secret key", sign, _WORD + sign + rb"[A-Za-z0-9]{24,}")
        for sign in (b"sk_live_", b"rk_live_")
    ),
    *(
        _kind("Slack token", sign, _WORD + sign + rb"[0-9]{10,13}-[A-Za-z0-9-]{20,}")
        for sign in (b"xoxb-", b"xoxp-")
    ),
    _kind(
        "Slack webhook",
        b"hooks.slack.com/services/",
        rb"hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{24}",
    ),
    _kind("Google API key", b"AIza", _WORD + rb"AIza[A-Za-z0-9_-]{35}" + _END),
    _kind("npm token", b"npm_", _WORD + rb"npm_[A-Za-z0-9]{36}" + _END),
    _kind(
        "private key",
        b"PRIVATE KEY-----",
        rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"
        rb"(?:\\[rn]|\s)+[A-Za-z0-9+/=]{40}",
    ),
)


class Finding(NamedTuple):
    """Where something secret is: of what kind, and the name of the variable whose value it is."""

    path: str
    line: int
    kind: str
    value_of: str | None


class Scanner:
    """Is fed the content of files, then says what is in them; several threads may feed it."""

    def __init__(self, secrets: dict[str, str]) -> None:
        self._values = {form: name for name, text in secrets.items() for form in _telling(text)}
        self._needles = [*self._values, *(kind.sign for kind in KINDS)]
        self._overlap = LONGEST_KEY + max(map(len, self._needles))
        self._batch: list[tuple[str, str, bytes]] = []
        self._size = 0
        self._suspects: dict[str, str] = {}
        self._lock = threading.Lock()

    def taker(self, path: str, real: str, size: int) -> Callable[[bytes], None]:
        """A function that takes the content of a file, piece by piece; `real` is where it lies."""
        return self._large(path, real) if size > LARGE else self._small(path, real)

    def _small(self, path: str, real: str) -> Callable[[bytes], None]:
        def take(piece: bytes) -> None:
            with self._lock:
                self._batch.append((path, real, piece))
                self._size += len(piece)
                if self._size >= BATCH:
                    self._search()

        return take

    def _large(self, path: str, real: str) -> Callable[[bytes], None]:
        tail = b""

        def take(piece: bytes) -> None:
            nonlocal tail
            data = tail + piece
            if path not in self._suspects and self._suspicious(data):
                self._suspects[path] = real
            tail = data[-self._overlap :]

        return take

    def findings(self) -> list[Finding]:
        """What was found, the project's own secrets first; each of them once in a file.

        Many pages may hold a key that is public on purpose: they push nothing off the list.
        """
        self._search()
        closely = (self._closely(path, self._suspects[path]) for path in sorted(self._suspects))
        found = [finding for findings in closely for finding in findings]
        return sorted(found, key=lambda finding: finding.value_of is None)[:MOST]

    def _suspicious(self, data: bytes) -> bool:
        return any(needle in data for needle in self._needles)

    def _search(self) -> None:
        """Search all files of the batch as one; only when that tells something, each of them."""
        if self._suspicious(b"\n".join(content for _, _, content in self._batch)):
            for path, real, content in self._batch:
                if self._suspicious(content):
                    self._suspects[path] = real
        self._batch, self._size = [], 0

    def _closely(self, path: str, real: str) -> list[Finding]:
        """Read a file again and say on which lines it holds what."""
        found: dict[tuple[str, str | None], Finding] = {}
        for data, line in _windows(real, self._overlap):
            for at, kind, name in self._matches(data):
                place = line + data.count(b"\n", 0, at)
                found.setdefault((kind, name), Finding(path, place, kind, name))
        return sorted(found.values(), key=lambda finding: finding.line)

    def _matches(self, data: bytes) -> Iterator[tuple[int, str, str | None]]:
        for form, name in self._values.items():
            if (at := data.find(form)) >= 0:
                yield at, VALUE, name
        for kind in KINDS:
            if kind.sign in data and (match := kind.shape.search(data)):
                yield match.start(), kind.name, None


def secret_values(env: dict[str, str], secrets: list[str]) -> dict[str, str]:
    """The values that no page may hold: of secret variables that are not public by their name."""
    return {name: env[name] for name in secrets if name in env and not PUBLIC.match(name)}


def sentence(finding: Finding) -> str:
    """Where it is and what, without what it is."""
    what = (
        f"the value of {finding.value_of}"
        if finding.value_of
        else f"what looks like a {finding.kind}"
    )
    return f"{show(finding.path)}, line {finding.line:,}, holds {what}"


def refused(finding: Finding) -> Failure:
    """The failure of a build whose output holds a secret of the project."""
    return Failure(
        "secret_in_output",
        f"The output would give a secret away: {sentence(finding)}.",
        "Leave it out of what is served to visitors, and replace the secret if it was published "
        "before. If it is none, keep it as a plain variable, or set the gate `secrets` to warn.",
    )


def _telling(value: str) -> set[bytes]:
    """The forms of a value that, if they are in a page, are there because of it."""
    parts = [value, *(line.strip() for line in value.splitlines() if "-----" not in line)]
    worth = {p for p in parts if len(p) >= LONG_ENOUGH or (len(p) >= SHORTEST and not p.isalpha())}
    forms = {form.encode("utf-8", "surrogatepass") for part in worth for form in forms_of(part)}
    return {form for form in forms if len(form) >= SHORTEST}


def _windows(real: str, overlap: int) -> Iterator[tuple[bytes, int]]:
    """Pieces of a file that overlap, each with the number of its first line."""
    tail, line = b"", 1
    with open(real, "rb") as file:  # noqa: PTH123 - the name comes from a walk of ours
        while piece := file.read(READ):
            data = tail + piece
            yield data, line
            tail = data[-overlap:]
            line += data.count(b"\n", 0, len(data) - len(tail))
