"""Who acts from outside: IAM users with a key and exactly what they may."""

from __future__ import annotations

import json
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


def _document(iam: Any, role: str, name: str) -> Json:
    found = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    return dict(json.loads(found)) if isinstance(found, str) else dict(found)
