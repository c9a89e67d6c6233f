"""List prices of us-east-1 in whole micro-dollars, each with its date and its source. Pure.

A price reads "`micro` micro-dollars for every `per` units". Nothing is a float, so a sum is
exact and anybody gets the same one. `free` are the units that AWS gives every account every
month for good; what it gives for the first year or as credits is not counted.

Years and months say when a figure was read. Check them before you rely on them: AWS changes its
prices when it likes, other regions cost up to a third more, and taxes come on top.
"""

from __future__ import annotations

from dataclasses import dataclass

MILLION = 1_000_000
DOLLAR = 1_000_000
"""Micro-dollars in a dollar."""


@dataclass(frozen=True)
class Source:
    """Where a figure was read, and when: AWS's own page, or somebody's copy of it."""

    page: str
    read: str
    second_hand: bool = True


@dataclass(frozen=True)
class Price:
    """What one service asks for one thing; the first `free` units of a month cost nothing."""

    service: str
    unit: str
    micro: int
    per: int
    source: Source
    free: int = 0

    def of(self, quantity: int) -> int:
        """Micro-dollars for `quantity` units, the free ones taken off, rounded up."""
        return -(-self.billable(quantity) * self.micro // self.per)

    def billable(self, quantity: int) -> int:
        """The units that are paid for."""
        return max(0, quantity - self.free)

    def words(self) -> str:
        """`$0.0034 per minute`, `$3.50 per 1,000,000 calls`."""
        many = self.unit.removesuffix("s") if self.per == 1 else f"{self.per:,} {self.unit}"
        return f"${dollars(self.micro)} per {many}"


def dollars(micro: int) -> str:
    """An amount as people write it: two decimals, more where digits would be lost."""
    whole, part = divmod(micro, DOLLAR)
    return f"{whole:,}." + f"{part:06d}".rstrip("0").ljust(2, "0")


_CLOUDFRONT = Source("https://aws.amazon.com/cloudfront/pricing/", "2026-09", second_hand=False)
_LAMBDA = Source("https://aws.amazon.com/lambda/pricing/", "2026-06")
_EDGE = Source("https://aws.amazon.com/lambda/pricing/", "2026-09")
_CODEBUILD = Source("https://aws.amazon.com/codebuild/pricing/", "2026-10")
_STEPS = Source("https://aws.amazon.com/step-functions/pricing/", "2026-10")
_GATEWAY = Source("https://aws.amazon.com/api-gateway/pricing/", "2026-10")
_CLOUDWATCH = Source("https://aws.amazon.com/cloudwatch/pricing/", "2026-10")
_S3 = Source("https://aws.amazon.com/s3/pricing/", "2026-10")
_DYNAMODB = Source("https://aws.amazon.com/dynamodb/pricing/on-demand/", "2026-10")
_KMS = Source("https://aws.amazon.com/kms/pricing/", "2026-10")
_WAF = Source("https://aws.amazon.com/waf/pricing/", "2026-10")
_BRIDGE = Source("https://aws.amazon.com/eventbridge/pricing/", "2026-03")
_BACKUP = Source("https://aws.amazon.com/backup/pricing/", "2026-11")
_XRAY = Source("https://aws.amazon.com/xray/pricing/", "2026-11")
_SQS = Source("https://aws.amazon.com/sqs/pricing/", "2026-10")
_ROUTE53 = Source("https://aws.amazon.com/route53/pricing/", "2026-10")

PRICES: dict[str, Price] = {
    # builds
    "build-minutes": Price("CodeBuild arm1.small", "minutes", 3_400, 1, _CODEBUILD),
    # twice the small one, as for x86; AWS's own figure was not at hand
    "large-build-minutes": Price("CodeBuild arm1.medium", "minutes", 6_800, 1, _CODEBUILD),
    "transitions": Price("Step Functions", "transitions", 25_000_000, MILLION, _STEPS, 4_000),
    # the API and the functions
    "rest-calls": Price("API Gateway REST", "calls", 3_500_000, MILLION, _GATEWAY),
    "live-messages": Price("API Gateway live", "messages", 1_000_000, MILLION, _GATEWAY),
    "live-minutes": Price("API Gateway live", "connection minutes", 250_000, MILLION, _GATEWAY),
    "calls": Price("Lambda", "invocations", 200_000, MILLION, _LAMBDA, MILLION),
    "compute": Price("Lambda arm64", "GB-seconds", 133_334, 10_000, _LAMBDA, 400_000),
    # data
    "writes": Price("DynamoDB", "write units", 625_000, MILLION, _DYNAMODB),
    "reads": Price("DynamoDB", "read units", 125_000, MILLION, _DYNAMODB),
    "rows": Price("DynamoDB storage", "MB", 250_000, 1_000, _DYNAMODB, 25_000),
    "recovery": Price("DynamoDB recovery", "MB", 200_000, 1_000, _DYNAMODB),
    "backups": Price("AWS Backup", "MB", 100_000, 1_000, _BACKUP),
    "puts": Price("S3", "writes", 5_000_000, MILLION, _S3),
    "gets": Price("S3", "reads", 400_000, MILLION, _S3),
    "objects": Price("S3 storage", "MB", 23_000, 1_000, _S3),
    "keys": Price("KMS", "keys", 1_000_000, 1, _KMS),
    "data-key-uses": Price("KMS data key", "uses", 30_000, 10_000, _KMS, 20_000),
    "signatures": Price("KMS signing key", "uses", 150_000, 10_000, _KMS),
    # between the parts
    "events": Price("EventBridge", "events", 1_000_000, MILLION, _BRIDGE),
    "piped": Price("EventBridge Pipes", "changes", 400_000, MILLION, _BRIDGE),
    "queue-requests": Price("SQS FIFO", "requests", 500_000, MILLION, _SQS, MILLION),
    # watching
    "logs": Price("CloudWatch Logs", "MB", 500_000, 1_000, _CLOUDWATCH, 5_000),
    "alarms": Price("CloudWatch", "alarms", 100_000, 1, _CLOUDWATCH, 10),
    "dashboards": Price("CloudWatch", "dashboards", 3_000_000, 1, _CLOUDWATCH, 3),
    "traces": Price("X-Ray", "traces", 5_000_000, MILLION, _XRAY, 100_000),
    # visitors
    "requests": Price("CloudFront", "requests", 1_000_000, MILLION, _CLOUDFRONT, 10 * MILLION),
    "edge-calls": Price(
        "CloudFront Functions", "invocations", 100_000, MILLION, _CLOUDFRONT, 2 * MILLION
    ),
    "route-reads": Price("KeyValueStore", "reads", 30_000, MILLION, _CLOUDFRONT, 2 * MILLION),
    "route-calls": Price("KeyValueStore", "API calls", 1_000_000, 1_000, _CLOUDFRONT),
    "purges": Price("CloudFront", "purged tags", 5_000, 1, _CLOUDFRONT, 1_000),
    "origin-calls": Price("Lambda@Edge", "invocations", 600_000, MILLION, _EDGE),
    "origin-compute": Price("Lambda@Edge", "GB-seconds", 5_001, 100, _EDGE),
    # by choice
    "zones": Price("Route 53", "zones", 500_000, 1, _ROUTE53),
    "acls": Price("WAF", "web ACLs", 5_000_000, 1, _WAF),
    "acl-rules": Price("WAF", "rules", 1_000_000, 1, _WAF),
    "acl-requests": Price("WAF", "requests", 600_000, MILLION, _WAF),
}

TRANSFER_TIERS: tuple[tuple[int, int], ...] = (
    (1_000_000, 0),
    (10_000_000, 85_000),
    (40_000_000, 80_000),
    (100_000_000, 60_000),
    (350_000_000, 40_000),
    (524_000_000, 30_000),
    (4_000_000_000, 25_000),
    (0, 20_000),
)
"""Transfer to visitors in North America and Europe: (MB at this price, micro-dollars per 1,000 MB);
the first TB a month is free, the last tier has no end. Other continents cost up to 41 % more
(CloudFront's pricing page, read 2026-09)."""

DOMAINS_FREE = 10
DOMAINS_FLAT = 200
DOMAINS_FLAT_MICRO = 20 * DOLLAR
DOMAIN_MICRO = 100_000
"""Custom domains (CloudFront distribution tenants): 10 free, 11 to 200 for $20 flat, each one
beyond $0.10 a month (second hand, read 2026-02)."""


def transfer(megabytes: int) -> int:
    """Micro-dollars for megabytes sent to visitors, tier by tier."""
    total, left = 0, megabytes
    for size, micro in TRANSFER_TIERS:
        part = min(left, size) if size else left
        total += -(-part * micro // 1_000)
        left -= part
    return total


def domains(count: int) -> int:
    """Micro-dollars for custom domains."""
    if count <= DOMAINS_FREE:
        return 0
    return DOMAINS_FLAT_MICRO + max(0, count - DOMAINS_FLAT) * DOMAIN_MICRO
