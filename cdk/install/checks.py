"""What is looked at before anything is changed: credentials, region, permissions, limits, CDK."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from cdk.install import quotas
from cdk.install.aws import Account, absent_is_fine
from cdk.install.problems import error_code
from cdk.install.terminal import Finding
from cdk.settings import EDGE_REGION, Installation

SERVICES = (
    *("apigateway", "apigatewayv2", "codebuild", "dynamodb", "events", "kms", "lambda", "pipes"),
    *("s3", "sqs", "ssm", "stepfunctions"),
)
"""What the home region must have; CloudFront, its certificates and Lambda@Edge are elsewhere."""

ACTIONS = (
    *("cloudformation:CreateChangeSet", "cloudformation:DeleteStack", "iam:PassRole"),
    *("ssm:GetParameter", "ssm:PutParameter", "s3:PutObject", "s3:DeleteObject"),
    *("lambda:InvokeFunction", "route53:ListHostedZones", "route53:GetHostedZone"),
    *("servicequotas:ListServiceQuotas", "cloudwatch:DescribeAlarms", "sqs:GetQueueAttributes"),
    *("dynamodb:UpdateTable", "kms:ScheduleKeyDeletion", "sts:AssumeRole"),
)
"""What `python -m cdk` does itself. Everything else is done by CDK's own roles, which bootstrap
makes: whoever may assume those needs no permission of the services themselves."""

BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"
OLDEST_BOOTSTRAP = 8
"""Since this version CDK's roles may read the parameter that tells the version."""


def account_rows(account: Account) -> Iterator[Finding]:
    """Credentials, region, permissions."""
    who = account.identity
    if who.is_root:
        hint = "Make an administrator (IAM Identity Center) and use that for everything."
        yield Finding("credentials", "warn", f"root user of account {who.account}", hint)
    else:
        yield Finding("credentials", "ok", f"{who.arn} in account {who.account}")
    yield region_row(account)
    yield permissions_row(account)


def region_row(account: Account) -> Finding:
    """Whether the region has all services and is switched on in this account."""
    region = account.region
    missing = [
        service
        for service in SERVICES
        if region not in account.session.get_available_regions(service)
    ]
    if missing:
        hint = "Name another one with --region, for example eu-central-1 or us-east-1."
        return Finding("region", "fail", f"{region} does not have {', '.join(missing)}", hint)
    try:
        status = account.client("account", EDGE_REGION).get_region_opt_status(RegionName=region)
    except ClientError as error:
        detail = f"{region}; whether it is enabled could not be read ({error_code(error)})"
        return Finding("region", "warn", detail, "Enable it in the account's settings if it is not")
    if status["RegionOptStatus"] not in {"ENABLED", "ENABLED_BY_DEFAULT"}:
        detail = f"{region} is {status['RegionOptStatus'].lower()} in this account"
        return Finding("region", "fail", detail, "Enable it under Account, AWS Regions.")
    return Finding("region", "ok", region)


def permissions_row(account: Account) -> Finding:
    """What the credentials may do, as IAM simulates it; an organization may allow less."""
    if account.identity.is_root:
        return Finding("permissions", "ok", "the root user may do everything")
    try:
        answer = account.client("iam").simulate_principal_policy(
            PolicySourceArn=principal(account), ActionNames=list(ACTIONS)
        )
    except ClientError as error:
        hint = "docs/install.md lists what is needed; an error during the install would name it."
        return Finding("permissions", "warn", f"could not be checked ({error_code(error)})", hint)
    denied = [
        result["EvalActionName"]
        for result in answer["EvaluationResults"]
        if result["EvalDecision"] != "allowed"
    ]
    if denied:
        hint = "Ask whoever administers the account, or use other credentials (--aws-profile)."
        return Finding("permissions", "fail", f"not allowed: {', '.join(denied)}", hint)
    return Finding("permissions", "ok", f"{len(ACTIONS)} actions are allowed")


def principal(account: Account) -> str:
    """The ARN that IAM can simulate: of the user, or of the role behind an assumed one."""
    who = account.identity
    if not who.role:
        return who.arn
    return str(account.client("iam").get_role(RoleName=who.role)["Role"]["Arn"])


def quota_rows(
    account: Account, installation: Installation
) -> tuple[list[Finding], list[tuple[quotas.Quota, str]]]:
    """Rows about limits, and which should be raised."""
    rows, low = [], []
    for quota in quotas.of(installation):
        row, code = quotas.check(account, quota)
        rows.append(row)
        if code:
            low.append((quota, code))
    return rows, low


def cloudfront_row(account: Account) -> Finding:
    """Whether the account has made distributions before: AWS verifies new accounts by hand and
    says so only when one is made."""
    try:
        answer = account.client("cloudfront", EDGE_REGION).list_distributions(MaxItems="1")
    except ClientError as error:
        return Finding("cloudfront", "warn", f"could not be asked ({error_code(error)})")
    if int(answer["DistributionList"].get("Quantity", 0)):
        return Finding("cloudfront", "ok", "this account has distributions")
    hint = "If the edge's stack stops with 'must be verified', open a free case with AWS Support."
    return Finding("cloudfront", "warn", "first distribution of this account", hint)


def mail_row(account: Account, installation: Installation) -> Finding:
    """Whether SES sends mail from the address that was named, and to whom."""
    sender = installation.mail_from
    if not sender:
        hint = "Add --mail-from with an address that SES has verified (docs/install.md)."
        detail = "no sender was named: nobody can sign up, be invited or reset a password by mail"
        return Finding("mail", "warn", detail, hint)
    client = account.client("sesv2")
    hint = f"Verify {sender} or its domain in SES, in {account.region}."
    try:
        known = [name for name in (sender, sender.partition("@")[2]) if _verified(client, name)]
        everybody = bool(client.get_account().get("ProductionAccessEnabled"))
    except ClientError as error:
        return Finding("mail", "warn", f"SES could not be asked ({error_code(error)})", hint)
    if not known:
        return Finding("mail", "warn", f"SES has not verified {sender}: it sends nothing", hint)
    if not everybody:
        hint = "Ask for production access in SES, under Account dashboard."
        detail = f"{sender}; SES is in its sandbox and sends to verified addresses only"
        return Finding("mail", "warn", detail, hint)
    return Finding("mail", "ok", f"from {sender}")


def _verified(client: Any, identity: str) -> bool:
    with absent_is_fine("NotFoundException"):
        answer = client.get_email_identity(EmailIdentity=identity)
        return bool(answer.get("VerifiedForSendingStatus"))
    return False


def bootstrapped(account: Account, region: str) -> int:
    """Version of CDK's own stack in a region; 0 when there is none."""
    try:
        answer = account.client("ssm", region).get_parameter(Name=BOOTSTRAP)
    except ClientError as error:
        if error_code(error) == "ParameterNotFound":
            return 0
        raise
    return int(answer["Parameter"]["Value"])


def unprepared_regions(account: Account) -> list[str]:
    """Regions in which `cdk bootstrap` has to run before."""
    regions = dict.fromkeys((account.region, EDGE_REGION))
    return [region for region in regions if bootstrapped(account, region) < OLDEST_BOOTSTRAP]
