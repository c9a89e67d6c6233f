"""The console: a few files behind CloudFront, which know the API by their `config.json`.

It lives at CloudFront's own address and not below the sites' domain: what strangers publish there
would be of the same site as the console, and could plant cookies on it.
"""

from __future__ import annotations

from aws_cdk import CfnOutput, CustomResource, Duration
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from cdk import custom, parameters
from cdk.assets import Assets
from cdk.distributions import PRICE_CLASS
from cdk.edge_code import bucket_domain
from cdk.names import Names
from cdk.stack import DeckStack

ROUTES = """function handler(event) {
    var request = event.request;
    var uri = request.uri;
    if (uri.split('/').pop().indexOf('.') >= 0 && uri.indexOf('/projects/') !== 0) {
        return request;
    }
    if (uri === '/') {
        request.uri = '/landing.html';
    } else if (uri !== '/docs' && uri.indexOf('/docs/') !== 0) {
        request.uri = '/index.html';
    } else if (uri.slice(-1) === '/') {
        request.uri = uri + 'index.html';
    } else {
        return { statusCode: 308, headers: { location: { value: uri + '/' } } };
    }
    return request;
}
"""
"""A CloudFront Function: every address without a file's name is the one page, whose script looks
at the address itself. An absent file stays absent: a page in place of a script helps nobody. Below
`/projects/` are pages only, and those of domains end with a domain's name.

Below `/docs/` each folder has a page of its own, whose links are relative to the folder."""


class ConsoleStack(DeckStack):
    """The bucket `console`, filled and served."""

    url: str
    """Where the console is, without a slash at its end."""

    def __init__(self, scope: Construct, what: str, names: Names, assets: Assets) -> None:
        super().__init__(scope, what, names, assets)
        self._api = parameters.read(self, "api-url")
        self._live = parameters.read(self, "live-url")
        served = self._distribution()
        self.url = f"https://{served.attr_domain_name}"
        self._pages()
        parameters.publish(self, "console-url", self.url)
        CfnOutput(self, "ConsoleUrl", value=self.url)

    def _distribution(self) -> cloudfront.CfnDistribution:
        names = self.names
        kind = cloudfront.CfnDistribution
        access = cloudfront.CfnOriginAccessControl(
            self,
            "origin-access",
            origin_access_control_config=cloudfront.CfnOriginAccessControl.OriginAccessControlConfigProperty(
                name=names.name("console"),
                origin_access_control_origin_type="s3",
                signing_behavior="always",
                signing_protocol="sigv4",
            ),
        )
        routes = cloudfront.CfnFunction(
            self,
            "routes",
            name=names.name("console"),
            auto_publish=True,
            function_code=ROUTES,
            function_config=cloudfront.CfnFunction.FunctionConfigProperty(
                comment="Every address of the console is one page", runtime="cloudfront-js-2.0"
            ),
        )
        return kind(
            self,
            "console",
            distribution_config=kind.DistributionConfigProperty(
                comment=f"CloudDeck {names.of.prefix}: console",
                enabled=True,
                http_version="http2and3",
                ipv6_enabled=True,
                price_class=PRICE_CLASS[names.of.profile],
                default_root_object="landing.html",
                origins=[
                    kind.OriginProperty(
                        id="console",
                        domain_name=bucket_domain(names, "console"),
                        origin_access_control_id=access.ref,
                        s3_origin_config=kind.S3OriginConfigProperty(origin_access_identity=""),
                    )
                ],
                default_cache_behavior=kind.DefaultCacheBehaviorProperty(
                    target_origin_id="console",
                    viewer_protocol_policy="redirect-to-https",
                    allowed_methods=["GET", "HEAD"],
                    cached_methods=["GET", "HEAD"],
                    compress=True,
                    cache_policy_id=self._cache_policy().cache_policy_id,
                    response_headers_policy_id=self._headers().response_headers_policy_id,
                    function_associations=[
                        kind.FunctionAssociationProperty(
                            event_type="viewer-request", function_arn=routes.attr_function_arn
                        )
                    ],
                ),
                # the bucket says 403 of what is not there: whoever may not list it is told no more
                custom_error_responses=[
                    kind.CustomErrorResponseProperty(
                        error_code=code,
                        response_code=404,
                        response_page_path="/index.html",
                        error_caching_min_ttl=10,
                    )
                    for code in (403, 404)
                ],
                viewer_certificate=kind.ViewerCertificateProperty(
                    cloud_front_default_certificate=True
                ),
            ),
        )

    def _cache_policy(self) -> cloudfront.CachePolicy:
        """The files say for how long: `config.json` and the page are asked for every time."""
        return cloudfront.CachePolicy(
            self,
            "cache-policy",
            cache_policy_name=self.names.name("console"),
            min_ttl=Duration.seconds(0),
            default_ttl=Duration.seconds(0),
            max_ttl=Duration.days(365),
            enable_accept_encoding_brotli=True,
            enable_accept_encoding_gzip=True,
        )

    def policy(self) -> str:
        """The content security policy: files of its own, and the parts of this installation."""
        stores = " ".join(f"https://{bucket_domain(self.names, b)}" for b in ("sites", "sources"))
        return "; ".join(
            (
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "font-src 'self'",
                "img-src 'self' data: https:",  # avatars and logos lie where their owners keep them
                "manifest-src 'self'",
                "worker-src 'self'",
                f"connect-src 'self' {self._api}/ {self._live} {stores}",
                f"frame-src https://*.{self.names.of.domain}",  # how sites look, small and inert
                "base-uri 'none'",
                "form-action 'none'",
                "frame-ancestors 'none'",
            )
        )

    def _headers(self) -> cloudfront.ResponseHeadersPolicy:
        return cloudfront.ResponseHeadersPolicy(
            self,
            "headers-policy",
            response_headers_policy_name=self.names.name("console"),
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=self.policy(), override=True
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=cloudfront.HeadersFrameOption.DENY, override=True
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=Duration.days(365),
                    include_subdomains=True,
                    override=True,
                ),
            ),
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    cloudfront.ResponseCustomHeader(header=name, value=value, override=True)
                    for name, value in (
                        ("Cross-Origin-Opener-Policy", "same-origin"),
                        ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
                    )
                ]
            ),
        )

    def _pages(self) -> None:
        """Unpack the pages into the bucket, with the addresses of this installation."""
        asset = s3_assets.Asset(self, "pages", path=str(self.assets.console))
        unpacker = custom.pages_unpacker(
            self,
            f"arn:aws:s3:::{asset.s3_bucket_name}/{asset.s3_object_key}",
            f"{self.names.bucket_arn('console')}/*",
        )
        CustomResource(
            self,
            "pages-in-place",
            resource_type="Custom::Pages",
            service_token=unpacker.function_arn,
            properties={
                "from_bucket": asset.s3_bucket_name,
                "from_key": asset.s3_object_key,
                "bucket": self.names.bucket("console"),
                "config": self.to_json_string({"api": self._api, "live": self._live}),
            },
        )
