"""The judge of own domains speaks when something is wrong, and only then."""

from __future__ import annotations

from tests.prove.ownership import Journal, Reading, Sight, Span

HOST, WILD = "shop.example.test", "*.example.test"


def _journal() -> Journal:
    """`a` added, proved and had the host from 3 to 20."""
    return Journal(
        teams={"a": "team-a", "b": "team-b"},
        adds=[Span("a", HOST, 0, 1)],
        proofs=[Span("a", HOST, 1, 5)],
        readings=[_read("a", "active", at) for at in (3.0, 20.0)],
    )


def _read(project: str, state: str, at: float, name: str = HOST, since: str = "then") -> Reading:
    return Reading(project, name, state, since, at - 0.1, at)


def _said(journal: Journal) -> list[str]:
    return list(journal.faults())


def test_an_owner_is_shown() -> None:
    journal = _journal()
    journal.sights = [Sight("a", HOST, 8, 8.1), Sight("", HOST, 0, 0.1)]
    assert _said(journal) == []


def test_two_owners_at_one_time() -> None:
    journal = _journal()
    journal.readings += [_read("b", "active", at) for at in (6.0, 9.0)]
    assert any("two owners" in said for said in _said(journal))


def test_one_after_the_other_is_right_and_so_is_one_who_came_back() -> None:
    journal = _journal()
    journal.readings[1] = _read("a", "active", 20.0, since="anew")
    journal.readings += [_read("b", "active", at) for at in (6.0, 9.0)]
    assert _said(journal) == []


def test_somebody_is_shown_who_proved_nothing() -> None:
    journal = _journal()
    journal.sights = [Sight("b", "other.example.test", 8, 8.1)]
    assert "had not proved" in _said(journal)[0]
    journal.adds.append(Span("b", WILD, 0, 1))
    assert "had not proved" in _said(journal)[0], "a wish is no proof"
    journal.proofs.append(Span("b", WILD, 9, 10))
    assert "had not proved" in _said(journal)[0], "the proof came later"
    journal.proofs.append(Span("b", WILD, 2, 3))
    assert _said(journal) == []


def test_a_wildcard_is_shown_where_the_exact_name_has_an_owner() -> None:
    journal = _journal()
    journal.adds.append(Span("b", WILD, 0, 1))
    journal.proofs.append(Span("b", WILD, 2, 3))
    journal.sights = [Sight("b", HOST, 8, 8.1)]
    assert _said(journal) == [f"a has {HOST}, which showed b"]


def test_a_removed_host_goes_on() -> None:
    journal = _journal()
    journal.readings.append(_read("a", "", 22.0))
    journal.sights = [Sight("a", HOST, 23, 23.1)]
    assert _said(journal) == []
    journal.sights = [Sight("a", HOST, 30, 30.1)]
    assert "had not proved" in _said(journal)[0]
    journal.adds.append(Span("a", HOST, 25, 26))
    assert "had not proved" in _said(journal)[0], "an old proof does not count"
    journal.proofs.append(Span("a", HOST, 26, 27))
    assert _said(journal) == []


def test_a_deleted_project_goes_on() -> None:
    journal = _journal()
    journal.deleted["a"] = (10, 11)
    journal.sights = [Sight("a", HOST, 12, 12.1), Sight("", HOST, 12, 12.1)]
    assert _said(journal) == []
    journal.sights = [Sight("a", HOST, 15, 15.1)]
    assert "deleted" in _said(journal)[0]


def test_a_name_that_is_held_goes_to_somebody_else() -> None:
    journal = _journal()
    journal.held.append(("team-a", HOST, 21))
    journal.readings += [
        _read("a", "", 21.0),
        _read("b", "active", 25.0),
        _read("b", "active", 29.0),
    ]
    assert f"b has {HOST}, which is held for team-a" in _said(journal)
    journal.teams["b"] = "team-a"
    assert _said(journal) == []
