"""`python -m adapters.emergency rollback SITE`: a rollback with credentials of the cloud alone.

For when the API does not answer, or nobody can sign in. It runs the product's own use case in this
process, on the tables themselves: the same transaction, the same history, the same row of the edge.
Whatever of the control plane comes back agrees with it. It asks the cloud for its tables, and on
AWS for who is calling (STS), which distributions there are (SSM) and the removal of what caches
hold (CloudFront); without these the rollback reaches visitors with the route.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from typing import Any

UNREACHABLE, REFUSED = 5, 1
MOST_TEXT = 400


def main(argv: list[str] | None = None) -> int:
    """Roll a site back; 0 when it was, 1 when it cannot be, 5 when the cloud does not answer."""
    given = _parser().parse_args(argv)
    try:
        who = _aws(given) if given.cloud == "aws" else _local(given)
        moved = rollback(given.site, given.to, given.reason, who)
    except Exception as error:
        return _failed(error, as_json=given.json)
    print(json.dumps(moved) if given.json else _sentence(moved))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m adapters.emergency", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    one = commands.add_parser("rollback", help="go back, and stay there until unpinned")
    one.add_argument("site", help="id or slug of the project")
    one.add_argument("--to", metavar="DEPLOYMENT", help="which (default: the one before)")
    one.add_argument("--reason", default="", help="why, for the history")
    one.add_argument("--cloud", choices=("aws", "local"), default="aws")
    one.add_argument("--prefix", default="clouddeck", help="which installation")
    one.add_argument("--region", help="home region (default: that of the credentials)")
    one.add_argument("--aws-profile", help="profile of the AWS CLI with the credentials")
    one.add_argument("--home", help="data folder of an embedded cloud")
    one.add_argument("--json", action="store_true")
    return parser


def rollback(site: str, to: str | None, reason: str, who: str) -> dict[str, Any]:
    """Roll a site back in the name of `who`, and write it into its audit log.

    The environment says which installation. Raises Problem as the API would.
    """
    importlib.import_module("chalicelib.wiring").install()
    from chalicelib.audit import actions as audit
    from chalicelib.core.actor import Actor
    from chalicelib.deployments.actions import pointer
    from chalicelib.projects import actions as projects

    actor = Actor("platform", who)
    project = projects.resolve(site)
    words = reason or "rolled back without the control plane"
    moved = pointer.rollback(actor, project, to, words)
    audit.record(
        f"{project.id}:{int(moved.generation)}",
        project.team,
        "deployments.rollback",
        project.id,
        actor=actor,
        label=project.slug,
        after={"deployment": moved.deployment, "reason": words, "pinned": True},
    )
    return pointer.view(project)


def _aws(given: argparse.Namespace) -> str:
    """Point this process at an installation on AWS; the ARN of whoever calls."""
    if given.aws_profile:
        os.environ["AWS_PROFILE"] = given.aws_profile
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    quick = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2})

    session = boto3.Session(region_name=given.region)
    region = session.region_name or "us-east-1"
    wanted = {"CLOUDDECK_CLOUD": "aws", "CLOUDDECK_PREFIX": given.prefix, "AWS_REGION": region}
    who = "credentials of the account"
    try:
        caller = session.client("sts", region_name=region, config=quick).get_caller_identity()
        who, wanted["CLOUDDECK_ACCOUNT"] = str(caller["Arn"]), str(caller["Account"])
        parameter = session.client("ssm", region_name=region, config=quick).get_parameter(
            Name=f"/{given.prefix}/distributions"
        )
        wanted["CLOUDDECK_DISTRIBUTIONS"] = str(parameter["Parameter"]["Value"])
    except (BotoCoreError, ClientError) as error:
        text = str(error)[:MOST_TEXT]
        print(f"clouddeck: caches are not dropped, visitors follow: {text}", file=sys.stderr)
    os.environ.update(wanted)
    return who


def _local(given: argparse.Namespace) -> str:
    """Point this process at the embedded cloud of a data folder; whose computer it is."""
    import getpass

    from adapters.local.settings import installation

    os.environ.update(installation(given.home, None).product_environment())
    return f"{getpass.getuser()} at this computer"


def _failed(error: Exception, *, as_json: bool) -> int:
    """Say what happened, whose fault it is and what to do; the exit code."""
    refused = hasattr(error, "code") and hasattr(error, "hint")
    code = getattr(error, "code", "") if refused else "cloud_unreachable"
    hint = getattr(error, "hint", "") if refused else "Check credentials, region and --prefix."
    text = str(getattr(error, "detail", "") or error)[:MOST_TEXT] or type(error).__name__
    if as_json:
        print(json.dumps({"error": {"code": code, "message": text, "hint": hint}}))
    else:
        print(f"clouddeck: {text}\n  {hint}".rstrip(), file=sys.stderr)
    return REFUSED if refused else UNREACHABLE


def _sentence(moved: dict[str, Any]) -> str:
    return f"{moved['url']} now serves {moved['deployment']}, pinned until `deck unpin`"


if __name__ == "__main__":
    sys.exit(main())
