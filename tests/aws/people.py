"""Who acts from outside: IAM users with a key and exactly what they may."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

from tests.aws.ministack import Account, Keys

Json = dict[str, Any]


def user(account: Account, region: str, name: str, *statements: Json) -> Keys:
    """Make a user who may do what the statements say, and nothing else."""
    iam = account.client("iam", region)
    iam.create_user(UserName=name)
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=json.dumps(document))
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return Keys(made["AccessKeyId"], made["SecretAccessKey"])


def allow(actions: list[str], *resources: str) -> Json:
    """A statement."""
    return {"Effect": "Allow", "Action": actions, "Resource": list(resources)}


def role_statements(account: Account, region: str, role: str) -> list[Json]:
    """What a deployed role may do: for users who stand in where the emulator runs nothing."""
    iam = account.client("iam", region)
    return [
        statement
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
        for statement in _document(iam, role, name)["Statement"]
    ]


@contextlib.contextmanager
def without(account: Account, region: str, role: str, action: str, resource: str) -> Iterator[None]:
    """Take a right away from a role for a while: actions on resources, both regular expressions."""
    iam = account.client("iam", region)
    before = {
        name: _document(iam, role, name)
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    }
    after = {
        name: {**document, "Statement": list(_less(document["Statement"], action, resource))}
        for name, document in before.items()
    }
    assert before != after, f"{role} has no {action} on {resource}"
    try:
        _put(iam, role, after)
        yield
    finally:
        _put(iam, role, before)


def _less(statements: list[Json], action: str, resource: str) -> Iterator[Json]:
    for statement in statements:
        actions, resources = _listed(statement["Action"]), _listed(statement["Resource"])
        gone = [one for one in actions if re.fullmatch(action, one)]
        if kept := [one for one in actions if one not in gone]:
            yield {**statement, "Action": kept}
        if gone and (left := [one for one in resources if not re.search(resource, one)]):
            yield {**statement, "Action": gone, "Resource": left}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _put(iam: Any, role: str, policies: dict[str, Json]) -> None:
    for name, document in policies.items():
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def _document(iam: Any, role: str, name: str) -> Json:
    found = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    return dict(json.loads(found)) if isinstance(found, str) else dict(found)
