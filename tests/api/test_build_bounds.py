"""What a build prints and reports fits into the rows of the table, in whatever script it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.builds import rows
from chalicelib.builds.actions import loglines, making, order, report
from chalicelib.builds.rules.model import PlanError
from chalicelib.teams import actions as teams

ITEM = 400 * 1024


@pytest.fixture
def build(database: Any, services: Any) -> str:
    user = teams.create_owner_account("ada@example.com", "Ada", "correct horse battery")
    team = teams.create_team(user.id, None, "Team")
    spec = {
        "source": {"kind": "files", "upload": "upl"},
        "slug": "site",
        "environment": "production",
        "url": "http://site.localhost",
    }
    row = making.make("dpl_1", "prj_1", team.id, spec)
    services.workflow.waiting.add("token")
    order.run(row.id, "token")
    report.claim(row.id, "runner-1")
    return row.id


def item_size(database: Any, table: str, pk: str) -> int:
    found = database.query(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": pk}},
    )["Items"]
    return max(len(str(item).encode()) for item in found)


@pytest.mark.parametrize("letter", ["a", "é", "測", "😀"])
@pytest.mark.parametrize(("lines", "length"), [(40, 2_400), (8, 20_000), (200, 480)])
def test_lines_of_any_script_are_kept(
    database: Any, build: str, letter: str, lines: int, length: int
) -> None:
    line = {"t": 1, "level": "info", "stage": "build", "text": letter * length}
    report.log(build, 1, [line] * lines)
    kept = loglines.after("dpl_1", 0, 1000)
    assert [one["text"] for one in kept] == [letter * length] * lines
    assert item_size(database, rows.LogChunk.Meta.table_name, "LOG#dpl_1") < ITEM


@pytest.mark.parametrize("letter", ["a", "測", "😀"])
def test_a_report_of_any_script_is_kept(database: Any, build: str, letter: str) -> None:
    failed = [{"name": letter * 300, "message": letter * 1000}] * 50
    told = {
        "tests": [{"step": "unit", "tests": 90, "failures": 50, "failed": list(failed)}],
        "findings": [{"path": letter * 1024, "line": 1, "kind": "x", "value_of": None}] * 100,
        "steps": [{"name": letter * 60, "stage": "check", "ms": 1, "outcome": "ok"}] * 50,
        "timings": {"build_ms": 1},
    }
    error = {"code": "check_failed", "message": letter * 2000, "hint": letter * 2000}
    report.fail(build, error, told)
    row = rows.get(build)
    assert row is not None
    assert (row.outcome, row.error["code"]) == ("failed", "check_failed")
    assert len(json.dumps(row.report)) <= report.LARGEST_REPORT
    assert row.report["tests"][0]["failures"] == 50
    assert row.report["tests"][0]["failed"]
    assert row.report["findings"]
    assert len(row.report["steps"]) == 50
    assert item_size(database, rows.Build.Meta.table_name, rows.key(build)) < ITEM


def test_a_plan_that_is_too_large_says_so(build: str) -> None:
    steps = "".join(f'[[steps]]\nname = "s{n}"\nrun = "{"測" * 1000}"\n' for n in range(30))
    files = {
        "clouddeck.toml": {"sha256": "a" * 64, "text": steps},
        "index.html": {"sha256": "b" * 64, "text": ""},
    }
    with pytest.raises(PlanError) as refused:
        report.plan(build, list(files), files)
    assert refused.value.code == "config_too_complex"
