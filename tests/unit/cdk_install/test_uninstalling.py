"""Removing an installation: order, what stays, what is said of replicas, and running it again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cdk.install import data, remembered, tenants, uninstalling
from cdk.install.problems import Failed, Refused
from cdk.install.remembered import Remembered
from cdk.install.terminal import Terminal
from cdk.install.uninstalling import Stack
from cdk.names import STACKS
from tests.unit.cdk_install.conftest import REGION, options


@pytest.fixture
def memory(account, installation):
    return remembered.save(
        account, Remembered(installation, "0.1.0", "a" * 40, "runner/a.pyz", "installed")
    )


@pytest.fixture
def world(monkeypatch):
    """Stacks that are there until somebody deletes them; what was done, in order."""
    state = {"there": list(STACKS), "done": []}

    def remove(_account, stack, _names, _terminal):
        state["there"].remove(stack.what)
        state["done"].append(stack.what)

    def stacks(_account, names):
        return [
            Stack(w, names.stack(w), REGION, "CREATE_COMPLETE" if w in state["there"] else "")
            for w in STACKS
        ]

    def deleted(*_):
        state["done"].append("data deleted")

    monkeypatch.setattr(uninstalling, "remove", remove)
    monkeypatch.setattr(uninstalling, "stacks", stacks)
    monkeypatch.setattr(tenants, "remove", lambda *_: state["done"].append("domains"))
    monkeypatch.setattr(data, "delete", deleted)
    return state


def test_everything_in_reverse_order(account, memory, world, terminal):
    document = uninstalling.uninstall(options(), terminal)
    assert document == {"removed": True, "kept_data": False}
    assert world["done"] == ["domains", *reversed(STACKS), "data deleted"]
    assert remembered.find(account, "clouddeck") is None


def test_the_data_can_stay(account, memory, world, terminal, capsys):
    uninstalling.uninstall(options(keep_data=True), terminal)
    assert world["there"] == ["data"]
    assert "data deleted" not in world["done"]
    assert remembered.find(account, "clouddeck").status == "kept"
    assert "tables, buckets, keys" in capsys.readouterr().err


def test_kept_data_can_go_later(account, memory, world, terminal):
    uninstalling.uninstall(options(keep_data=True), terminal)
    uninstalling.uninstall(options(), terminal)
    assert world["there"] == []
    assert remembered.find(account, "clouddeck") is None


def test_it_continues_where_it_stopped(account, memory, world, terminal, monkeypatch):
    good = uninstalling.remove

    def edge_fails(account, stack, names, terminal):
        if stack.what == "edge" and "failed" not in world:
            world["failed"] = True
            raise Failed("replicas_remain", "edge")
        good(account, stack, names, terminal)

    monkeypatch.setattr(uninstalling, "remove", edge_fails)
    with pytest.raises(Failed):
        uninstalling.uninstall(options(), terminal)
    assert remembered.find(account, "clouddeck").status == "removing"
    uninstalling.uninstall(options(), terminal)
    assert world["there"] == []


def test_a_dry_run_changes_nothing(account, memory, world, terminal):
    document = uninstalling.uninstall(options(dry_run=True), terminal)
    assert [stack["what"] for stack in document["stacks"]] == list(reversed(STACKS))
    assert world["done"] == []
    assert remembered.find(account, "clouddeck") == memory


def test_the_prefix_has_to_be_typed(memory, world, monkeypatch):
    class Person:
        def __init__(self, says):
            self.says = says

        def isatty(self):
            return True

        def readline(self):
            return self.says + "\n"

    for says in ("y", "yes", "cloud", ""):
        monkeypatch.setattr("sys.stdin", Person(says))
        with pytest.raises(Refused, match="Nothing was changed"):
            uninstalling.uninstall(options(), Terminal())
    assert world["done"] == []
    monkeypatch.setattr("sys.stdin", Person("clouddeck"))
    assert uninstalling.uninstall(options(), Terminal())["removed"]


# -- one stack -------------------------------------------------------------------------------------

EDGE = Stack("edge", "clouddeck-edge", "us-east-1", "CREATE_COMPLETE")


def described(client, status):
    made = {"StackName": "clouddeck-edge", "CreationTime": datetime.now(UTC)}
    client.add_response("describe_stacks", {"Stacks": [{**made, "StackStatus": status}]})


def gone(client):
    client.add_client_error("describe_stacks", "ValidationError", "Stack x does not exist")


def test_a_stack_is_waited_for(account, names, stub, terminal):
    client = stub("cloudformation", "us-east-1")
    client.add_response("delete_stack", {}, {"StackName": "clouddeck-edge"})
    described(client, "DELETE_IN_PROGRESS")
    gone(client)
    waits = []
    uninstalling.remove(account, EDGE, names, terminal, waits.append)
    assert len(waits) == 1


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("Lambda was unable to delete x because it is a replicated function.", "replicas_remain"),
        ("The bucket you tried to delete is not empty", "stack_failed"),
    ],
)
def test_a_stack_that_stays(account, names, stub, terminal, reason, code):
    client = stub("cloudformation", "us-east-1")
    client.add_response("delete_stack", {})
    described(client, "DELETE_FAILED")
    event = {"StackId": "s", "EventId": "1", "StackName": "clouddeck-edge"}
    event |= {"LogicalResourceId": "origin", "PhysicalResourceId": "p", "Timestamp": 0}
    event |= {"ResourceType": "AWS::Lambda::Function", "ResourceStatus": "DELETE_FAILED"}
    client.add_response(
        "describe_stack_events", {"StackEvents": [{**event, "ResourceStatusReason": reason}]}
    )
    with pytest.raises(Failed) as failed:
        uninstalling.remove(account, EDGE, names, terminal, lambda _: None)
    assert failed.value.code == code
    assert "deck uninstall" in failed.value.hint


def test_the_protection_of_the_data_is_taken_off(account, names, stub, terminal, monkeypatch):
    asked = []
    monkeypatch.setattr(data, "unprotect", lambda *_: asked.append("tables"))
    client = stub("cloudformation", REGION)
    client.add_response(
        "update_termination_protection",
        {},
        {"StackName": "clouddeck-data", "EnableTerminationProtection": False},
    )
    client.add_response("delete_stack", {})
    gone(client)
    stack = Stack("data", "clouddeck-data", REGION, "CREATE_COMPLETE")
    uninstalling.remove(account, stack, names, terminal, lambda _: None)
    assert asked == ["tables"]


def test_a_deleted_stack_is_none(account, stub):
    client = stub("cloudformation", "us-east-1")
    described(client, "DELETE_COMPLETE")
    assert uninstalling.status(account, "clouddeck-edge", "us-east-1") == ""
