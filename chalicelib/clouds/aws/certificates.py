"""Certificates that CloudFront does not make itself: for wildcards, and those people bring.

All live in us-east-1, where CloudFront looks for them: `acm` is a client for that region.
"""

from __future__ import annotations

import hashlib
import time
from typing import Any

from chalicelib.clouds.aws.session import code_of
from chalicelib.edge.rules.domains import Brought, Certificate, DnsRecord, State

_FAILED = {"FAILED", "VALIDATION_TIMED_OUT", "REVOKED", "EXPIRED", "INACTIVE"}
_GONE = {"ResourceNotFoundException", "InvalidArnException"}


def order(acm: Any, host: str, *, again: bool = False) -> str:
    """ARN of a certificate for a host, proven by DNS; asked again within an hour it is the same.

    With `again` another one is ordered, because the last one failed.
    """
    turn = str(int(time.time()) // 3600) if again else ""
    token = hashlib.sha256(f"{host}{turn}".encode()).hexdigest()[:32]
    answer = acm.request_certificate(
        DomainName=host, ValidationMethod="DNS", IdempotencyToken=token
    )
    return str(answer["CertificateArn"])


def progress(acm: Any, arn: str) -> tuple[State, str, tuple[DnsRecord, ...]]:
    """`issued`, `waiting_certificate` or `failed`, why, and the records that ACM wants to see."""
    try:
        found = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    except acm.exceptions.ClientError as error:
        if code_of(error) in _GONE:
            return "failed", "its certificate is gone", ()
        raise
    status = found.get("Status", "")
    if status == "ISSUED":
        return "issued", "", ()
    if status in _FAILED:
        return "failed", f"its certificate is {status.lower()}", ()
    proof = [option.get("ResourceRecord") for option in found.get("DomainValidationOptions", ())]
    records = tuple(
        DnsRecord(_bare(one["Name"]), _bare(one["Value"]), one["Type"], at_root="")
        for one in proof
        if one
    )
    return "waiting_certificate", "", records


def bring(acm: Any, host: str, brought: Brought, reference: str) -> str:
    """Import a certificate; the ARN, which stays when an earlier one is replaced.

    ACM replaces only what was imported: over one that was ordered, another is made.
    """
    wanted: dict[str, Any] = {"Certificate": brought.leaf, "PrivateKey": brought.key}
    if brought.chain:
        wanted["CertificateChain"] = brought.chain
    if reference and _was_imported(acm, reference):
        answer = acm.import_certificate(**wanted, CertificateArn=reference)
    else:
        tags = [{"Key": "clouddeck:host", "Value": host.replace("*", "_")}]
        answer = acm.import_certificate(**wanted, Tags=tags)
    return str(answer["CertificateArn"])


def described(acm: Any, arn: str) -> Certificate | None:
    """A certificate as ACM has it; None when it is gone from there."""
    try:
        found = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    except acm.exceptions.ClientError as error:
        if code_of(error) in _GONE:
            return None
        raise
    names = found.get("SubjectAlternativeNames") or [found.get("DomainName", "")]
    return Certificate(
        found.get("Status", ""),
        found.get("FailureReason", ""),
        found.get("NotAfter"),
        found.get("RenewalSummary", {}).get("RenewalStatus", ""),
        found.get("Issuer", ""),
        tuple(name for name in names if name),
        found.get("NotBefore"),
    )


def drop(acm: Any, arn: str) -> bool:
    """Delete a certificate; False while something is still served with it."""
    try:
        acm.delete_certificate(CertificateArn=arn)
    except acm.exceptions.ClientError as error:
        if code_of(error) == "ResourceInUseException":
            return False
        if code_of(error) not in _GONE:
            raise
    return True


def _was_imported(acm: Any, arn: str) -> bool:
    try:
        found = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    except acm.exceptions.ClientError as error:
        if code_of(error) in _GONE:
            return False
        raise
    return bool(found.get("Type") == "IMPORTED")


def _bare(name: str) -> str:
    return name.rstrip(".")
