"""Whether a log is whole: nothing changed, removed, put in, exchanged or cut off.

Each entry holds the hash of the one before; the head holds the last one; every day a signature
over the head is kept, so that who rewrites everything is found out as well. Entries leave from
the front when their time is over, and only then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.audit.rules.entries import Place, sealed

DAY_MS = 86_400_000
UNSIGNED_MS = 2 * DAY_MS
"""How long an entry may go without a signature over it."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a log, and at which entry."""

    at: int
    why: str


@dataclass(frozen=True)
class Signed:
    """A daily signature that was checked: `good` is None when its key is not known any more."""

    date: str
    place: Place
    at_ms: int
    previous: str
    good: bool | None


@dataclass(frozen=True)
class Head:
    """What the log says of itself."""

    place: Place
    began_ms: int
    shortest_days: int


@dataclass
class Walk:
    """What was found in a log that is walked along, entry by entry."""

    team: str
    now_ms: int
    head: Head
    signatures: list[Signed]
    last: Place | None = None
    first: int = 0
    entries: int = 0
    unsigned: int = 0

    def __post_init__(self) -> None:
        self._signed_at = {sign.place.sequence: sign for sign in self.signatures}
        self._covered = max((s.place.sequence for s in self.signatures if s.good), default=0)
        self._kept_since = self.now_ms - self.head.shortest_days * DAY_MS

    def step(self, key: str, found: dict[str, Any]) -> Fault | None:
        """Go on to the next entry, which stands in the table under `key`."""
        number = int(key)
        if found.get("sequence") != number or found.get("team") != self.team:
            return Fault(number, "It stands in the place of another entry.")
        if found.get("hash") != sealed(found):
            return Fault(number, "It was changed: its hash is not the hash of what it says.")
        fault = self._follows(number, found)
        if fault is None and number in self._signed_at:
            fault = _matches(self._signed_at[number], str(found["hash"]))
        late = self.now_ms - millis(str(found.get("recorded_at", ""))) > UNSIGNED_MS
        if late and number > self._covered and not self.unsigned:
            self.unsigned = number
        self.first = self.first or number
        self.entries += 1
        self.last = Place(number, str(found["hash"]))
        return fault

    def _follows(self, number: int, found: dict[str, Any]) -> Fault | None:
        before = self.last or Place()
        if before.sequence == number - 1:
            if found.get("prev") != before.hash:
                return Fault(number, "It does not follow the entry before it.")
            return None
        if self._may_be_gone(number - 1):
            return None
        missing = f"{before.sequence + 1} to {number - 1}"
        return Fault(before.sequence + 1, f"Entries {missing} are missing.")

    def _may_be_gone(self, number: int) -> bool:
        """Whether the time of an entry, and so of all before it, can be over."""
        if self.head.began_ms > self._kept_since:
            return False
        return not any(
            sign.at_ms > self._kept_since and sign.place.sequence < number
            for sign in self.signatures
        )

    def end(self) -> Fault | None:
        """What is wrong with the log as a whole, once every entry was walked past."""
        last, head = self.last or Place(), self.head.place
        if last.sequence < head.sequence and not (
            last.sequence == 0 and self._may_be_gone(head.sequence)
        ):
            return Fault(last.sequence + 1, f"Entries up to {head.sequence} are cut off.")
        if last.sequence > head.sequence:
            return Fault(head.sequence + 1, "It stands behind the end of the log.")
        if self.last is not None and last.hash != head.hash:
            return Fault(last.sequence, "The end of the log is another one.")
        return self._signed()

    def _signed(self) -> Fault | None:
        for index, sign in enumerate(self.signatures):
            place, last = sign.place.sequence, index == len(self.signatures) - 1
            if sign.good is False or (last and not sign.good):
                return Fault(place, f"The signature of {sign.date} is not ours.")
            if self._misses(sign, self.signatures[index - 1].date if index else ""):
                return Fault(place, f"The signature of {sign.previous} is missing.")
            if place > self.head.place.sequence:
                cut = self.head.place.sequence + 1
                return Fault(cut, f"Entries up to {place}, signed on {sign.date}, are cut off.")
        if self.unsigned:
            return Fault(self.unsigned, "It is over two days old, and no signature is over it.")
        return None

    def _misses(self, sign: Signed, before: str) -> bool:
        """Whether the signature before this one is gone though its time is not over."""
        return sign.previous != before and millis(sign.previous) > self._kept_since


def _matches(sign: Signed, found: str) -> Fault | None:
    if found == sign.place.hash:
        return None
    return Fault(sign.place.sequence, f"It is not what was signed on {sign.date}.")


def millis(moment: str) -> int:
    """Milliseconds since 1970 of an ISO time; 0 for what is none."""
    try:
        found = datetime.fromisoformat(moment)
        return int(found.replace(tzinfo=found.tzinfo or UTC).timestamp() * 1000)
    except ValueError:
        return 0
