"""Deploy hooks and schedules: made, asked, each time once, and gone when they are deleted."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.core import buckets, clock
from chalicelib.core.limits import Limiter
from chalicelib.deployments import rows as deployments
from chalicelib.projects import actions as projects
from chalicelib.projects import rows
from chalicelib.projects.actions import schedules
from chalicelib.projects.rows.triggers import ScheduleRow, due, hooks, schedule_key
from functions.events import deploy_asked
from functions.schedules import due as due_function
from tests.fakes.crash import Death
from tests.fakes.people import api_key, member

COMMIT = "c" * 40


@pytest.fixture
def project(owner, services):
    slug = f"site-{secrets.token_hex(4)}"
    found = owner.client.post("/v1/projects", {"name": "site", "slug": slug}).json()
    services.repositories.push(found["id"], "main", COMMIT)
    owner.client.patch(f"/v1/projects/{found['id']}", {"production_branch": "main"})
    return found


@pytest.fixture
def at(project):
    return f"/v1/projects/{project['id']}"


def hook(owner, at, branch="main"):
    answer = owner.client.post(f"{at}/hooks", {"name": "From the CMS", "branch": branch})
    assert answer.status == 201, answer.text
    return answer.json()


def path_of(made):
    return made["url"].partition("/v1/")[2].join(["/v1/", ""])


def asked(services):
    return services.bus.of("deploy.asked")


def heard(services) -> list[str | None]:
    """What the rule does with every event, each delivered twice."""
    found = []
    for detail in asked(services):
        for _ in range(2):
            found.append(deploy_asked.handler({"detail": detail}, None)["deployment"])
    return found


def test_a_hook_deploys_its_branch(api, owner, services, project, at):
    made = hook(owner, at)
    answer = api.with_token(None).post(path_of(made), {"anything": ["at", "all"]})
    assert answer.status == 202, answer.text
    identifier = answer.json()["deployment"]
    assert set(heard(services)) == {identifier}
    row = deployments.get(identifier)
    assert (row.branch, row.commit, row.trigger, row.created_by, row.target) == (
        "main",
        COMMIT,
        "hook",
        made["id"],
        "production",
    )
    listed = owner.client.get(f"{at}/hooks").json()["items"]
    assert [(h["id"], bool(h["used_at"])) for h in listed] == [(made["id"], True)]


def test_every_call_is_another_deployment(api, owner, services, at):
    made = hook(owner, at)
    ids = {api.post(path_of(made)).json()["deployment"] for _ in range(5)}
    assert len(ids) == 5
    assert set(heard(services)) == ids


def test_what_a_hook_is_sent_is_not_read(api, owner, services, at):
    path = path_of(hook(owner, at))
    for raw in (b"", b"{", b"\xff" * 100, b'{"branch":"other"}', b"x" * 100_000):
        answer = api.with_token(None).post(path, raw=raw, headers={"Content-Type": "text/plain"})
        assert answer.status == 202, answer.text
    assert {e["branch"] for e in asked(services)} == {"main"}
    assert api.post(f"{path}?branch=other").status == 400
    assert len(asked(services)) == 5
    assert api.get(path).status == 405


def test_the_token_is_shown_once_and_kept_nowhere(owner, database, project, at):
    made = hook(owner, at)
    token = made["url"].rpartition("/")[2]
    assert token.startswith("cdh_")
    assert len(token) == 47
    for text in (
        owner.client.get(f"{at}/hooks").text,
        str(database.scan(TableName="test-core")["Items"]),
        str(database.scan(TableName="test-events")["Items"]),
    ):
        assert token not in text
    assert next(hooks(project["id"])).digest not in owner.client.get(f"{at}/hooks").text


def test_a_token_that_opens_nothing(api, owner, services, project, at):
    made = hook(owner, at)
    anybody = api.with_token(None)
    wrong = [
        path_of(made)[:-1],
        path_of(made) + "x",
        path_of(made).swapcase().replace("/V1/HOOKS/DEPLOY", "/v1/hooks/deploy"),
        "/v1/hooks/deploy/cdh_" + "A" * 43,
        f"/v1/hooks/deploy/{next(hooks(project['id'])).digest}",
        f"/v1/hooks/deploy/{made['id']}",
    ]
    for path in wrong:
        assert anybody.post(path).code == "hook_not_found", path
    assert owner.client.delete(f"{at}/hooks/{made['id']}").status == 204
    assert anybody.post(path_of(made)).code == "hook_not_found"
    assert owner.client.delete(f"{at}/hooks/{made['id']}").code == "hook_not_found"
    second = hook(owner, at)
    assert owner.client.delete(at).status == 204
    assert anybody.post(path_of(second)).code == "hook_not_found"
    assert asked(services) == []


def test_who_may_not_deploy_there_makes_no_hook_and_no_schedule(api, owner, at):
    developer, viewer = member(api, owner, "developer"), member(api, owner, "viewer")
    policy = {
        "effect": "deny",
        "roles": ["developer"],
        "actions": ["deployment.create"],
        "conditions": {"environment": ["production"]},
    }
    owner.client.put(f"/v1/teams/{owner.team}/policies/live", policy)
    plan = {"name": "s", "cron": "0 3 * * *"}
    for path, body in ((f"{at}/hooks", {"name": "h"}), (f"{at}/schedules", plan)):
        assert developer.client.post(path, {**body, "branch": "main"}).code == "policy_denied"
        made = developer.client.post(path, {**body, "branch": "next"})
        assert made.status == 201, made.text
        assert viewer.client.post(path, {**body, "branch": "next"}).code == "missing_permission"
        key = api_key(owner, scopes=["deployment.create"])
        assert key.post(path, {**body, "branch": "next"}).code == "missing_scope"
    moved = f"{at}/schedules/{made.json()['id']}"
    assert developer.client.patch(moved, {"branch": "main"}).code == "policy_denied"


def test_limits(owner, at):
    for n in range(20):
        hook(owner, at, f"b{n}")
        body = {"name": "s", "branch": "main", "cron": "0 3 * * *"}
        assert owner.client.post(f"{at}/schedules", body).status == 201
    assert owner.client.post(f"{at}/hooks", {"name": "x", "branch": "m"}).code == "too_many_hooks"
    assert owner.client.post(f"{at}/schedules", body).code == "too_many_schedules"


@pytest.mark.parametrize("branch", ["a b", "-x", "a\nb", "x^"])
def test_branches_that_git_has_not(owner, at, branch):
    refused = owner.client.post(f"{at}/hooks", {"name": "h", "branch": branch})
    assert refused.status == 422


def plan(owner, at, **more):
    body = {"name": "Nightly", "branch": "main", "cron": "0 3 * * *", "timezone": "Europe/Berlin"}
    return owner.client.post(f"{at}/schedules", body | more)


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def test_a_schedule_deploys_at_its_time_and_once(owner, services, project, at):
    made = plan(owner, at)
    assert made.status == 201, made.text
    schedule = made.json()
    first = ms(schedule["next_at"])
    assert schedules.fire_due(first - 1) == 0
    assert schedules.fire_due(first) == 1
    assert schedules.fire_due(first) == 0
    (identifier,) = set(heard(services))
    row = deployments.get(identifier)
    assert (row.trigger, row.created_by, row.branch) == ("schedule", schedule["id"], "main")
    after = owner.client.get(f"{at}/schedules/{schedule['id']}").json()
    assert after["last_at"] == schedule["next_at"]
    assert after["last_deployment"] == identifier
    assert timedelta(hours=23) <= _between(schedule, after) <= timedelta(hours=25)


def _between(before: Any, after: Any) -> timedelta:
    return datetime.fromisoformat(after["next_at"]) - datetime.fromisoformat(before["next_at"])


def test_what_was_missed_for_a_week_is_made_good_once(owner, services, at):
    schedule = plan(owner, at).json()
    late = ms(schedule["next_at"]) + 7 * 86_400_000 + 5
    assert schedules.fire_due(late) == 1
    assert schedules.fire_due(late) == 0
    assert len(asked(services)) == 1
    after = owner.client.get(f"{at}/schedules/{schedule['id']}").json()
    assert late < ms(after["next_at"]) <= late + 25 * 3_600_000


def test_two_runs_at_once_ask_for_one_deployment(owner, services, project, at, monkeypatch):
    schedule = plan(owner, at).json()
    first = ms(schedule["next_at"])
    put = services.bus.put
    inside: list[int] = []

    def again(kind: str, detail: Any) -> None:
        if not inside:
            inside.append(0)
            inside.append(schedules.fire_due(first))
        put(kind, detail)

    monkeypatch.setattr(services.bus, "put", again)
    assert schedules.fire_due(first) + inside[1] == 1
    assert len({e["key"] for e in asked(services)}) == 1
    assert len(set(heard(services))) == 1


@pytest.mark.parametrize("applied", [False, True])
def test_whoever_dies_on_the_way_loses_no_time_and_asks_for_none_twice(
    owner, services, at, monkeypatch, applied
):
    schedule = plan(owner, at).json()
    first = ms(schedule["next_at"])
    real = ScheduleRow.update

    def dying(self: Any, *args: Any, **named: Any) -> Any:
        if applied:
            real(self, *args, **named)
        raise Death

    with monkeypatch.context() as patched:
        patched.setattr(ScheduleRow, "update", dying)
        with pytest.raises(Death):
            schedules.fire_due(first)
    schedules.fire_due(first + 60_000)
    assert len(set(heard(services))) == 1
    assert schedules.fire_due(first + 120_000) == 0


def test_a_schedule_rests_and_wakes(owner, services, at):
    schedule = plan(owner, at).json()
    path = f"{at}/schedules/{schedule['id']}"
    rested = owner.client.patch(path, {"enabled": False}).json()
    assert (rested["enabled"], rested["next_at"]) == (False, None)
    assert schedules.fire_due(ms(schedule["next_at"])) == 0
    assert list(due("9", 10)) == []
    woken = owner.client.patch(path, {"enabled": True, "cron": "30 4 1 * *"}).json()
    assert woken["next_at"] is not None
    assert datetime.fromisoformat(woken["next_at"]).minute == 30
    assert [s["id"] for s in owner.client.get(f"{at}/schedules").json()["items"]] == [woken["id"]]
    assert owner.client.delete(path).status == 204
    assert owner.client.get(path).code == "schedule_not_found"
    assert owner.client.patch(path, {"name": "x"}).code == "schedule_not_found"
    assert schedules.fire_due(ms(woken["next_at"])) == 0


@pytest.mark.parametrize(
    ("wish", "code", "pointer", "why"),
    [
        ({"cron": "* * * * * *"}, "invalid_cron", "/cron", "six fields"),
        ({"cron": "61 * * * *"}, "invalid_cron", "/cron", "Minute: 61"),
        ({"cron": "0 0 30 2 *"}, "cron_never", "/cron", "never due"),
        ({"cron": "* * * * *"}, "cron_too_often", "/cron", "5 minutes"),
        ({"cron": "0 3 ? * *"}, "invalid_cron", "/cron", "other schedulers"),
        ({"timezone": "Mars/Base"}, "invalid_timezone", "/timezone", "no time zone"),
    ],
)
def test_times_that_are_none_name_the_field_and_why(owner, at, wish, code, pointer, why):
    refused = plan(owner, at, **wish)
    assert (refused.status, refused.code) == (422, code)
    assert why in refused.json()["detail"]
    assert refused.json()["errors"][0]["pointer"] == pointer


def test_the_function_fires_what_is_due_now(owner, services, project, at):
    schedule = plan(owner, at).json()
    row = rows.key(project["id"]), schedule_key(schedule["id"])
    past = clock.iso(clock.now_ms() - 60_000)
    ScheduleRow(*row).update(actions=[ScheduleRow.next_at.set(past), ScheduleRow.gsi2sk.set(past)])
    assert due_function.handler({}, None) == {"asked": 1}
    assert due_function.handler({}, None) == {"asked": 0}
    assert asked(services)[0]["key"].startswith(f"schedule:{schedule['id']}:")


def test_schedules_of_a_deleted_project_are_silent(owner, services, project, at):
    schedule = plan(owner, at).json()
    found = projects.resolve(project["id"])
    found.update(actions=[rows.Project.deleted_at.set(clock.iso())])
    assert schedules.fire_due(ms(schedule["next_at"])) == 0
    assert asked(services) == []


def test_a_hook_that_got_about_starts_no_flood(api, owner, services, at, monkeypatch):
    watch = [1_800_000_000_000_000]
    limiter = Limiter(1.0, lambda: watch[0])
    monkeypatch.setattr(buckets, "limiter", lambda: limiter)
    leaked, other = path_of(hook(owner, at)), path_of(hook(owner, at, "next"))
    anybody = api.with_token(None)
    answers = [anybody.post(leaked) for _ in range(30)]
    assert [a.status for a in answers] == [202] * 10 + [429] * 20
    assert answers[-1].code == "rate_limited"
    wait = int(answers[-1].headers["Retry-After"])
    assert 0 < wait <= 10
    assert len(asked(services)) == 10
    assert anybody.post(other).status == 202  # each has its own
    watch[0] += wait * 1_000_000
    assert [anybody.post(leaked).status for _ in range(2)] == [202, 429]
    # and one that opens nothing is told so, whatever is counted
    assert anybody.post(f"{leaked}x").code == "hook_not_found"


def test_before_the_first_push_any_branch_may_become_that_of_production(api, owner):
    developer = member(api, owner, "developer")
    policy = {
        "effect": "deny",
        "roles": ["developer"],
        "actions": ["deployment.create"],
        "conditions": {"environment": ["production"]},
    }
    owner.client.put(f"/v1/teams/{owner.team}/policies/live", policy)
    slug = f"site-{secrets.token_hex(4)}"
    made = owner.client.post("/v1/projects", {"name": "site", "slug": slug}).json()
    at = f"/v1/projects/{made['id']}"
    plan = {"name": "s", "cron": "0 3 * * *", "branch": "main"}
    for path, body in ((f"{at}/hooks", {"name": "h", "branch": "main"}), (f"{at}/schedules", plan)):
        assert developer.client.post(path, body).code == "policy_denied"
        assert owner.client.post(path, body).status == 201
    git = {"branches": [{"match": "main", "environment": "preview"}]}
    assert owner.client.patch(at, {"git": git}).status == 200  # now it leads nowhere else
    assert developer.client.post(f"{at}/hooks", {"name": "h", "branch": "main"}).status == 201


def test_a_fault_with_one_schedule_holds_up_no_other(owner, services, at, monkeypatch):
    made = [plan(owner, at, branch=branch).json() for branch in ("one", "two", "three")]
    moment = max(ms(found["next_at"]) for found in made) + 1000
    ask = schedules.asking.ask

    def failing(project, branch, *more):
        if branch == "two":
            raise RuntimeError("no bus for this one")
        return ask(project, branch, *more)

    with monkeypatch.context() as patched:
        patched.setattr(schedules.asking, "ask", failing)
        with pytest.raises(RuntimeError):
            schedules.fire_due(moment)
    assert {e["branch"] for e in asked(services)} == {"one", "three"}
    assert schedules.fire_due(moment) == 1  # and it is as due as before
    assert {e["branch"] for e in asked(services)} == {"one", "two", "three"}
