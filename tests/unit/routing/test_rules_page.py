"""Every row of the tables in docs/rules.md is true: compiled, tried, and compared."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chalicelib.edge.rules.resolve import SiteRules
from chalicelib.edge.rules.routing.decide import decide
from chalicelib.edge.rules.routing.facts import facts_of
from chalicelib.edge.rules.routing.table import Table
from chalicelib.edge.rules.routing.verdicts import File, Proxy, Redirect, Verdict
from chalicelib.routing.rules.compile import FILES as SOURCES
from chalicelib.routing.rules.compile import Compiled, compiled

PAGE = (Path(__file__).parents[3] / "docs" / "rules.md").read_text("utf-8")
FILES = {
    *("index.html", "about.html", "blog/index.html", "old.html", "secret.txt", "404.html"),
    *("en/404.html", "de/index.html"),
}
CELL = re.compile(r"(?<!\\)\|")
TRIED = re.compile(r"`([^`]+)`(?: \(([^()]*)\))? → `([^`]+)`((?: with)?(?:,? `[^`]+`)*)")


def rows() -> list[tuple[str, str, str, str, str]]:
    """(file, construct, verdict, example, tried) of every row."""
    found = []
    for section in re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]:
        title, _, rest = section.partition("\n")
        for line in rest.split("\n## ")[0].splitlines()[2:]:
            if line.startswith("| "):
                cells = [cell.strip().replace("\\|", "|") for cell in CELL.split(line)[1:-1]]
                construct, verdict, example, tried = cells
                found.append((title.strip("`"), construct, verdict, example.strip("`"), tried))
    return found


ROWS = rows()


def made_of(source: str, example: str) -> Compiled:
    return compiled({source: example.replace(" ⏎ ", "\n")}, salt="page")


def answered(made: Compiled, path: str, having: str) -> Verdict:
    host, country, headers = "site.example.net", "", {}
    for one in filter(None, re.split(r", (?=country|cookie|host|language|header)", having)):
        kind, _, value = one.partition(" ")
        if kind == "host":
            host = value
        elif kind == "country":
            country = value
        elif kind == "header":
            name, _, text = value.partition(": ")
            headers[name] = text
        else:
            headers[{"language": "accept-language"}.get(kind, kind)] = value
    table = Table(made.routing)
    path, _, query = path.partition("?")
    facts = facts_of(
        table.looks,
        lambda name: headers.get(name, ""),
        host=host,
        method="GET",
        query=query,
        country=country,
    )
    return decide(path.encode(), "text/html", FILES.__contains__, SiteRules(), table, facts)


def told(verdict: Verdict, query: str) -> str:
    if isinstance(verdict, Redirect):
        return f"{verdict.status} {verdict.to(query.encode())}"
    if isinstance(verdict, File):
        return f"{verdict.status} {verdict.file}"
    if isinstance(verdict, Proxy):
        return f"proxy {verdict.goals[0].url}"
    return str(verdict.status)


def test_the_page_has_a_table_for_every_file() -> None:
    assert {row[0] for row in ROWS} == set(SOURCES)
    assert len(ROWS) > 90


@pytest.mark.parametrize(
    ("source", "verdict", "example"),
    [pytest.param(row[0], row[2], row[3], id=f"{row[0]}: {row[1]}") for row in ROWS],
)
def test_the_word_is_true(source: str, verdict: str, example: str) -> None:
    made = made_of(source, example)
    word = verdict.partition(":")[0]
    said = {note.verdict for note in made.notes}
    if word == "fault":
        assert made.faults
        assert all(fault.message and fault.hint for fault in made.faults)
        return
    assert made.faults == ()
    if word in {"refused", "ignored"}:
        assert said == {word}
        assert all(note.line and note.why for note in made.notes)
    else:
        assert word in {"same", "different", "ours"}
        assert said == set()
        assert ":" in verdict or word != "different"


@pytest.mark.parametrize(
    ("source", "example", "path", "having", "answer", "headers"),
    [
        pytest.param(row[0], row[3], *found.groups(), id=f"{row[0]}: {row[1]}: {found[0]}")
        for row in ROWS
        for found in TRIED.finditer(row[4])
    ],
)
def test_the_answer_is_that(
    source: str, example: str, path: str, having: str | None, answer: str, headers: str
) -> None:
    verdict = answered(made_of(source, example), path, having or "")
    assert told(verdict, path.partition("?")[2]) == answer
    expected = [tuple(one.split(": ", 1)) for one in re.findall(r"`([^`]+)`", headers)]
    assert [(name, value) for name, value in verdict.headers if value] == expected


def test_every_try_is_read() -> None:
    for row in ROWS:
        assert row[4].count("→") == len(list(TRIED.finditer(row[4]))), row
        assert row[4] or row[2].startswith("fault"), row
