"""The edge: one cell, which serves every site of an installation. Always in us-east-1."""

from __future__ import annotations

from aws_cdk import CfnOutput
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_route53 as route53
from constructs import Construct

from cdk import distributions, edge_log, parameters
from cdk.assets import Assets
from cdk.edge_functions import edge_functions
from cdk.firewall import web_acl
from cdk.names import Names
from cdk.stack import DeckStack

CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"
"""The hosted zone of all of CloudFront, for alias records."""

CUSTOM_LABEL = "custom--domain"
"""`<label>.<domain>` is what customers point their domains at. No slug has two hyphens in a row,
so it hides no site; a level more would hide one, because a wildcard ends where a name exists."""


class EdgeStack(DeckStack):
    """A cell: store of routes, functions, a distribution for `*.<domain>`, one for tenants."""

    routes_store_arn: str
    """ARN of the KeyValueStore."""

    distributions: dict[str, str]
    """Ids: `sites`, and `tenants` unless the installation is a hobby."""

    connection_group_id: str | None = None
    """Of the tenants' distribution."""

    connection_endpoint: str | None = None
    """The host name at which tenants are served."""

    def __init__(self, scope: Construct, what: str, names: Names, assets: Assets) -> None:
        if not names.of.domain:
            raise ValueError(
                "Sites need a domain below which they live: choose one that you own, such as"
                " sites.example.com, as the installation's `domain`, and the id of its Route 53"
                " zone as `zone` if it has one."
            )
        super().__init__(scope, what, names, assets)
        production = names.of.profile == "production"
        functions = edge_functions(self)
        acl = web_acl(self, "CLOUDFRONT", "edge") if production else None
        how = distributions.serving(self, functions, acl.attr_arn if acl else None)
        certificate = self._certificate().ref
        made = {"sites": distributions.wildcard(self, how, certificate)}
        if names.of.profile != "hobby":
            made["tenants"] = distributions.tenants(self, how, certificate)
        edge_log.deliver(self, made)
        self.routes_store_arn = functions.routes.attr_arn
        self.distributions = {kind: one.attr_id for kind, one in made.items()}
        parameters.publish(self, "routes-store", self.routes_store_arn)
        parameters.publish(self, "distributions", ",".join(self.distributions.values()))
        parameters.publish(self, "firewall", acl.attr_arn if acl else "none")
        self._wildcard_records(made["sites"])
        group, target = self._connection_group() if "tenants" in made else ("none", "none")
        parameters.publish(self, "tenants-group", group)
        parameters.publish(self, "tenants-target", target)
        self._tell(made["sites"])

    def _certificate(self) -> acm.CfnCertificate:
        """For the domain and all hosts below it, proven by DNS.

        With a zone the proof is written there. Without one CloudFormation waits until somebody
        has entered the records; it shows them among the events of the stack.
        """
        of = self.names.of
        hosts = (of.domain, f"*.{of.domain}")
        proof = [
            acm.CfnCertificate.DomainValidationOptionProperty(
                domain_name=host, hosted_zone_id=of.zone
            )
            for host in hosts
        ]
        return acm.CfnCertificate(
            self,
            "certificate",
            domain_name=hosts[0],
            subject_alternative_names=[hosts[1]],
            validation_method="DNS",
            domain_validation_options=proof if of.zone else None,
        )

    def _wildcard_records(self, serves: cloudfront.CfnDistribution) -> None:
        if not self.names.of.zone:
            return
        for kind in ("A", "AAAA"):
            route53.CfnRecordSet(
                self,
                f"record-{kind}",
                hosted_zone_id=self.names.of.zone,
                name=f"*.{self.names.of.domain}.",
                type=kind,
                alias_target=route53.CfnRecordSet.AliasTargetProperty(
                    dns_name=serves.attr_domain_name, hosted_zone_id=CLOUDFRONT_ZONE
                ),
            )

    def _connection_group(self) -> tuple[str, str]:
        """Where customers' domains point; a name of ours before it lets it move one day.

        Its id, and that name.
        """
        group = cloudfront.CfnConnectionGroup(
            self, "connections", name=self.names.name("tenants"), enabled=True, ipv6_enabled=True
        )
        self.connection_group_id = group.attr_id
        self.connection_endpoint = group.attr_routing_endpoint
        target = self.connection_endpoint
        if self.names.of.zone:
            target = f"{CUSTOM_LABEL}.{self.names.of.domain}"
            route53.CfnRecordSet(
                self,
                "record-tenants",
                hosted_zone_id=self.names.of.zone,
                name=f"{target}.",
                type="CNAME",
                ttl="300",
                resource_records=[self.connection_endpoint],
            )
        CfnOutput(self, "ConnectionGroup", value=self.connection_group_id)
        CfnOutput(self, "ConnectionEndpoint", value=self.connection_endpoint)
        CfnOutput(
            self, "CustomDomainTarget", value=target, description="CNAME of a customer's domain"
        )
        return self.connection_group_id, target

    def _tell(self, serves: cloudfront.CfnDistribution) -> None:
        CfnOutput(self, "RoutesStore", value=self.routes_store_arn)
        for kind, identifier in self.distributions.items():
            CfnOutput(self, f"Distribution{kind.title()}", value=identifier)
        CfnOutput(
            self,
            "SitesTarget",
            value=serves.attr_domain_name,
            description=f"What *.{self.names.of.domain} has to point at",
        )
