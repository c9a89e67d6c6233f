"""The log over the API: what a change leaves, who may read it, and that it is whole."""

from __future__ import annotations

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.audit import actions, rows
from chalicelib.audit.rules.canonical import canonical
from chalicelib.audit.rules.entries import Draft, Who, sealed
from chalicelib.core import clock
from tests.fakes.people import member

pytestmark = pytest.mark.usefixtures("api")


def entries(team: str) -> list[dict[str, Any]]:
    return [row.entry() for row in rows.entries(team)]


def draft(identifier: str, team: str = "team_x", action: str = "projects.create") -> Draft:
    return Draft(identifier, clock.iso(), team, action, Who("user", "usr_1", "usr_1"))


def write(team: str, count: int) -> None:
    for number in range(count):
        actions.append(draft(f"req_{number}", team), opened=False)


def set_item(database: Any, pk: str, sk: str, **values: str) -> None:
    """Change a row as somebody with the database in their hands would."""
    database.update_item(
        TableName="test-events",
        Key={"pk": {"S": pk}, "sk": {"S": sk}},
        UpdateExpression="SET " + ", ".join(f"#{n} = :{n}" for n in values),
        ExpressionAttributeNames={f"#{n}": n for n in values},
        ExpressionAttributeValues={f":{n}": {"S": v} for n, v in values.items()},
    )


def remove(database: Any, pk: str, sk: str) -> None:
    database.delete_item(TableName="test-events", Key={"pk": {"S": pk}, "sk": {"S": sk}})


def test_a_change_leaves_one_entry(owner):
    answer = owner.client.call(
        "POST",
        "/v1/projects",
        {"name": "Blog", "slug": "blog"},
        headers={"User-Agent": "deck/1\x1b[31m"},
    )
    assert answer.status == 201, answer.text
    found = entries(owner.team)[-1]
    assert found["id"] == answer.headers["X-Request-Id"]
    assert found["action"] == "projects.create"
    assert found["resource"] == answer.json()["id"]
    assert found["label"] == "blog"
    assert found["after"] == {"name": "Blog", "slug": "blog"}
    assert found["outcome"] == "ok"
    actor = found["actor"]
    assert (actor["kind"], actor["user"], actor["ip"]) == ("user", owner.id, "192.0.2.1")
    assert actor["credential"].startswith("ses_")
    assert "\x1b" not in actor["agent"]
    assert found["hash"] == sealed(found)
    assert not [t for shard in range(rows.TRAIL_SHARDS) for t in rows.trails(shard)]


def test_a_refused_request_leaves_none(owner):
    before = len(entries(owner.team))
    assert owner.client.post("/v1/projects", {"name": "x", "slug": "NO"}).status == 422
    body = {"deployment": "dpl_" + "0" * 26}
    project = owner.client.post("/v1/projects", {"name": "x"}).json()["id"]
    assert owner.client.post(f"/v1/projects/{project}/promote", body).status == 404
    assert len(entries(owner.team)) == before + 1
    assert not [t for shard in range(rows.TRAIL_SHARDS) for t in rows.trails(shard)]


def test_a_request_that_is_repeated_by_its_key_is_one_entry(owner):
    headers = {"Idempotency-Key": "0123456789abcdef"}
    for _ in range(3):
        answer = owner.client.call("POST", "/v1/projects", {"name": "x"}, headers=headers)
        assert answer.status == 201
    assert [e["action"] for e in entries(owner.team)].count("projects.create") == 1


def test_values_of_variables_are_not_shown(owner):
    project = owner.client.post("/v1/projects", {"name": "x"}).json()["id"]
    path = f"/v1/projects/{project}/env/API_URL"
    assert owner.client.put(path, {"value": "canary-4711", "secret": False}).status == 200
    found = entries(owner.team)[-1]
    assert (found["resource"], found["of"]) == ("API_URL", project)
    assert "canary" not in json.dumps(entries(owner.team))


def test_the_list_is_newest_first_filtered_and_paged(owner):
    write(owner.team, 25)
    path = f"/v1/teams/{owner.team}/audit"
    first = owner.client.get(f"{path}?limit=10&action=projects.").json()
    assert len(first["items"]) == 10
    rest = owner.client.get(f"{path}?limit=100&action=projects.&cursor={first['next']}").json()
    numbers = [e["sequence"] for e in (*first["items"], *rest["items"])]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 25
    assert rest["next"] is None
    assert owner.client.get(f"{path}?actor=usr_nobody").json()["items"] == []
    assert owner.client.get(f"{path}?action=nothing").json()["items"] == []
    assert len(owner.client.get(f"{path}?limit=100&actor=usr_1").json()["items"]) == 25
    assert owner.client.get(f"{path}?to=2020-01-01").json()["items"] == []
    assert owner.client.get(f"{path}?from=2100-01-01").json()["items"] == []
    assert owner.client.get(f"{path}?from=yesterday").status == 422
    assert owner.client.get(f"{path}?cursor=x&limit=3").status == 400


def test_a_filter_that_finds_little_goes_on_by_its_cursor(owner, monkeypatch):
    from chalicelib.audit.actions import read

    monkeypatch.setattr(read, "_AT_ONCE", 5)
    monkeypatch.setattr(read, "_PAGES", 2)
    actions.append(draft("req_wanted", owner.team, "teams.wanted"), opened=False)
    write(owner.team, 33)
    found, cursor, pages = [], "", 0
    while True:
        query = f"?action=teams.wanted{cursor}"
        page = owner.client.get(f"/v1/teams/{owner.team}/audit{query}").json()
        found += page["items"]
        pages += 1
        if not page["next"]:
            break
        cursor = f"&cursor={page['next']}"
    assert [e["id"] for e in found] == ["req_wanted"]
    assert pages > 2


def test_activity_speaks(owner):
    owner.client.post("/v1/projects", {"name": "Blog"})
    found = owner.client.get(f"/v1/teams/{owner.team}/activity").json()["items"]
    assert found[0]["sentence"] == "Ada created the project Blog"


def test_activity_ends_after_a_day(owner, monkeypatch):
    real = clock.now_ms
    monkeypatch.setattr(clock, "now_ms", lambda: real() - 25 * 3_600_000)
    actions.append(
        Draft("req_old", clock.iso(), owner.team, "projects.old", Who("user", "u")), opened=False
    )
    monkeypatch.setattr(clock, "now_ms", real)
    actions.append(draft("req_new", owner.team), opened=False)
    found = owner.client.get(f"/v1/teams/{owner.team}/activity").json()["items"]
    assert "projects.old" not in {item["action"] for item in found}
    assert "projects.create" in {item["action"] for item in found}


def test_only_owners_and_admins_read_it(api, owner):
    for role, status in (("viewer", 403), ("developer", 403), ("billing", 403), ("admin", 200)):
        somebody = member(api, owner, role).client
        assert somebody.get(f"/v1/teams/{owner.team}/audit").status == status
        assert somebody.get(f"/v1/teams/{owner.team}/activity").status == status


def test_export_is_everything_oldest_first(owner):
    write(owner.team, 7)
    path = f"/v1/teams/{owner.team}/audit/export"
    lines, cursor = [], ""
    while True:
        answer = owner.client.get(f"{path}?limit=3{cursor}")
        assert answer.headers["Content-Type"] == "application/x-ndjson"
        lines += answer.text.splitlines()
        following = answer.headers.get("X-Next-Cursor")
        if following is None:
            assert "Link" not in answer.headers
            break
        assert f"cursor={following}" in answer.headers["Link"]
        cursor = f"&cursor={following}"
    found = [json.loads(line) for line in lines]
    assert found == entries(owner.team)
    assert all(sealed(e) == e["hash"] and canonical(e).decode() in lines for e in found)


def test_export_as_csv(owner):
    dangerous = Draft("req_f", clock.iso(), owner.team, "a.b", Who("user", "u"), "=cmd|'x'!A1")
    actions.append(dangerous, opened=False)
    write(owner.team, 3)
    path = f"/v1/teams/{owner.team}/audit/export?format=csv&limit=2"
    first = owner.client.get(path)
    assert first.headers["Content-Type"] == "text/csv; charset=utf-8"
    text, cursor = first.text, first.headers.get("X-Next-Cursor")
    while cursor:
        answer = owner.client.get(f"{path}&cursor={cursor}")
        text, cursor = text + answer.text, answer.headers.get("X-Next-Cursor")
    found = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [int(line["sequence"]) for line in found] == [e["sequence"] for e in entries(owner.team)]
    assert "'=cmd|'x'!A1" in {line["resource"] for line in found}


def test_fifty_at_once_leave_no_gap_and_no_fork(database):
    with ThreadPoolExecutor(50) as many:
        done = list(many.map(lambda n: _try(f"req_{n}"), range(50)))
    waiting = done.count(False)
    assert actions.finish()["finished"] == waiting
    found = entries("team_x")
    assert [e["sequence"] for e in found] == list(range(1, 51))
    assert {e["id"] for e in found} == {f"req_{n}" for n in range(50)}
    verdict = actions.verify("team_x")
    assert verdict.ok, verdict
    assert verdict.entries == 50


def _try(identifier: str) -> bool:
    actions.record(identifier, "team_x", "projects.create", "prj")
    return rows.is_written("team_x", identifier)


def test_what_was_written_is_not_written_again():
    for _ in range(3):
        actions.record("dpl_1:ready", "team_x", "deployments.ready", "dpl_1")
    assert len(entries("team_x")) == 1


class TestTamper:
    """Each way to lie about a log, with the database in one's hands."""

    @pytest.fixture
    def team(self, owner) -> str:
        write(owner.team, 9)
        assert self.broken(owner) is None
        return str(owner.team)

    def broken(self, owner) -> int | None:
        answer = owner.client.get(f"/v1/teams/{owner.team}/audit/verify")
        assert answer.status == 200, answer.text
        found = answer.json()
        assert found["ok"] is (found["broken_at"] is None)
        assert bool(found["why"]) is not found["ok"]
        return found["broken_at"]

    def test_change(self, database, owner, team):
        row = rows.entry_at(team, 5)
        set_item(database, row.pk, row.sk, body=row.body.replace("usr_1", "usr_2"))
        assert self.broken(owner) == 5

    def test_change_with_a_new_hash(self, database, owner, team):
        row = rows.entry_at(team, 5)
        found = {**row.entry(), "resource": "other"}
        found["hash"] = sealed(found)
        set_item(database, row.pk, row.sk, body=canonical(found).decode())
        assert self.broken(owner) == 6

    def test_nonsense(self, database, owner, team):
        for text in ("", "[]", "{", "7", '{"sequence":5}'):
            set_item(database, f"AUDIT#{team}", f"{5:012d}", body=text)
            assert self.broken(owner) == 5

    def test_delete(self, database, owner, team):
        remove(database, f"AUDIT#{team}", f"{4:012d}")
        assert self.broken(owner) == 4

    def test_delete_the_first(self, database, owner, team):
        remove(database, f"AUDIT#{team}", f"{1:012d}")
        assert self.broken(owner) == 1

    def test_insert(self, database, owner, team):
        last = rows.head(team).sequence
        found = {**rows.entry_at(team, last).entry(), "sequence": last + 1}
        found |= {"prev": found["hash"]}
        found["hash"] = sealed(found)
        rows.EntryRow(f"AUDIT#{team}", f"{last + 1:012d}", body=canonical(found).decode()).save()
        assert self.broken(owner) == last + 1

    def test_a_key_that_is_no_number(self, database, owner, team):
        rows.EntryRow(f"AUDIT#{team}", "00000000000x", body="{}").save()
        assert self.broken(owner) is not None

    def test_swap(self, database, owner, team):
        one, other = rows.entry_at(team, 3), rows.entry_at(team, 6)
        set_item(database, one.pk, one.sk, body=other.body)
        set_item(database, other.pk, other.sk, body=one.body)
        assert self.broken(owner) == 3

    def test_truncate(self, database, owner, team):
        last = int(rows.head(team).sequence)
        remove(database, f"AUDIT#{team}", f"{last:012d}")
        assert self.broken(owner) == last

    def test_everything_gone(self, database, owner, team):
        for number in range(1, int(rows.head(team).sequence) + 1):
            remove(database, f"AUDIT#{team}", f"{number:012d}")
        assert self.broken(owner) == 1

    def test_head_gone(self, database, owner, team):
        remove(database, f"AUDIT#{team}", "HEAD")
        assert self.broken(owner) == 1

    def test_truncate_with_the_head(self, database, owner, team):
        assert actions.sign(team, "2026-01-02")
        before = rows.entry_at(team, 4).entry()
        for number in range(5, int(rows.head(team).sequence) + 1):
            remove(database, f"AUDIT#{team}", f"{number:012d}")
        end = rows.head(team)
        end.sequence, end.hash = 4, before["hash"]
        end.save()
        assert self.broken(owner) == 5

    def test_rewrite(self, database, owner, team):
        assert actions.sign(team, "2026-01-02")
        assert self.broken(owner) is None
        prev = None
        for row in list(rows.entries(team)):
            found = row.entry()
            found |= {"resource": "other"} | ({"prev": prev} if prev else {})
            found["hash"] = prev = sealed(found)
            set_item(database, row.pk, row.sk, body=canonical(found).decode())
        end = rows.head(team)
        end.hash = prev
        end.save()
        assert self.broken(owner) is not None

    def test_a_forged_signature(self, database, owner, team):
        assert actions.sign(team, "2026-01-02")
        row = rows.last_signature(team)
        for name, value in (("previous", "2026-01-01"), ("signature", "AAAA"), ("key", "other")):
            old = getattr(row, name)
            set_item(database, row.pk, row.sk, **{name: value})
            assert self.broken(owner) is not None
            set_item(database, row.pk, row.sk, **{name: old})
        assert self.broken(owner) is None


def test_a_log_is_signed_once_a_day(services, owner, monkeypatch):
    assert actions.sign_logs()["signed"] == 1
    assert actions.sign_logs()["signed"] == 0
    verdict = actions.verify(owner.team)
    assert verdict.ok
    assert verdict.signed_until == verdict.last >= 1
    real = clock.now_ms
    monkeypatch.setattr(clock, "now_ms", lambda: real() + 86_400_000)
    assert actions.sign_logs()["signed"] == 0  # nothing came, and the key is the same
    monkeypatch.setattr(clock, "now_ms", lambda: real() + 2 * 86_400_000)
    services.keys.rotate()
    assert actions.sign_logs()["signed"] == 1
    actions.append(draft("req_late", owner.team), opened=False)
    monkeypatch.setattr(clock, "now_ms", lambda: real() + 3 * 86_400_000)
    assert actions.sign_logs()["signed"] == 1
    assert [s.previous for s in rows.signatures(owner.team)] == [
        "",
        *[s.date for s in rows.signatures(owner.team)][:-1],
    ]
    assert actions.verify(owner.team).ok


def test_a_long_log_is_verified_in_parts(owner, monkeypatch):
    from chalicelib.audit.actions import walk

    write(owner.team, 6)
    total = int(rows.head(owner.team).sequence)
    monkeypatch.setattr(walk, "SECONDS", -1)
    after, parts = 0, 0
    path = f"/v1/teams/{owner.team}/audit/verify"
    while True:
        found = owner.client.get(f"{path}?after={after}").json()
        assert found["ok"], found
        parts += 1
        if not found["more"]:
            break
        assert found["last"] == after + 1
        after = found["last"]
    assert parts == total + 1
    assert owner.client.get(f"{path}?after=999").status == 404


def test_retention_counts_from_now_on_and_is_logged(database, owner):
    path = f"/v1/teams/{owner.team}/audit/retention"
    assert owner.client.get(path).json() == {"days": 400}
    assert owner.client.put(path, {"days": 29}).status == 422
    assert owner.client.put(path, {"days": 3651}).status == 422
    assert owner.client.put(path, {"days": 30}).json() == {"days": 30}
    assert owner.client.get(path).json() == {"days": 30}
    last = entries(owner.team)[-1]
    assert last["action"] == "audit.put_retention"
    assert (last["before"], last["after"]) == ({"days": 400}, {"days": 30})
    found = list(rows.entries(owner.team))
    assert int(found[-1].ttl) - clock.epoch() == pytest.approx(30 * 86_400, abs=30)
    assert owner.client.put(path, {"days": 3650}).status == 200
    assert actions.verify(owner.team).ok
    assert int(rows.head(owner.team).shortest_days) == 30
