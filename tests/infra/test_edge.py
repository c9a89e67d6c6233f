"""The edge's stack: what is cached under which key, who may read what, and what runs there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from cdk import distributions, edge_code, edge_log
from cdk.app import build
from cdk.assets import Assets
from cdk.edge_stack import CUSTOM_LABEL
from cdk.names import Names
from cdk.settings import Installation
from chalicelib.edge.rules.hosts import parse_host
from chalicelib.projects.rules import slug_fault
from tests.infra.stacks import Stacks, installation

DISTRIBUTION = "AWS::CloudFront::Distribution"


def config(made: Stacks, what: str) -> dict[str, Any]:
    """A distribution by what its comment calls it."""
    found = {
        each["DistributionConfig"]["Comment"].rpartition(" ")[2]: each["DistributionConfig"]
        for each in made.every(DISTRIBUTION, "edge")
    }
    return found[what]


def both(made: Stacks) -> list[dict[str, Any]]:
    return [each["DistributionConfig"] for each in made.every(DISTRIBUTION, "edge")]


def resource(made: Stacks, reference: dict[str, Any]) -> dict[str, Any]:
    """The properties of what a reference names."""
    ((_, named),) = reference.items()
    logical = named if isinstance(named, str) else named[0]
    properties: dict[str, Any] = made.templates["edge"]["Resources"][logical]["Properties"]
    return properties


def origin_functions(made: Stacks) -> dict[str, dict[str, Any]]:
    found = made.named("AWS::Lambda::Function", "FunctionName", "edge")
    return {name: f for name, f in found.items() if "origin" in name}


# --- distributions -----------------------------------------------------------------------------


def test_a_hobby_has_no_distribution_for_domains_of_customers(made: Stacks) -> None:
    kinds = ["sites"] if made.profile == "hobby" else ["sites", "tenants"]
    assert [each["Comment"].rpartition(" ")[2] for each in both(made)] == kinds
    assert len(made.every("AWS::CloudFront::ConnectionGroup")) == len(kinds) - 1
    parameters = made.named("AWS::SSM::Parameter", "Name", "edge")
    ids = json.dumps(parameters[made.names.parameter_name("distributions")]["Value"])
    assert re.findall(r'"Fn::GetAtt": \["(\w+)", "Id"\]', ids) == kinds


def test_sites_are_every_host_below_the_domain(made: Stacks) -> None:
    found = config(made, "sites")
    assert found["Aliases"] == ["*.example.com"]
    assert found["PriceClass"] == distributions.PRICE_CLASS[made.profile]
    assert found["IPV6Enabled"] is True
    assert "ConnectionMode" not in found


def test_tenants_say_which_site_they_are(made: Stacks) -> None:
    if made.profile == "hobby":
        pytest.skip("a hobby has none")
    found = config(made, "tenants")
    assert found["ConnectionMode"] == "tenant-only"
    slug, redirect = found["TenantConfig"]["ParameterDefinitions"]
    assert (slug["Name"], redirect["Name"]) == ("slug", "redirect")
    assert slug["Definition"]["StringSchema"]["Required"] is True
    assert redirect["Definition"]["StringSchema"]["Required"] is False
    # read by viewer_request.js under these very names
    text = edge_code.viewer("viewer_request", "example.com")
    assert "parameter('slug')" in text
    assert "parameter('redirect')" in text


def test_tenants_have_only_fields_that_cloudfront_allows_them(made: Stacks) -> None:
    """CloudFront's own model says which fields a multi-tenant distribution may not have."""
    if made.profile == "hobby":
        pytest.skip("a hobby has none")
    model = botocore.session.get_session().get_service_model("cloudfront")
    refused = {
        name
        for name, member in model.shape_for("DistributionConfig").members.items()
        if "only supports standard distributions" in member.documentation
        or "For a multi-tenant distribution" in member.documentation
        or "for a multi-tenant distribution, use" in member.documentation
    }
    assert {"Aliases", "PriceClass", "IsIPV6Enabled", "Staging"} <= refused
    asked = {name.replace("IPV6Enabled", "IsIPV6Enabled") for name in config(made, "tenants")}
    assert asked & refused == set()


def test_every_distribution_speaks_new_protocols_only(made: Stacks) -> None:
    for found in both(made):
        assert found["HttpVersion"] == "http2and3"
        certificate = found["ViewerCertificate"]
        assert certificate["MinimumProtocolVersion"] == "TLSv1.2_2021"
        assert certificate["SslSupportMethod"] == "sni-only"
        behavior = found["DefaultCacheBehavior"]
        assert behavior["ViewerProtocolPolicy"] == "redirect-to-https"
        assert behavior["Compress"] is True
        assert set(behavior["AllowedMethods"]) == {
            *("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"),
        }
        assert set(behavior["CachedMethods"]) == {"GET", "HEAD"}
        assert "CacheBehaviors" not in found


def test_the_origin_is_the_bucket_and_asked_as_ourselves(made: Stacks) -> None:
    names = made.names
    for found in both(made):
        (origin,) = found["Origins"]
        assert origin["DomainName"] == (
            f"{names.bucket('sites')}.s3.{names.of.region}.amazonaws.com"
        )
        assert "OriginPath" not in origin
        access = resource(made, origin["OriginAccessControlId"])["OriginAccessControlConfig"]
        assert access["OriginAccessControlOriginType"] == "s3"
        assert (access["SigningBehavior"], access["SigningProtocol"]) == ("always", "sigv4")


def test_the_key_has_no_query_no_cookie_and_two_headers(made: Stacks) -> None:
    for found in both(made):
        behavior = found["DefaultCacheBehavior"]
        policy = resource(made, behavior["CachePolicyId"])["CachePolicyConfig"]
        assert (policy["MinTTL"], policy["DefaultTTL"], policy["MaxTTL"]) == (0, 0, 365 * 86400)
        key = policy["ParametersInCacheKeyAndForwardedToOrigin"]
        assert key["QueryStringsConfig"] == {"QueryStringBehavior": "none"}
        assert key["CookiesConfig"] == {"CookieBehavior": "none"}
        # of which viewer_request.js leaves two values: a page, or anything
        # and one that it writes: what of the request the rules of the site look at
        named = ["Accept", "X-CloudDeck-Seen"]
        assert key["HeadersConfig"] == {"HeaderBehavior": "whitelist", "Headers": named}
        assert key["EnableAcceptEncodingBrotli"] is key["EnableAcceptEncodingGzip"] is True
        # all else reaches our function, for servers that rules pass requests on to
        asked = resource(made, behavior["OriginRequestPolicyId"])["OriginRequestPolicyConfig"]
        assert asked["HeadersConfig"] == {
            "HeaderBehavior": "allViewerAndWhitelistCloudFront",
            "Headers": ["CloudFront-Viewer-Country"],
        }
        assert asked["CookiesConfig"] == {"CookieBehavior": "all"}
        assert asked["QueryStringsConfig"] == {"QueryStringBehavior": "all"}
        assert "ForwardedValues" not in behavior


def test_accept_has_two_values_when_it_is_in_the_key() -> None:
    source = (edge_code.SOURCES / "viewer_request.js").read_text()
    (assigned,) = re.findall(r"request\.headers\.accept = (.*);", source)
    assert sorted(re.findall(r"'([^']*)'", assigned)) == ["*/*", "text/html"]


def test_errors_are_not_kept_longer_than_they_say(made: Stacks) -> None:
    for found in both(made):
        kept = {e["ErrorCode"]: e["ErrorCachingMinTTL"] for e in found["CustomErrorResponses"]}
        assert set(kept) == {400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}
        assert max(kept.values()) <= 1
        assert not any("ResponsePagePath" in e for e in found["CustomErrorResponses"])


def test_caches_are_dropped_by_the_header_that_the_origin_writes(made: Stacks) -> None:
    written = (edge_code.SOURCES / "origin" / "answer.py").read_text()
    for found in both(made):
        assert f'"{found["CacheTagConfig"]["HeaderName"]}": self.tags' in written


def test_every_answer_is_tls_only_and_of_the_type_it_says(made: Stacks) -> None:
    for found in both(made):
        policy = resource(made, found["DefaultCacheBehavior"]["ResponseHeadersPolicyId"])
        security = policy["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
        assert security["ContentTypeOptions"] == {"Override": True}
        assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31_536_000
        # a site's own headers stay: none that a site may want to set is forced upon it
        assert set(security) == {"ContentTypeOptions", "StrictTransportSecurity"}


def test_the_firewall_is_productions(made: Stacks) -> None:
    acls = made.every("AWS::WAFv2::WebACL", "edge")
    assert len(acls) == (made.profile == "production")
    assert all(acl["Scope"] == "CLOUDFRONT" for acl in acls)
    assert all(("WebACLId" in found) is bool(acls) for found in both(made))
    for acl in acls:
        (common,) = (rule for rule in acl["Rules"] if rule["Name"] == "common")
        group = common["Statement"]["ManagedRuleGroupStatement"]
        counted = {override["Name"] for override in group["RuleActionOverrides"]}
        # a path of 1,024 bytes may be published, and `build.log` as well
        assert {"SizeRestrictions_URIPATH", "RestrictedExtensions_URIPATH"} <= counted


# --- what runs there ---------------------------------------------------------------------------


def test_functions_are_where_cloudfront_calls_them(made: Stacks) -> None:
    for found in both(made):
        behavior = found["DefaultCacheBehavior"]
        viewer = {a["EventType"]: a["FunctionARN"] for a in behavior["FunctionAssociations"]}
        assert set(viewer) == {"viewer-request", "viewer-response"}
        for event, function in viewer.items():
            assert resource(made, function)["Name"] == made.names.name(event)
        origin = {
            a["EventType"]: a["LambdaFunctionARN"] for a in behavior["LambdaFunctionAssociations"]
        }
        assert set(origin) == {"origin-request", "origin-response"}
        for event, version in origin.items():
            numbered = resource(made, version)
            function = resource(made, numbered["FunctionName"])
            assert function["FunctionName"] == made.names.name(event)


def test_viewer_functions_fit_and_know_their_domain(made: Stacks) -> None:
    functions = made.named("AWS::CloudFront::Function", "Name", "edge")
    assert len(functions) == 2
    for name, function in functions.items():
        code = function["FunctionCode"]
        assert len(code.encode()) <= 10_240
        assert not re.search(r"%[A-Z_]+%", code)
        assert not re.search(r"(^|\s)//", code)
        assert function["AutoPublish"] is True
        assert function["FunctionConfig"]["Runtime"] == "cloudfront-js-2.0"
        stores = function["FunctionConfig"].get("KeyValueStoreAssociations", [])
        assert len(stores) == name.endswith("viewer-request")
    request = functions[made.names.name("viewer-request")]
    assert "'example.com'" in request["FunctionCode"]
    (store,) = request["FunctionConfig"]["KeyValueStoreAssociations"]
    assert resource(made, store["KeyValueStoreARN"])["Name"] == made.names.name("routes")


def test_a_function_that_is_too_long_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "viewer_request.js").write_text(f"const a = '{'x' * 10_240}';")
    monkeypatch.setattr(edge_code, "SOURCES", tmp_path)
    with pytest.raises(ValueError, match=r"10,25\d bytes, CloudFront takes 10,240"):
        edge_code.viewer("viewer_request", "example.com")


def test_functions_at_the_origin_keep_to_what_lambda_at_edge_allows(made: Stacks) -> None:
    functions = origin_functions(made)
    assert len(functions) == 2
    for function in functions.values():
        assert function["Runtime"] == "python3.13"
        assert function["Architectures"] == ["x86_64"]
        assert function["Timeout"] <= 30
        for absent in ("Environment", "Layers", "VpcConfig", "TracingConfig", "DeadLetterConfig"):
            assert absent not in function
    assert len(made.every("AWS::Lambda::Version", "edge")) == 2


def test_the_package_at_the_origin_knows_where_its_data_is(made: Stacks) -> None:
    (key,) = {function["Code"]["S3Key"] for function in origin_functions(made).values()}
    folder = made.folder / f"asset.{key.removesuffix('.zip')}"
    settings = json.loads((folder / "settings.json").read_text())
    region = made.names.of.region
    assert (
        settings["store_url"] == f"https://{made.names.bucket('sites')}.s3.{region}.amazonaws.com"
    )
    assert settings["table"] == made.names.name("core")
    assert settings["table_url"] == f"https://dynamodb.{region}.amazonaws.com"


def test_the_origin_may_read_routes_and_manifests_and_nothing_else(made: Stacks) -> None:
    names = made.names
    role = made.named("AWS::IAM::Role", "RoleName", "edge")[names.name("origin")]
    trusted = role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"]
    assert set(trusted) == {"lambda.amazonaws.com", "edgelambda.amazonaws.com"}
    (policy,) = role["Policies"]
    rows, objects, listing, logs = policy["PolicyDocument"]["Statement"]
    assert (rows["Action"], rows["Resource"]) == ("dynamodb:GetItem", names.table_arn("core"))
    assert rows["Condition"]["ForAllValues:StringLike"] == {"dynamodb:LeadingKeys": ["ROUTE#*"]}
    assert rows["Condition"]["Null"] == {"dynamodb:LeadingKeys": "false"}
    bucket = names.bucket_arn("sites")
    assert objects["Action"] == "s3:GetObject"
    held = ("manifests", "rules", "shards")
    assert objects["Resource"] == [f"{bucket}/{kind}/*" for kind in held]
    assert (listing["Action"], listing["Resource"]) == ("s3:ListBucket", bucket)
    assert all(action.startswith("logs:") for action in logs["Action"])
    account = names.of.account
    assert logs["Resource"] == [
        f"arn:aws:logs:*:{account}:log-group:/aws/lambda/us-east-1.{names.name(event)}:*"
        for event in ("origin-request", "origin-response")
    ]
    assert "ManagedPolicyArns" not in role
    assert not any(
        names.name("origin") in json.dumps(each) for each in made.every("AWS::IAM::Policy", "edge")
    )


# --- names, certificates, logs -----------------------------------------------------------------


def test_the_certificate_is_proven_in_the_zone(made: Stacks) -> None:
    (certificate,) = made.every("AWS::CertificateManager::Certificate", "edge")
    hosts = {certificate["DomainName"], *certificate["SubjectAlternativeNames"]}
    assert hosts == {"example.com", "*.example.com"}
    assert certificate["ValidationMethod"] == "DNS"
    proof = {o["DomainName"]: o["HostedZoneId"] for o in certificate["DomainValidationOptions"]}
    assert proof == dict.fromkeys(hosts, "Z0123456789ABC")


def test_hosts_lead_to_the_distribution(made: Stacks) -> None:
    records = {
        (record["Type"], record["Name"]): record
        for record in made.every("AWS::Route53::RecordSet", "edge")
    }
    for kind in ("A", "AAAA"):
        alias = records.pop((kind, "*.example.com."))["AliasTarget"]
        assert alias["HostedZoneId"] == "Z2FDTNDATAQYW2"
        assert alias["DNSName"] == {"Fn::GetAtt": ["sites", "DomainName"]}
    if made.profile == "hobby":
        assert records == {}
        return
    ((where, record),) = records.items()
    assert where == ("CNAME", f"{CUSTOM_LABEL}.example.com.")
    assert record["ResourceRecords"] == [{"Fn::GetAtt": ["connections", "RoutingEndpoint"]}]


def test_the_name_for_customers_hides_no_site() -> None:
    alias, _, slug = CUSTOM_LABEL.partition("--")
    assert slug_fault(slug), f"{alias} may be a branch, so {slug} is no project"
    assert parse_host("custom-domain.example.com", "example.com") is not None


_KNOWN_FIELDS = {
    *("date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)"),
    *("cs-uri-stem", "sc-status", "cs(Referer)", "cs(User-Agent)", "cs-uri-query", "cs(Cookie)"),
    *("x-edge-result-type", "x-edge-request-id", "x-host-header", "cs-protocol", "cs-bytes"),
    *("time-taken", "x-forwarded-for", "ssl-protocol", "ssl-cipher", "cs-protocol-version"),
    *("x-edge-response-result-type", "fle-status", "fle-encrypted-fields", "c-port"),
    *("time-to-first-byte", "x-edge-detailed-result-type", "sc-content-type", "sc-content-len"),
    *("sc-range-start", "sc-range-end", "distribution-tenant-id", "connection-id"),
    # of the real-time logs, which standard logging (v2) has too
    *("timestamp(ms)", "origin-fbl", "origin-lbl", "asn", "c-country"),
    "cache-behavior-path-pattern",
}
"""All that CloudFront's access logs can hold, as AWS spells it; another name fails the stack."""


def test_logs_are_delivered_one_after_the_other_and_say_nothing_secret(made: Stacks) -> None:
    sources = made.every("AWS::Logs::DeliverySource", "edge")
    deliveries = list(made.found("AWS::Logs::Delivery", "edge"))
    assert len(sources) == len(deliveries) == len(both(made))
    assert {source["LogType"] for source in sources} == {"ACCESS_LOGS"}
    (to,) = made.every("AWS::Logs::DeliveryDestination", "edge")
    assert to["DestinationResourceArn"] == made.names.bucket_arn("logs")
    assert to["OutputFormat"] in {"w3c", "parquet"}
    for _, delivery in deliveries:
        properties = delivery["Properties"]
        assert properties["S3EnableHiveCompatiblePath"] is True
        assert properties["S3SuffixPath"].endswith("{yyyy}/{MM}/{dd}/{HH}")
        fields = properties["RecordFields"]
        assert {"distribution-tenant-id", "x-host-header", "sc-bytes", "cs-bytes"} <= set(fields)
        assert not {"cs-uri-query", "cs(Cookie)", "c-ip", "x-forwarded-for"} & set(fields)
        assert tuple(fields) == edge_log.FIELDS
        assert set(fields) <= _KNOWN_FIELDS
        assert properties["S3SuffixPath"].startswith("{DistributionId}/")
    resources = made.templates["edge"]["Resources"]
    if len(sources) == 2:
        assert "logdeliverysites" in resources["logsourcetenants"]["DependsOn"]


def test_without_a_domain_the_edge_says_what_to_choose(tmp_path: Path) -> None:
    bare = Assets.bare(tmp_path / "bare")
    with pytest.raises(ValueError, match=r"Sites need a domain.*`domain`.*`zone`"):
        build(Installation(account="123456789012"), bare, tmp_path / "out")


def test_without_a_zone_the_certificate_waits_for_whoever_keeps_the_names(tmp_path: Path) -> None:
    import aws_cdk
    from aws_cdk.assertions import Template

    from cdk.edge_stack import EdgeStack

    chosen = Installation(account="123456789012", domain="example.com", profile="standard")
    app = aws_cdk.App(outdir=str(tmp_path / "out"))
    made = EdgeStack(app, "edge", Names(chosen), Assets.bare(tmp_path / "bare"))
    template = Template.from_stack(made).to_json()
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    assert "AWS::Route53::RecordSet" not in kinds
    assert "DomainValidationOptions" not in json.dumps(template)
    outputs = template["Outputs"]
    assert outputs["SitesTarget"]["Value"] == {"Fn::GetAtt": ["sites", "DomainName"]}
    assert outputs["CustomDomainTarget"]["Value"] == outputs["ConnectionEndpoint"]["Value"]
    assert installation("standard").zone  # and with one they are there, see above
