"""Who visited: standard logging (v2) of CloudFront into the bucket `logs`."""

from __future__ import annotations

from aws_cdk import CfnResource
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_logs as logs

from cdk.stack import DeckStack

FIELDS = (
    "timestamp(ms)",
    "distribution-tenant-id",
    "x-host-header",
    "cs-method",
    "cs-protocol",
    "cs-protocol-version",
    "cs-uri-stem",
    "cs-bytes",
    "cs(Referer)",
    "cs(User-Agent)",
    "sc-status",
    "sc-bytes",
    "sc-content-type",
    "time-taken",
    "time-to-first-byte",
    "x-edge-location",
    "x-edge-request-id",
    "x-edge-response-result-type",
    "x-edge-detailed-result-type",
    "ssl-protocol",
    "c-country",
)
"""Neither query nor cookie, which may hold secrets of the site's visitors, nor their address.

CloudWatch refuses a delivery that names a field it does not know. Source: AWS, "Standard logging
reference" and "Configure standard logging (v2)". Which distribution it was says the folder.
"""

SUFFIX = "{DistributionId}/{yyyy}/{MM}/{dd}/{HH}"


def deliver(stack: DeckStack, distributions: dict[str, cloudfront.CfnDistribution]) -> None:
    """Send the logs of all distributions, an hour's lines below a folder of its own."""
    to = logs.CfnDeliveryDestination(
        stack,
        "log-destination",
        name=stack.names.name("edge"),
        destination_resource_arn=stack.names.bucket_arn("logs"),
        output_format="w3c",
    )
    before: CfnResource = to
    for what, distribution in distributions.items():
        source = logs.CfnDeliverySource(
            stack,
            f"log-source-{what}",
            name=stack.names.name(f"edge-{what}"),
            log_type="ACCESS_LOGS",
            resource_arn=stack.names.distribution_arn(distribution.attr_id),
        )
        delivery = logs.CfnDelivery(
            stack,
            f"log-delivery-{what}",
            delivery_source_name=source.name,
            delivery_destination_arn=to.attr_arn,
            record_fields=list(FIELDS),
            s3_suffix_path=SUFFIX,
            s3_enable_hive_compatible_path=True,
        )
        delivery.add_resource_dependency(source)
        # CloudWatch refuses two deliveries that are made at the same time
        source.add_resource_dependency(before)
        before = delivery
