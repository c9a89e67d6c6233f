"""`deck doctor --aws`: how an installation is, row by row; nothing is changed."""

from __future__ import annotations

import socket
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cdk.install import checks, finishing, prepare, remembered, zone
from cdk.install.aws import Account, pages
from cdk.install.problems import Problem, error_code
from cdk.install.remembered import Remembered
from cdk.install.terminal import Finding, Terminal, rows_as_data, rows_as_text
from cdk.install.uninstalling import Stack, stacks
from cdk.names import Names
from cdk.settings import EDGE_REGION

STORE_BYTES = 5 * 1024 * 1024
"""The largest KeyValueStore."""

QUIET_MINUTES = 10
CERTIFICATE_DAYS = 20
"""AWS renews a certificate weeks before it ends; one that is nearer to its end was not renewed."""

GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")
OURS = "CloudWatch has the log of each function below /aws/lambda/."


def doctor(given: Namespace, terminal: Terminal) -> dict[str, Any]:
    """Every row; `ok` is False when one of them fails."""
    account = Account.open(given.aws_profile, given.region)
    memory = remembered.the(account, given.prefix)
    account.region = memory.installation.region
    rows = list(examine(account, memory))
    document = {"ok": all(row.state != "fail" for row in rows), "checks": rows_as_data(rows)}
    terminal.result(document, rows_as_text(rows))
    return document


def examine(account: Account, memory: Remembered) -> Iterator[Finding]:
    """The rows; one that AWS does not let us look at is a warning."""
    names = Names(memory.installation)
    yield _version(memory)
    found = stacks(account, names)
    for stack in found:
        yield _stack(stack)
    looks: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
        ("api", lambda: _api(account, names)),
        ("sweep", lambda: _sweep(account, names)),
        ("runner", lambda: _runner(account, names, memory)),
        ("alarms", lambda: _alarms(account, found)),
        ("lost", lambda: _lost(account, found)),
        ("routes", lambda: _routes(account, names)),
        ("certificate", lambda: _certificate(account, found)),
        ("dns", lambda: _dns(account, memory)),
        ("quotas", lambda: iter(checks.quota_rows(account, memory.installation)[0])),
    )
    for name, look in looks:
        yield from _guarded(name, look)


def _guarded(name: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from look()
    except (ClientError, BotoCoreError) as error:
        why = error_code(error) or type(error).__name__
        yield Finding(name, "warn", f"could not be looked at ({why})", str(error)[:200])


def _version(memory: Remembered) -> Finding:
    here = prepare.version()
    text = f"{memory.version} {memory.commit[:12]}, {memory.status} {memory.at}"
    if memory.status != "installed":
        return Finding("version", "warn", text, "Finish with `deck install` or `deck uninstall`.")
    if (memory.version, memory.commit) != (here, prepare.commit()):
        hint = f"This checkout is {here} {prepare.commit()[:12]}: `deck upgrade` installs it."
        return Finding("version", "warn", text, hint)
    return Finding("version", "ok", text)


def _stack(stack: Stack) -> Finding:
    name = f"stack {stack.what}"
    if stack.status in GOOD:
        return Finding(name, "ok", f"{stack.status} in {stack.region}")
    if not stack.status:
        return Finding(name, "fail", "not there", "`deck upgrade` makes what is missing.")
    if stack.status.endswith("_IN_PROGRESS"):
        return Finding(name, "warn", stack.status, "Somebody deploys right now; look again later.")
    if stack.status == "UPDATE_ROLLBACK_COMPLETE":
        hint = "The last update failed and was taken back; `deck upgrade` shows why."
        return Finding(name, "warn", stack.status, hint)
    return Finding(name, "fail", stack.status, "`deck upgrade` tries again and shows the reason.")


def _api(account: Account, names: Names) -> Iterator[Finding]:
    where = finishing.addresses(account, names).api
    try:
        seconds = finishing.healthy(where, attempts=1)
    except Problem as problem:
        yield Finding("api", "fail", problem.message, OURS)
        return
    yield Finding("api", "ok", f"{where} answers in {seconds * 1000:.0f} ms")


def _sum(account: Account, names: Names, function: str, metric: str) -> float:
    """A metric of a function over the last minutes."""
    now = datetime.now(UTC)
    answer = account.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName=metric,
        Dimensions=[{"Name": "FunctionName", "Value": names.name(function)}],
        StartTime=now - timedelta(minutes=QUIET_MINUTES),
        EndTime=now,
        Period=60 * QUIET_MINUTES,
        Statistics=["Sum"],
    )
    return sum(float(point["Sum"]) for point in answer["Datapoints"])


def _sweep(account: Account, names: Names) -> Iterator[Finding]:
    calls = _sum(account, names, "sweep", "Invocations")
    errors = _sum(account, names, "sweep", "Errors")
    text = f"{calls:g} runs, {errors:g} errors in {QUIET_MINUTES} minutes"
    if not calls:
        hint = "It should run once a minute: is its schedule enabled, is Lambda throttled?"
        yield Finding("sweep", "fail", text, hint)
    elif errors:
        yield Finding("sweep", "warn", text, f"Read {names.function_log('sweep')}.")
    else:
        yield Finding("sweep", "ok", text)


def _runner(account: Account, names: Names, memory: Remembered) -> Iterator[Finding]:
    bucket = names.bucket("sources")
    try:
        answer = account.client("s3").head_object(Bucket=bucket, Key=memory.runner)
    except ClientError as error:
        if error_code(error) not in {"404", "NoSuchKey", "NotFound"}:
            raise
        hint = "No build can start; `deck upgrade` uploads it."
        yield Finding("runner", "fail", f"{memory.runner} is not in {bucket}", hint)
        return
    yield Finding("runner", "ok", f"{memory.runner}, {answer['ContentLength']:,} bytes")


def _made(account: Account, found: list[Stack], kind: str) -> Iterator[tuple[Stack, str]]:
    """(stack, physical id) of every resource of a type in our stacks."""
    for stack in found:
        if stack.status:
            client = account.client("cloudformation", stack.region)
            listed = pages(
                client, "list_stack_resources", "StackResourceSummaries", StackName=stack.name
            )
            for resource in listed:
                if resource["ResourceType"] == kind and resource.get("PhysicalResourceId"):
                    yield stack, str(resource["PhysicalResourceId"])


def _alarms(account: Account, found: list[Stack]) -> Iterator[Finding]:
    ours: dict[str, list[str]] = {}
    for stack, name in _made(account, found, "AWS::CloudWatch::Alarm"):
        ours.setdefault(stack.region, []).append(name)
    total, ringing = 0, []
    for region, named in ours.items():
        client = account.client("cloudwatch", region)
        total += len(named)
        for start in range(0, len(named), 100):
            answer = client.describe_alarms(AlarmNames=named[start : start + 100])
            ringing += [a for a in answer["MetricAlarms"] if a["StateValue"] == "ALARM"]
    for alarm in ringing:
        hint = "docs/operate.md says what each alarm means."
        yield Finding(f"alarm {alarm['AlarmName']}", "fail", alarm.get("StateReason", ""), hint)
    if not ringing:
        yield Finding("alarms", "ok", f"none of {total} rings")


def _lost(account: Account, found: list[Stack]) -> Iterator[Finding]:
    total, waiting = 0, 0
    for stack, url in _made(account, found, "AWS::SQS::Queue"):
        name = url.rpartition("/")[2]
        if not name.removesuffix(".fifo").endswith("-lost"):
            continue
        answer = account.client("sqs", stack.region).get_queue_attributes(
            QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        depth = int(answer["Attributes"]["ApproximateNumberOfMessages"])
        total, waiting = total + 1, waiting + depth
        if depth:
            hint = "Work that nobody did: docs/operate.md says how to look at it and repeat it."
            yield Finding("lost", "fail", f"{depth} messages in {name}", hint)
    if not waiting:
        yield Finding("lost", "ok", f"nothing in {total} dead-letter queues")


def _routes(account: Account, names: Names) -> Iterator[Finding]:
    arn = finishing.parameter(account, names, "routes-store", EDGE_REGION)
    if not arn:
        yield Finding("routes", "fail", "there is no KeyValueStore", "`deck upgrade` makes it.")
        return
    answer = account.client("cloudfront-keyvaluestore", EDGE_REGION).describe_key_value_store(
        KvsARN=arn
    )
    size, count = int(answer["TotalSizeInBytes"]), int(answer["ItemCount"])
    share = size * 100 // STORE_BYTES
    text = f"{count:,} sites, {size:,} bytes ({share} % of the store)"
    hint = "Sites beyond the store are served from their rows, more slowly."
    yield Finding("routes", "warn" if share >= 80 else "ok", text, hint)


def _certificate(account: Account, found: list[Stack]) -> Iterator[Finding]:
    for stack, arn in _made(account, found, "AWS::CertificateManager::Certificate"):
        answer = account.client("acm", stack.region).describe_certificate(CertificateArn=arn)
        made = answer["Certificate"]
        name = f"certificate {made['DomainName']}"
        if made["Status"] != "ISSUED":
            hint = "Its proof is a DNS record in the hosted zone: is the zone delegated?"
            yield Finding(name, "fail", made["Status"], hint)
            continue
        days = int((made["NotAfter"].timestamp() - time.time()) // 86_400)
        hint = "AWS renews it while its DNS record is there; look at it in the ACM console."
        yield Finding(name, "ok" if days > CERTIFICATE_DAYS else "fail", f"{days} days left", hint)


def _dns(account: Account, memory: Remembered) -> Iterator[Finding]:
    of = memory.installation
    if not of.domain:
        yield Finding("dns", "warn", "installed without a domain")
        return
    if of.zone:
        found = zone.find(account, of.domain, of.zone)
        if found is not None:
            yield zone.delegation(account, found)
    host = f"clouddeck-doctor.{of.domain}"
    try:
        answers = {item[4][0] for item in socket.getaddrinfo(host, 443, proto=socket.IPPROTO_TCP)}
    except OSError as error:
        hint = "The wildcard record is made by the edge's stack; new records take minutes."
        yield Finding("wildcard", "fail", f"{host} is not found: {error}", hint)
        return
    yield Finding("wildcard", "ok", f"*.{of.domain} resolves to {len(answers)} addresses")
