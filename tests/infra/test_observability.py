"""Alarms, the dashboard, the mail and the budget."""

from __future__ import annotations

import json
from typing import Any

from cdk import alarms, queues
from chalicelib import resources
from tests.infra.stacks import Stacks

ALARM = "AWS::CloudWatch::Alarm"


def there(made: Stacks) -> dict[str, dict[str, Any]]:
    return made.named(ALARM, "AlarmName", "observability")


def test_a_lost_message_rings_in_every_profile(made: Stacks) -> None:
    watched = {
        dimension["Value"]: alarm
        for alarm in there(made).values()
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        for dimension in alarm["Dimensions"]
    }
    assert set(watched) == set(queues.dead_letters(made.names))
    for alarm in watched.values():
        assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (0, 1)
        assert alarm["ComparisonOperator"] == "GreaterThanThreshold"


def test_a_failed_execution_rings_in_every_profile(made: Stacks) -> None:
    for machine in resources.MACHINES:
        alarm = there(made)[made.names.name(f"{machine.name}-failed")]
        assert alarm["MetricName"] == "ExecutionsFailed"
        (dimension,) = alarm["Dimensions"]
        assert dimension["Value"] == made.names.machine_arn(machine.name)


def test_a_hobby_pays_for_no_alarm_and_production_has_them_all(made: Stacks) -> None:
    count = len(there(made))
    assert count == len(alarms.alarms(made.names))
    if made.profile == "hobby":
        assert count <= 10  # what AWS gives for nothing
    if made.profile == "production":
        for spec in resources.FUNCTIONS:
            assert made.names.name(f"{spec.name}-errors") in there(made)


def test_every_alarm_is_heard_and_says_what_happened(made: Stacks) -> None:
    for name, alarm in there(made).items():
        assert alarm["AlarmActions"], name
        assert alarm["AlarmDescription"].endswith("."), name
        silent = name == made.names.name("sweep-silent")
        assert alarm["TreatMissingData"] == ("breaching" if silent else "notBreaching"), name


def test_the_mail_goes_to_the_person_who_installed(made: Stacks) -> None:
    (mail,) = made.every("AWS::SNS::Subscription", "observability")
    assert (mail["Protocol"], mail["Endpoint"]) == ("email", made.names.of.email)
    (policy,) = made.every("AWS::SNS::TopicPolicy", "observability")
    allowed = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
    assert [s["Principal"] for s in allowed] == [{"Service": "cloudwatch.amazonaws.com"}]


def test_a_budget_says_when_it_gets_expensive(made: Stacks) -> None:
    (budget,) = made.every("AWS::Budgets::Budget", "observability")
    limit = {"hobby": 10, "standard": 100, "production": 1000}[made.profile]
    assert budget["Budget"]["BudgetLimit"] == {"Amount": limit, "Unit": "USD"}
    kinds = [n["Notification"]["NotificationType"] for n in budget["NotificationsWithSubscribers"]]
    assert kinds == ["ACTUAL", "FORECASTED"]


def test_the_dashboard_shows_everything_that_can_be_in_trouble(made: Stacks) -> None:
    (dashboard,) = made.every("AWS::CloudWatch::Dashboard", "observability")
    text = json.dumps(dashboard["DashboardBody"])
    for spec in resources.FUNCTIONS:
        assert made.names.name(spec.name) in text
    for queue in queues.dead_letters(made.names):
        assert queue in text
    for metric in (
        "Latency",
        "5XXError",
        "5xxErrorRate",
        "ExecutionsFailed",
        "Throttles",
        "FailedBuilds",
        "QueuedDuration",
        "WriteThrottleEvents",
    ):
        assert metric in text
