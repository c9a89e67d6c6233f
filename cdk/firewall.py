"""Web ACLs (AWS WAF) of an installation for production; 6 dollars a month and more per request."""

from __future__ import annotations

from typing import Literal

from aws_cdk import aws_wafv2 as waf

from cdk.stack import DeckStack

COUNTED = {
    # build logs and lists of files are what an attack looks like, and are larger than 8 KB, as are
    # answers of SAML; the code of an identity provider may make a query longer than 2 KB
    "REGIONAL": (
        "SizeRestrictions_QUERYSTRING",
        "SizeRestrictions_BODY",
        "CrossSiteScripting_BODY",
        "EC2MetaDataSSRF_BODY",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
    ),
    # sites are files: what a query says reaches nobody but the page's own script, and whoever
    # publishes a long name, or one that ends in .log or .ini, means it
    "CLOUDFRONT": (
        "SizeRestrictions_URIPATH",
        "RestrictedExtensions_URIPATH",
        "SizeRestrictions_QUERYSTRING",
        "SizeRestrictions_Cookie_HEADER",
        "CrossSiteScripting_QUERYARGUMENTS",
        "EC2MetaDataSSRF_QUERYARGUMENTS",
        "GenericRFI_QUERYARGUMENTS",
    ),
}
"""Rules of AWS's common set that would stop honest requests here; they only count."""

REQUESTS = {"REGIONAL": 10_000, "CLOUDFRONT": 30_000}
"""Of one address within five minutes. A build says something every second."""


def web_acl(stack: DeckStack, scope: Literal["REGIONAL", "CLOUDFRONT"], what: str) -> waf.CfnWebACL:
    """AWS's common rules and a limit per address."""
    name = stack.names.name(what)
    common = waf.CfnWebACL.ManagedRuleGroupStatementProperty(
        vendor_name="AWS",
        name="AWSManagedRulesCommonRuleSet",
        rule_action_overrides=[
            waf.CfnWebACL.RuleActionOverrideProperty(
                name=rule, action_to_use=waf.CfnWebACL.RuleActionProperty(count={})
            )
            for rule in COUNTED[scope]
        ],
    )
    limit = waf.CfnWebACL.RateBasedStatementProperty(
        aggregate_key_type="IP", limit=REQUESTS[scope], evaluation_window_sec=300
    )
    return waf.CfnWebACL(
        stack,
        "firewall",
        name=name,
        scope=scope,
        default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
        visibility_config=_seen(name),
        rules=[
            waf.CfnWebACL.RuleProperty(
                name="rate",
                priority=0,
                action=waf.CfnWebACL.RuleActionProperty(block={}),
                statement=waf.CfnWebACL.StatementProperty(rate_based_statement=limit),
                visibility_config=_seen(f"{name}-rate"),
            ),
            waf.CfnWebACL.RuleProperty(
                name="common",
                priority=1,
                override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
                statement=waf.CfnWebACL.StatementProperty(managed_rule_group_statement=common),
                visibility_config=_seen(f"{name}-common"),
            ),
        ],
    )


def _seen(metric: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=metric, sampled_requests_enabled=False
    )
