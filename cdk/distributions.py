"""The distributions of a cell: one for `*.<domain>`, one for domains that customers bring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_cloudfront as cloudfront

from cdk.edge_code import bucket_domain
from cdk.edge_functions import EdgeFunctions
from cdk.settings import Profile
from cdk.stack import DeckStack

PRICE_CLASS: dict[Profile, str] = {
    "hobby": "PriceClass_100",  # North America, Europe, Israel
    "standard": "PriceClass_200",  # and Asia, Africa
    "production": "PriceClass_All",
}
TAG_HEADER = "Cache-Tag"
SEEN_HEADER = "X-CloudDeck-Seen"
COUNTRY_HEADER = "CloudFront-Viewer-Country"
METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
"""All reach our function: a form that posts to a file gets our answer, not CloudFront's."""

_ERROR_SECONDS = {
    **dict.fromkeys((400, 403, 404, 405, 414, 416), 0),
    **dict.fromkeys((500, 501, 502, 503, 504), 1),
}
"""For how long an error without `Cache-Control` is kept. Ours say themselves how long."""


@dataclass(frozen=True)
class Serving:
    """What both distributions have in common."""

    behavior: cloudfront.CfnDistribution.DefaultCacheBehaviorProperty
    origin: cloudfront.CfnDistribution.OriginProperty
    firewall_arn: str | None


def serving(stack: DeckStack, functions: EdgeFunctions, firewall_arn: str | None) -> Serving:
    """One origin, one behaviour: the functions do all telling apart."""
    access = cloudfront.CfnOriginAccessControl(
        stack,
        "origin-access",
        origin_access_control_config=cloudfront.CfnOriginAccessControl.OriginAccessControlConfigProperty(
            name=stack.names.name("sites"),
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
        ),
    )
    origin = cloudfront.CfnDistribution.OriginProperty(
        id="sites",
        domain_name=bucket_domain(stack.names, "sites"),
        origin_access_control_id=access.ref,
        s3_origin_config=cloudfront.CfnDistribution.S3OriginConfigProperty(
            origin_access_identity=""
        ),
    )
    behavior = cloudfront.CfnDistribution.DefaultCacheBehaviorProperty(
        target_origin_id=origin.id,
        viewer_protocol_policy="redirect-to-https",
        allowed_methods=METHODS,
        cached_methods=["GET", "HEAD"],
        compress=True,
        cache_policy_id=_cache_policy(stack).cache_policy_id,
        origin_request_policy_id=_origin_request_policy(stack).origin_request_policy_id,
        response_headers_policy_id=_headers_policy(stack).response_headers_policy_id,
        function_associations=functions.viewer,
        lambda_function_associations=functions.origin,
    )
    return Serving(behavior, origin, firewall_arn)


def _cache_policy(stack: DeckStack) -> cloudfront.CachePolicy:
    """The key is the uri, which names the deployment, whether a page is wanted, and what of the
    request the rules of the site look at.

    Of `Accept` viewer_request.js leaves two values, and of the query and the cookies it has made
    use before; what rules look at it writes into a header of ours.
    """
    return cloudfront.CachePolicy(
        stack,
        "cache-policy",
        cache_policy_name=stack.names.name("sites"),
        comment="uri, Accept and what rules look at as viewer-request leaves them, compression",
        min_ttl=Duration.seconds(0),
        default_ttl=Duration.seconds(0),
        max_ttl=Duration.days(365),
        header_behavior=cloudfront.CacheHeaderBehavior.allow_list("Accept", SEEN_HEADER),
        query_string_behavior=cloudfront.CacheQueryStringBehavior.none(),
        cookie_behavior=cloudfront.CacheCookieBehavior.none(),
        enable_accept_encoding_brotli=True,
        enable_accept_encoding_gzip=True,
    )


def _origin_request_policy(stack: DeckStack) -> cloudfront.OriginRequestPolicy:
    """Everything reaches our function, which sends on what is whose business.

    A server that rules pass requests on to wants them whole. The bucket gets a handful of headers
    and its own Host: all this takes the place of the visitor's there. CloudFront says where a
    visitor is only to functions of a behaviour that asks for it.
    """
    return cloudfront.OriginRequestPolicy(
        stack,
        "origin-request-policy",
        origin_request_policy_name=stack.names.name("sites"),
        comment="All that a visitor sent, and the country it came from",
        header_behavior=cloudfront.OriginRequestHeaderBehavior.all(COUNTRY_HEADER),
        query_string_behavior=cloudfront.OriginRequestQueryStringBehavior.all(),
        cookie_behavior=cloudfront.OriginRequestCookieBehavior.all(),
    )


def _headers_policy(stack: DeckStack) -> cloudfront.ResponseHeadersPolicy:
    """What every answer of a site has; the rest is the functions' and the site's own."""
    return cloudfront.ResponseHeadersPolicy(
        stack,
        "headers-policy",
        response_headers_policy_name=stack.names.name("sites"),
        comment="TLS only, types are not guessed",
        security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
            content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
            strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                access_control_max_age=Duration.days(365),
                include_subdomains=False,  # a customer's subdomains are not ours to decide about
                override=False,
            ),
        ),
    )


def wildcard(stack: DeckStack, how: Serving, certificate_arn: str) -> cloudfront.CfnDistribution:
    """Serves every host below the domain."""
    of = stack.names.of
    return _distribution(
        stack,
        "sites",
        how,
        certificate_arn,
        aliases=[f"*.{of.domain}"],
        price_class=PRICE_CLASS[of.profile],
        ipv6_enabled=True,
    )


def tenants(stack: DeckStack, how: Serving, certificate_arn: str) -> cloudfront.CfnDistribution:
    """The pattern of a customer's domain: a tenant of it says which site in parameter `slug`.

    Aliases, price class and IPv6 are not its own: they are tenants' and connection group's.
    """
    slug = _parameter("slug", "The site that answers at the domains of this tenant", required=True)
    redirect = _parameter("redirect", "The host that visitors are sent on to, such as www or apex")
    return _distribution(
        stack,
        "tenants",
        how,
        certificate_arn,
        connection_mode="tenant-only",
        tenant_config=cloudfront.CfnDistribution.TenantConfigProperty(
            parameter_definitions=[slug, redirect]
        ),
    )


def _parameter(
    name: str, comment: str, *, required: bool = False
) -> cloudfront.CfnDistribution.ParameterDefinitionProperty:
    return cloudfront.CfnDistribution.ParameterDefinitionProperty(
        name=name,
        definition=cloudfront.CfnDistribution.DefinitionProperty(
            string_schema=cloudfront.CfnDistribution.StringSchemaProperty(
                required=required, comment=comment
            )
        ),
    )


def _distribution(
    stack: DeckStack, what: str, how: Serving, certificate_arn: str, **own: Any
) -> cloudfront.CfnDistribution:
    return cloudfront.CfnDistribution(
        stack,
        what,
        distribution_config=cloudfront.CfnDistribution.DistributionConfigProperty(
            comment=f"CloudDeck {stack.names.of.prefix}: {what}",
            enabled=True,
            http_version="http2and3",
            origins=[how.origin],
            default_cache_behavior=how.behavior,
            cache_tag_config=cloudfront.CfnDistribution.CacheTagConfigProperty(
                header_name=TAG_HEADER
            ),
            custom_error_responses=[
                cloudfront.CfnDistribution.CustomErrorResponseProperty(
                    error_code=code, error_caching_min_ttl=seconds
                )
                for code, seconds in _ERROR_SECONDS.items()
            ],
            viewer_certificate=cloudfront.CfnDistribution.ViewerCertificateProperty(
                acm_certificate_arn=certificate_arn,
                ssl_support_method="sni-only",
                minimum_protocol_version="TLSv1.2_2021",
            ),
            web_acl_id=how.firewall_arn,
            **own,
        ),
    )
