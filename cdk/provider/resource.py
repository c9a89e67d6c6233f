"""What CloudFormation cannot do itself. Runs in Lambda as one file, with boto3 alone.

`Custom::EdgeParameter` reads an SSM parameter of another region; `Custom::Runner` copies the
build agent into our own bucket, from which build machines fetch it.
"""

import json
import urllib.request

import boto3


def handler(event, _context):  # noqa: ANN001, ANN201  # CloudFormation's own shape
    """Do what a custom resource asks and tell CloudFormation, whatever happens."""
    answer = {
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
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310
        return answer


def edge_parameter(properties):  # noqa: ANN001, ANN201
    """`{"name","region"}` -> `{"value"}`."""
    ssm = boto3.client("ssm", region_name=properties["region"])
    return {"value": ssm.get_parameter(Name=properties["name"])["Parameter"]["Value"]}


def runner(properties):  # noqa: ANN001, ANN201
    """`{"from_bucket","from_key","bucket","key"}`; copies one object."""
    boto3.client("s3").copy_object(
        Bucket=properties["bucket"],
        Key=properties["key"],
        CopySource={"Bucket": properties["from_bucket"], "Key": properties["from_key"]},
    )
    return {"key": properties["key"]}


_WORK = {"Custom::EdgeParameter": edge_parameter, "Custom::Runner": runner}
