"""What CloudFormation does not do: the build agent in its bucket, the owner, a look at the API."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdk.install.aws import Account, absent_is_fine
from cdk.install.problems import Failed, Unreachable
from cdk.names import Names

if TYPE_CHECKING:
    from cdk.assets import Assets


@dataclass(frozen=True)
class Addresses:
    """Where an installation is; empty where it has none."""

    api: str
    console: str
    live: str


def upload_runner(account: Account, names: Names, assets: Assets) -> bool:
    """Put the build agent where builds fetch it; False when it lies there already."""
    client = account.client("s3")
    bucket, key = names.bucket("sources"), assets.runner_key
    with absent_is_fine("404", "NoSuchKey", "NotFound"):
        client.head_object(Bucket=bucket, Key=key)
        return False
    client.put_object(
        Bucket=bucket,
        Key=key,
        Body=assets.runner.read_bytes(),
        ContentType="application/zip",
        ChecksumAlgorithm="SHA256",
    )
    return True


def parameter(account: Account, names: Names, what: str, region: str = "") -> str:
    """A parameter that a stack wrote; empty when it is not there."""
    with absent_is_fine("ParameterNotFound"):
        answer = account.client("ssm", region).get_parameter(Name=names.parameter_name(what))
        return str(answer["Parameter"]["Value"])
    return ""


def addresses(account: Account, names: Names) -> Addresses:
    """What the stacks say of themselves."""
    return Addresses(
        parameter(account, names, "api-url"),
        parameter(account, names, "console-url"),
        parameter(account, names, "live-url"),
    )


def owner(account: Account, names: Names, request: dict[str, Any]) -> dict[str, Any]:
    """Ask the installation for its owner: `{"email","name"}` makes one unless there is one,
    `{"reset": True}` gives a new password. The password is in the answer and nowhere else."""
    answer = account.client("lambda").invoke(
        FunctionName=names.name("owner"), Payload=json.dumps(request).encode()
    )
    payload = answer["Payload"].read()
    if answer.get("FunctionError"):
        raise Failed(
            "owner_failed",
            f"The owner could not be made: {_sentence(payload)}",
            f"Look at the log {names.function_log('owner')}, then run the command again.",
        )
    document: dict[str, Any] = json.loads(payload)
    return document


def tell_console(account: Account, names: Names, console: str) -> None:
    """Tell the installation where its console is: CloudFront made that up after the API."""
    if console:
        owner(account, names, {"console": console})


def _sentence(payload: bytes) -> str:
    """What a function said of its failure, without the traceback."""
    try:
        return str(json.loads(payload).get("errorMessage", ""))[:500]
    except (ValueError, AttributeError):
        return "no reason was given"


def healthy(
    api: str,
    *,
    attempts: int = 10,
    pause: Callable[[float], None] = time.sleep,
) -> float:
    """Ask `/v1/health` until it answers; seconds of the good answer. Raises Unreachable."""
    why = "no address"
    for attempt in range(attempts if api else 0):
        if attempt:
            pause(min(2**attempt, 15))
        start = time.perf_counter()
        try:
            with urllib.request.urlopen(f"{api}/v1/health", timeout=30) as answer:  # noqa: S310  # AWS's own address, from a parameter
                if json.loads(answer.read(65_536)).get("status"):
                    return time.perf_counter() - start
                why = "an answer without a status"
        except (OSError, ValueError, AttributeError) as error:
            why = str(error)
    raise Unreachable(
        "api_not_healthy",
        f"{api or 'The API'} does not answer as it should: {why}",
        "`deck doctor --aws` looks at the rest; the log of the API is in CloudWatch.",
    )
