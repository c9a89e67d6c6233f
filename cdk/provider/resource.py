"""What CloudFormation cannot do itself. Runs in Lambda as one file, with boto3 alone.

`Custom::EdgeParameter` reads an SSM parameter of another region; `Custom::Runner` copies the
build agent into our own bucket, from which build machines fetch it; `Custom::Pages` unpacks the
console into its bucket.
"""

import io
import json
import mimetypes
import urllib.request
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Do what a custom resource asks and tell CloudFormation, whatever happens."""
    answer: dict[str, Any] = {
        "Status": "SUCCESS",
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "PhysicalResourceId": event["LogicalResourceId"],
    }
    try:
        if event["RequestType"] != "Delete":
            answer["Data"] = _WORK[event["ResourceType"]](event["ResourceProperties"])
    except Exception as fault:  # an answer that never comes holds the stack up for an hour
        answer.update(Status="FAILED", Reason=f"{type(fault).__name__}: {fault}"[:1000])
    request = urllib.request.Request(  # noqa: S310  # the address is CloudFormation's
        event["ResponseURL"], json.dumps(answer).encode(), {"Content-Type": ""}, method="PUT"
    )
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310  # as above
        return answer


def edge_parameter(properties: dict[str, str]) -> dict[str, Any]:
    """`{"name","region"}` -> `{"value"}`."""
    ssm = boto3.client("ssm", region_name=properties["region"])
    return {"value": ssm.get_parameter(Name=properties["name"])["Parameter"]["Value"]}


def runner(properties: dict[str, str]) -> dict[str, Any]:
    """`{"from_bucket","from_key","bucket","key"}`; copies one object."""
    boto3.client("s3").copy_object(
        Bucket=properties["bucket"],
        Key=properties["key"],
        CopySource={"Bucket": properties["from_bucket"], "Key": properties["from_key"]},
    )
    return {"key": properties["key"]}


def pages(properties: dict[str, str]) -> dict[str, Any]:
    """`{"from_bucket","from_key","bucket","config"}`; a zip becomes files, `config` config.json.

    What starts the console comes last, when all that it asks for is there. Old files stay for those
    who have the old page open; below `assets/` names change with the content, so browsers may keep
    them.
    """
    s3 = boto3.client("s3")
    asset = s3.get_object(Bucket=properties["from_bucket"], Key=properties["from_key"])
    with (
        zipfile.ZipFile(io.BytesIO(asset["Body"].read())) as packed,
        ThreadPoolExecutor(_AT_ONCE) as pool,
    ):

        def put(name: str) -> None:
            own = name == "config.json"
            s3.put_object(
                Bucket=properties["bucket"],
                Key=name,
                Body=properties["config"].encode() if own else packed.read(name),
                ContentType=content_type(name),
                CacheControl=_FOREVER if name.startswith("assets/") else "no-cache",
            )

        names = {name for name in packed.namelist() if not name.endswith("/")} | {"config.json"}
        for some in (names - _FIRST_ASKED, names & _FIRST_ASKED):
            list(pool.map(put, sorted(some)))
    return {"files": len(names)}


def content_type(name: str) -> str:
    """What a file is to a browser, by the end of its name."""
    known = _TYPES.get(name.rpartition(".")[2].lower())
    return known or mimetypes.guess_type(name)[0] or "application/octet-stream"


_AT_ONCE = 10
"""As many as boto3 keeps connections."""

_FIRST_ASKED = {"index.html", "landing.html", "sw.js"}
_FOREVER = "public, max-age=31536000, immutable"

_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "xml": "application/xml",
    "json": "application/json",
    "map": "application/json",
    "svg": "image/svg+xml",
    "png": "image/png",
    "webp": "image/webp",
    "ico": "image/x-icon",
    "webmanifest": "application/manifest+json",
    "woff2": "font/woff2",
    "wasm": "application/wasm",
}

_WORK: dict[str, Callable[[dict[str, str]], dict[str, Any]]] = {
    "Custom::EdgeParameter": edge_parameter,
    "Custom::Pages": pages,
    "Custom::Runner": runner,
}
