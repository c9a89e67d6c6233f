"""Functions, machine, events, queues and builds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from cdk import machines, queues
from cdk.names import PARAMETERS
from chalicelib import resources
from tests.infra.stacks import Stacks

CHECKOUT = Path(__file__).resolve().parents[2]
FUNCTION, QUEUE, RULE = "AWS::Lambda::Function", "AWS::SQS::Queue", "AWS::Events::Rule"


def functions(made: Stacks) -> dict[str, dict[str, Any]]:
    return {
        name.removeprefix(f"{made.names.of.prefix}-"): function
        for name, function in made.named(FUNCTION, "FunctionName").items()
    }


def logical(made: Stacks, kind: str, key: str, value: str, stack: str = "pipeline") -> str:
    """Logical id of the resource that has a name."""
    for where, resource in made.found(kind, stack):
        if resource["Properties"].get(key) == value:
            return where.partition("/")[2]
    raise LookupError(value)


def test_every_function_of_the_resources_is_made_once(made: Stacks) -> None:
    there = functions(made)
    specs = {spec.name: spec for spec in resources.FUNCTIONS}
    assert set(specs) <= set(there)
    of = made.names.of
    for name, spec in specs.items():
        function = there[name]
        assert function["Handler"] == f"{spec.module}.handler"
        assert function["Runtime"] == f"python{of.python}"
        assert function["Architectures"] == [of.architecture]
        assert function["MemorySize"] == spec.memory_mb
        assert function["Timeout"] == spec.timeout_seconds
        assert len(function["Layers"]) == len(spec.layers)
        assert function["LoggingConfig"]["LogFormat"] == "JSON"
        traced = function.get("TracingConfig", {}).get("Mode") == "Active"
        assert traced is (made.profile != "hobby")


def test_every_function_has_its_code_in_the_checkout() -> None:
    for spec in resources.FUNCTIONS:
        path = CHECKOUT / (spec.module.replace(".", "/") + ".py")
        assert path.is_file(), spec
        assert re.search(r"^def handler\(", path.read_text(), re.MULTILINE), spec


def test_functions_know_their_installation(made: Stacks) -> None:
    for name, function in functions(made).items():
        if name not in {spec.name for spec in resources.FUNCTIONS}:
            continue
        variables = function["Environment"]["Variables"]
        assert variables["CLOUDDECK_CLOUD"] == "aws"
        assert variables["CLOUDDECK_PREFIX"] == made.names.of.prefix
        assert variables["CLOUDDECK_ACCOUNT"] == made.names.of.account
        assert variables["CLOUDDECK_BUILDS"] == made.names.name("builds")
        assert re.fullmatch(r"runner/[0-9a-f]{64}\.pyz", variables["CLOUDDECK_RUNNER_KEY"])
        for invented in ("API", "CONNECTIONS", "ROUTES_STORE", "DISTRIBUTIONS"):
            assert variables[f"CLOUDDECK_{invented}"]


def test_no_log_is_kept_for_ever(made: Stacks) -> None:
    groups = made.named("AWS::Logs::LogGroup", "LogGroupName")
    days = {"hobby": 7, "standard": 30, "production": 90}[made.profile]
    assert {group["RetentionInDays"] for group in groups.values()} == {days}
    ours = {made.names.function_log(spec.name) for spec in resources.FUNCTIONS}
    assert groups.keys() >= ours | {made.names.builds_log(), made.names.machine_log("deploy")}
    for where, function in made.found(FUNCTION):
        if where.startswith("edge/"):  # a copy writes where a visitor is; see edge_functions.py
            continue
        assert "LogGroup" in function["Properties"]["LoggingConfig"], where


def test_machines_are_those_of_the_checkout_with_the_functions_of_here(made: Stacks) -> None:
    found = {one["StateMachineName"]: one for one in made.every("AWS::StepFunctions::StateMachine")}
    assert found.keys() == {made.names.name(spec.name) for spec in resources.MACHINES}
    for spec in resources.MACHINES:
        text = (CHECKOUT / "state_machines" / f"{spec.name}.asl.json").read_text()
        written = json.loads(text)
        here = json.loads(machines.definition(made.names, spec))
        defined = found[made.names.name(spec.name)]["DefinitionString"]
        assert defined == machines.definition(made.names, spec)
        for name, state in here["States"].items():
            if state["Type"] == "Task":
                expected = made.names.function_arn(f"{spec.of}-{name.lower()}")
                assert state["Parameters"].pop("FunctionName") == expected
                written["States"][name]["Parameters"].pop("FunctionName")
        assert here == written


def test_machines_log_errors_and_in_production_everything_but_never_tokens(made: Stacks) -> None:
    for machine in made.every("AWS::StepFunctions::StateMachine"):
        logging = machine["LoggingConfiguration"]
        assert logging["Level"] == ("ALL" if made.profile == "production" else "ERROR")
        assert logging["IncludeExecutionData"] is False


def test_rules_listen_on_the_right_bus(made: Stacks) -> None:
    rules = made.named(RULE, "Name", "pipeline")
    for spec in resources.RULES:
        rule = rules[made.names.name(spec.name)]
        pattern = rule["EventPattern"]
        assert pattern["source"] == [spec.source]
        assert pattern["detail-type"] == list(spec.kinds)
        ours = spec.source == resources.EVENT_SOURCE
        assert ("EventBusName" in rule) is ours
        if not ours:
            assert pattern.get("detail", {}).items() >= spec.detail.items()
        if spec.source == "aws.codebuild":
            assert pattern["detail"]["project-name"] == [made.names.name("builds")]
        if spec.source == "aws.s3":
            assert pattern["detail"]["bucket"]["name"] == [made.names.bucket("logs")]
    (bus,) = made.every("AWS::Events::EventBus")
    assert bus["Name"] == made.names.bus()
    archives = made.every("AWS::Events::Archive")
    assert len(archives) == (1 if made.profile == "production" else 0)


def test_what_cannot_be_delivered_or_done_ends_in_a_queue(made: Stacks) -> None:
    """Rules, schedules, calls without an answer, the pipe and its queue: each has one."""

    def dead(name: str) -> dict[str, list[str]]:
        queue = logical(made, QUEUE, "QueueName", name)
        return {"Fn::GetAtt": [queue, "Arn"]}

    for spec in resources.RULES:
        rule = made.named(RULE, "Name", "pipeline")[made.names.name(spec.name)]
        (target,) = rule["Targets"]
        assert target["DeadLetterConfig"] == {"Arn": dead(made.names.queue("events-lost"))}
        assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0
    for schedule in resources.SCHEDULES:
        target = made.named("AWS::Scheduler::Schedule", "Name")[made.names.name(schedule.name)][
            "Target"
        ]
        assert target["DeadLetterConfig"] == {"Arn": dead(made.names.queue("clock-lost"))}
        assert json.loads(target["Input"]) == {"schedule": schedule.name}
    configured = {
        json.dumps(config["FunctionName"]): config["DestinationConfig"]["OnFailure"]["Destination"]
        for config in made.every("AWS::Lambda::EventInvokeConfig", "pipeline")
    }
    for name, caller in queues.asynchronous().items():
        function = logical(made, FUNCTION, "FunctionName", made.names.name(name))
        queue = dead(made.names.queue(f"{caller}-lost"))
        assert configured.pop(json.dumps({"Ref": function})) == queue
    assert not configured


def test_routes_travel_in_order_to_one_reader(made: Stacks) -> None:
    for spec in resources.STREAMS:
        pipe = made.named("AWS::Pipes::Pipe", "Name")[made.names.name(spec.name)]
        source, target = pipe["SourceParameters"], pipe["TargetParameters"]
        (pattern,) = source["FilterCriteria"]["Filters"]
        assert json.loads(pattern["Pattern"]) == {
            "dynamodb": {"Keys": {"pk": {"S": [{"prefix": spec.prefix}]}}}
        }
        stream = source["DynamoDBStreamParameters"]
        assert (stream["BatchSize"], stream["StartingPosition"]) == (1, "TRIM_HORIZON")
        lost = logical(made, QUEUE, "QueueName", made.names.queue(f"{spec.name}-pipe-lost"))
        assert stream["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": [lost, "Arn"]}}
        assert target["SqsQueueParameters"] == {
            "MessageGroupId": spec.name,
            "MessageDeduplicationId": "$.eventID",
        }
        name = made.names.queue(spec.name, fifo=True)
        line = made.named(QUEUE, "QueueName")[name]
        reader = next(f for f in resources.FUNCTIONS if f.name == spec.function)
        assert line["VisibilityTimeout"] >= reader.timeout_seconds
        dead = logical(made, QUEUE, "QueueName", made.names.queue(f"{spec.name}-lost", fifo=True))
        assert line["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": [dead, "Arn"]}
        (mapping,) = made.every("AWS::Lambda::EventSourceMapping", "pipeline")
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        queue = logical(made, QUEUE, "QueueName", name)
        assert mapping["EventSourceArn"] == {"Fn::GetAtt": [queue, "Arn"]}


def test_every_queue_is_encrypted_keeps_for_long_and_takes_tls_only(made: Stacks) -> None:
    there = made.named(QUEUE, "QueueName", "pipeline")
    lines = {made.names.queue(stream.name, fifo=True) for stream in resources.STREAMS}
    assert set(there) == set(queues.dead_letters(made.names)) | lines
    closed = set()
    for policy in made.every("AWS::SQS::QueuePolicy", "pipeline"):
        refused = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        if {"Bool": {"aws:SecureTransport": "false"}} in [s["Condition"] for s in refused]:
            closed |= {queue["Ref"] for queue in policy["Queues"]}
    for name, queue in there.items():
        assert queue["SqsManagedSseEnabled"] is True
        assert queue["MessageRetentionPeriod"] == 14 * 86400
        assert queue.get("FifoQueue", False) is name.endswith(".fifo")
        assert logical(made, QUEUE, "QueueName", name) in closed


def test_builds_have_nothing_of_ours_within_reach(made: Stacks) -> None:
    (project,) = made.every("AWS::CodeBuild::Project")
    assert project["Name"] == made.names.name("builds")
    assert project["Source"]["Type"] == "NO_SOURCE"
    assert project["Source"]["BuildSpec"] == (CHECKOUT / "runner" / "buildspec.yml").read_text()
    assert project["Artifacts"] == {"Type": "NO_ARTIFACTS"}
    assert project["Cache"] == {"Type": "NO_CACHE"}
    assert "VpcConfig" not in project
    machine = project["Environment"]
    assert machine["PrivilegedMode"] is False
    assert machine["Type"] == "ARM_CONTAINER"
    assert machine["Image"].startswith("aws/codebuild/amazonlinux-aarch64-standard:")
    assert "EnvironmentVariables" not in machine
    log = project["LogsConfig"]["CloudWatchLogs"]
    assert log["Status"] == "ENABLED"
    group = logical(made, "AWS::Logs::LogGroup", "LogGroupName", made.names.builds_log())
    assert log["GroupName"] == {"Ref": group}


def test_the_runner_is_put_where_orders_point(made: Stacks) -> None:
    (placed,) = made.every("Custom::Runner")
    variables = functions(made)["pipeline-build"]["Environment"]["Variables"]
    assert placed["bucket"] == made.names.bucket("sources")
    assert placed["key"] == variables["CLOUDDECK_RUNNER_KEY"]


def test_the_edge_is_asked_across_regions_only_from_another(made: Stacks) -> None:
    asked = {one["name"] for one in made.every("Custom::EdgeParameter", "pipeline")}
    there = {made.names.parameter_name(what) for what in PARAMETERS if PARAMETERS[what] == "edge"}
    away = made.names.of.region != "us-east-1"
    assert asked == (there if away else set())
