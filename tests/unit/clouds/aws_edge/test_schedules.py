"""Schedules made, replaced, removed and listed, as EventBridge Scheduler's model has them."""

import json
from dataclasses import dataclass, field

import pytest
from botocore.exceptions import ClientError

from chalicelib.clouds.aws import schedules as module
from chalicelib.clouds.aws.schedules import Schedules
from chalicelib.core.config import Settings
from tests.fakes.cloud import Fault, client

ARN = "arn:aws:lambda:us-east-1:123456789012:function:clouddeck-cron"
ROLE = "arn:aws:iam::123456789012:role/clouddeck-cron"


@dataclass
class FakeScheduler:
    """Groups of schedules; `removed_by_others` takes a schedule away ahead of its update."""

    groups: dict[str, dict] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    removed_by_others: int = 0
    fails: str = ""

    def create_schedule_group(self, Name, **_):  # noqa: N803
        self.calls.append("group")
        if Name in self.groups:
            raise Fault("ConflictException", "there is one", 409)
        self.groups[Name] = {}
        return {
            "ScheduleGroupArn": f"arn:aws:scheduler:us-east-1:123456789012:schedule-group/{Name}"
        }

    def create_schedule(self, **asked):
        self.calls.append("create")
        if self.fails:
            raise Fault(self.fails, "no")
        group = self._group(asked)
        if asked["Name"] in group:
            raise Fault("ConflictException", "there is one", 409)
        group[asked["Name"]] = asked
        return self._arn(asked)

    def update_schedule(self, **asked):
        self.calls.append("update")
        group = self._group(asked)
        if self.removed_by_others:
            self.removed_by_others -= 1
            group.pop(asked["Name"])
        if asked["Name"] not in group:
            raise Fault("ResourceNotFoundException", "none", 404)
        group[asked["Name"]] = asked
        return self._arn(asked)

    def delete_schedule(self, **asked):
        if self._group(asked).pop(asked["Name"], None) is None:
            raise Fault("ResourceNotFoundException", "none", 404)

    def list_schedules(self, GroupName, NamePrefix="", NextToken="", **_):  # noqa: N803
        names = sorted(n for n in self._group({"GroupName": GroupName}) if n.startswith(NamePrefix))
        at = int(NextToken or 0)
        page = [{"Name": name, "GroupName": GroupName} for name in names[at : at + 2]]
        return {"Schedules": page, **({"NextToken": str(at + 2)} if at + 2 < len(names) else {})}

    def _group(self, asked):
        if asked["GroupName"] not in self.groups:
            raise Fault("ResourceNotFoundException", "no such group", 404)
        return self.groups[asked["GroupName"]]

    def _arn(self, asked):
        path = f"{asked['GroupName']}/{asked['Name']}"
        return {"ScheduleArn": f"arn:aws:scheduler:us-east-1:123456789012:schedule/{path}"}


@pytest.fixture
def scheduler(monkeypatch):
    fake = FakeScheduler()
    made = client("scheduler", fake)
    monkeypatch.setattr(module, "client", lambda service, region: made)
    return fake


@pytest.fixture
def schedules(scheduler):
    return Schedules(Settings())


def put(schedules, name="nightly", expression="cron(0 3 * * ? *)", **more):
    told = {"timezone": "Europe/Berlin", "target": ARN, "role": ROLE, "payload": {"a": 1}}
    schedules.put(name, expression, **{**told, **more})


def test_a_schedule_is_made_in_our_group(scheduler, schedules):
    put(schedules)
    made = scheduler.groups["clouddeck"]["nightly"]
    assert made["ScheduleExpression"] == "cron(0 3 * * ? *)"
    assert made["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert made["State"] == "ENABLED"
    assert made["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert (made["Target"]["Arn"], made["Target"]["RoleArn"]) == (ARN, ROLE)
    assert json.loads(made["Target"]["Input"]) == {"a": 1}
    assert scheduler.calls == ["create", "group", "create"]


def test_making_it_again_replaces_it(scheduler, schedules):
    put(schedules)
    put(schedules)
    put(schedules, expression="rate(5 minutes)", enabled=False)
    made = scheduler.groups["clouddeck"]["nightly"]
    assert (made["ScheduleExpression"], made["State"]) == ("rate(5 minutes)", "DISABLED")
    assert len(scheduler.groups["clouddeck"]) == 1


def test_a_schedule_that_is_removed_meanwhile_is_made_after_all(scheduler, schedules):
    put(schedules)
    scheduler.removed_by_others = 1
    put(schedules, expression="rate(1 hour)")
    assert scheduler.groups["clouddeck"]["nightly"]["ScheduleExpression"] == "rate(1 hour)"


def test_others_who_remove_it_without_end_are_said(scheduler, schedules):
    put(schedules)
    real = scheduler.update_schedule

    def update(**asked):
        scheduler.removed_by_others = 1
        try:
            return real(**asked)
        finally:
            scheduler.groups["clouddeck"]["nightly"] = {}

    scheduler.update_schedule = update
    with pytest.raises(RuntimeError, match="nightly"):
        put(schedules)


def test_removing(scheduler, schedules):
    schedules.remove("nightly")
    put(schedules)
    schedules.remove("nightly")
    schedules.remove("nightly")
    assert scheduler.groups["clouddeck"] == {}


def test_names_by_prefix_over_several_pages(scheduler, schedules):
    assert list(schedules.names()) == []
    for number in range(5):
        put(schedules, f"prj_a-{number}")
    put(schedules, "prj_b-0")
    assert list(schedules.names("prj_a-")) == [f"prj_a-{n}" for n in range(5)]
    assert len(list(schedules.names())) == 6


@pytest.mark.parametrize(
    ("name", "expression"),
    [
        ("", "rate(1 hour)"),
        ("a b", "rate(1 hour)"),
        ("a/b", "rate(1 hour)"),
        ("a" * 65, "rate(1 hour)"),
        ("a", "* * * * *"),
        ("a", "cron(0 3 * * ? *) "),
        ("a", "rate()"),
        ("a", "at(2026-01-01)\n"),
        ("a", "cron((1))"),
    ],
)
def test_what_is_no_schedule(scheduler, schedules, name, expression):
    with pytest.raises(ValueError):
        put(schedules, name, expression)
    assert scheduler.calls == []


def test_what_eventbridge_does_not_understand_is_passed_on(scheduler, schedules):
    scheduler.fails = "ValidationException"
    with pytest.raises(ClientError, match="ValidationException"):
        put(schedules, timezone="Mars/Olympus")


def test_a_group_that_stays_missing_is_passed_on(scheduler, schedules):
    scheduler.fails = "ResourceNotFoundException"
    with pytest.raises(ClientError, match="ResourceNotFound"):
        put(schedules)
    assert scheduler.calls == ["create", "group", "create"]
