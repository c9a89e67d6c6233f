"""Registers in the embedded cloud what `chalicelib.resources` lists. Repeating it is harmless.

Runs as an errand of the supervisor after every start of MiniStack, which forgets everything
except S3. Says `ready` on its standard output when deployments can run, then warms a Lambda
worker and starts one sweep, which resumes whatever the last stop interrupted.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from adapters.local.settings import ACCOUNT, REGION, ROOT, SHIM
from chalicelib import resources
from chalicelib.core.config import settings

ROLE = f"arn:aws:iam::{ACCOUNT}:role/clouddeck-local"
SHIM_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{SHIM}"
_PRESENT = ("AlreadyExists", "AlreadyOwnedByYou", "ResourceConflict", "EntityAlreadyExists")
_PASSED_ON = ("CLOUDDECK_", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
_PASSED_ON_TOO = ("AWS_EC2_METADATA_DISABLED", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")


def tables() -> list[dict[str, Any]]:
    """DescribeTable documents of our tables; the database makes those that it does not have."""
    return [{"Table": _table(name)} for name in resources.TABLES]


def _table(name: str) -> dict[str, Any]:
    indexes = resources.INDEXES[name]
    columns = ["pk", "sk", *(column for index in indexes for column in index[1:])]
    document: dict[str, Any] = {
        "TableName": settings().table(name),
        "KeySchema": _keys("pk", "sk"),
        "AttributeDefinitions": [{"AttributeName": c, "AttributeType": "S"} for c in columns],
        "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
    }
    if indexes:
        document["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index,
                "KeySchema": _keys(hash_key, range_key),
                "Projection": {"ProjectionType": "ALL"},
            }
            for index, hash_key, range_key in indexes
        ]
    return document


def _keys(hash_key: str, range_key: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": hash_key, "KeyType": "HASH"},
        {"AttributeName": range_key, "KeyType": "RANGE"},
    ]


def definition(text: str) -> str:
    """A state machine file with every `${function}` replaced by the shim's ARN."""
    for function in {name for machine in resources.MACHINES for name in machine.functions}:
        text = text.replace("${" + function + "}", SHIM_ARN)
    return text


def archive() -> bytes:
    """The code package of the shim."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as package:
        package.write(Path(__file__).with_name("shim.py"), "shim.py")
    return memory.getvalue()


def shim_environment(environ: dict[str, str]) -> dict[str, str]:
    """What a Lambda worker needs to find our code, our libraries and the other parts."""
    kept = {
        name: value
        for name, value in environ.items()
        if name.startswith(_PASSED_ON) or name in _PASSED_ON_TOO
    }
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    return {**kept, "PYTHONPATH": os.pathsep.join([*libraries, str(ROOT)]), "NO_PROXY": "*"}


def main() -> None:
    """Register everything, say so, then warm up and sweep."""
    cloud = _Cloud()
    _wait_for(f"{os.environ['AWS_ENDPOINT_URL']}/_ministack/health")
    cloud.register()
    print("ready", flush=True)
    cloud.warm()
    cloud.sweep()


def _wait_for(url: str, seconds: float = 60) -> None:
    opener = build_opener(ProxyHandler({}))
    deadline = time.monotonic() + seconds
    while True:
        try:
            with opener.open(url, timeout=2):
                return
        except (URLError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


_CORS = {
    "CORSRules": [
        {
            "AllowedMethods": ["PUT"],
            "AllowedOrigins": ["http://localhost:*", "http://127.0.0.1:*"],
            "AllowedHeaders": ["*"],
            "MaxAgeSeconds": 3000,
        }
    ]
}
"""The console uploads straight into the store, as `cdk/data_stack.py` lets it on AWS."""


class _Cloud:
    """The clients, opened before MiniStack answers: loading them takes as long as its start."""

    def __init__(self) -> None:
        import boto3
        from botocore.config import Config

        session = boto3.session.Session()
        config = Config(retries={"total_max_attempts": 3}, read_timeout=70)
        made = {n: session.client(n, config=config) for n in ("s3", "iam", "lambda", "events")}
        self._s3, self._iam, self._lambda, self._events = made.values()
        self._states = session.client("stepfunctions", config=config)

    def register(self) -> None:
        """Create what is absent and bring up to date what is there."""
        _unless_present(self._role)
        with ThreadPoolExecutor(4) as pool:
            errands = [self._buckets, self._function, self._rules]
            done = [pool.submit(errand) for errand in errands]
            for one in done:
                one.result()
        self._machines()

    def warm(self) -> None:
        """Have two Lambda workers import every handler: one serves while the other does."""
        invoke = partial(self._lambda.invoke, FunctionName=SHIM, Payload=b'{"warm":true}')
        with ThreadPoolExecutor(2) as pool:
            for one in [pool.submit(invoke) for _ in range(2)]:
                one.result()

    def sweep(self) -> None:
        """Resume what the last stop interrupted."""
        for schedule in resources.SCHEDULES:
            payload = json.dumps({"schedule": schedule.name}).encode()
            self._lambda.invoke(FunctionName=SHIM, InvocationType="Event", Payload=payload)

    def _role(self) -> None:
        trust = _policy(
            {
                "Principal": {"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]},
                "Action": "sts:AssumeRole",
            }
        )
        name = ROLE.rpartition("/")[2]
        self._iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        self._iam.put_role_policy(
            RoleName=name,
            PolicyName="all",
            PolicyDocument=_policy({"Action": "*", "Resource": "*"}),
        )

    def _buckets(self) -> None:
        for bucket in resources.everywhere(resources.BUCKETS):
            name = settings().bucket(bucket.name)
            _unless_present(partial(self._s3.create_bucket, Bucket=name))
            if bucket.name in {"sites", "sources"}:
                self._s3.put_bucket_cors(Bucket=name, CORSConfiguration=_CORS)

    def _function(self) -> None:
        functions = resources.everywhere(resources.FUNCTIONS)
        setting = {
            "FunctionName": SHIM,
            "Runtime": f"python{sys.version_info.major}.{sys.version_info.minor}",
            "Role": ROLE,
            "Handler": "shim.handler",
            "Timeout": max(function.timeout_seconds for function in functions),
            "MemorySize": max(function.memory_mb for function in functions),
            "Environment": {"Variables": shim_environment(dict(os.environ))},
        }
        code = archive()
        create = partial(self._lambda.create_function, Code={"ZipFile": code})
        if not _unless_present(partial(create, **setting)):
            self._lambda.update_function_code(FunctionName=SHIM, ZipFile=code)
            self._lambda.update_function_configuration(**setting)

    def _rules(self) -> None:
        bus = settings().bus
        _unless_present(partial(self._events.create_event_bus, Name=bus))
        # One rule for all: every event comes to the shim once, which knows all who hear it.
        kinds = {k: None for rule in resources.everywhere(resources.RULES) for k in rule.kinds}
        pattern = {"source": [resources.EVENT_SOURCE], "detail-type": list(kinds)}
        name = f"{settings().prefix}-events"
        self._events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps(pattern))
        target = {"Id": "shim", "Arn": SHIM_ARN}
        self._events.put_targets(Rule=name, EventBusName=bus, Targets=[target])
        for schedule in resources.SCHEDULES:
            self._repeat(schedule.name, schedule.rate, {"schedule": schedule.name})
        self._repeat("expiry", "rate(1 hour)", {"expire": True})

    def _repeat(self, name: str, rate: str, event: dict[str, Any]) -> None:
        rule = f"{settings().prefix}-{name}"
        self._events.put_rule(Name=rule, ScheduleExpression=rate)
        target = {"Id": name, "Arn": SHIM_ARN, "Input": json.dumps(event)}
        self._events.put_targets(Rule=rule, Targets=[target])

    def _machines(self) -> None:
        for machine in resources.MACHINES:
            file = ROOT / "state_machines" / f"{machine.name}.asl.json"
            text = definition(file.read_text())
            name = f"{settings().prefix}-{machine.name}"
            create = partial(self._states.create_state_machine, name=name, definition=text)
            if not _unless_present(partial(create, roleArn=ROLE)):
                self._states.update_state_machine(
                    stateMachineArn=settings().machine_arn(machine.name), definition=text
                )


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def _unless_present(create: Callable[[], Any]) -> bool:
    """Whether `create` made something; False when it was there already."""
    from botocore.exceptions import ClientError

    try:
        create()
    except ClientError as error:
        if any(word in error.response["Error"]["Code"] for word in _PRESENT):
            return False
        raise
    return True


if __name__ == "__main__":
    main()
