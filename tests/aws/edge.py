"""CloudFront before the deployed edge: the cache and the viewer functions here, the rest there.

The functions towards the origin are invoked as Lambda functions, so they run with their role; the
KeyValueStore and the invalidations are those of the account.
"""

from __future__ import annotations

import json
from collections.abc import ItemsView
from typing import Any

from chalicelib.clouds.aws.presign import Credentials
from tests.aws.deploy import Deployment
from tests.aws.ministack import Keys
from tests.fakes.bucket import HttpBucket, Reply
from tests.fakes.cloudfront import CloudFront
from tests.fakes.viewer import Viewer

Json = dict[str, Any]
KVS_HOST = "http://keyvaluestore.test"
"""Stands below the account's number in a host name that only the front knows."""


class Routes(dict[str, str]):
    """What the KeyValueStore of the account says, read anew each time."""

    def __init__(self, deployment: Deployment, front: str) -> None:
        super().__init__()
        self._store = deployment.parameter("routes-store", "us-east-1")
        self._kvs = deployment.client(
            "cloudfront-keyvaluestore", endpoint_url=KVS_HOST, proxies={"http": front}
        )

    def items(self) -> ItemsView[str, str]:
        pages = self._kvs.get_paginator("list_keys").paginate(KvsARN=self._store)
        found = [item for page in pages for item in page.get("Items", ())]
        return {item["Key"]: item["Value"] for item in found}.items()


class Edge:
    """The distribution `sites` of a deployment."""

    def __init__(
        self, deployment: Deployment, viewer: Viewer, front: str, reader: Keys, port: int
    ) -> None:
        """`reader` may read blobs as CloudFront may; `port` is where visitors ask."""
        account, names = deployment.account, deployment.names
        self._cloudfront = account.client("cloudfront", "us-east-1")
        self._lambda = account.client("lambda", "us-east-1")
        self._names = names
        self._distribution = deployment.parameter("distributions", "us-east-1").split(",")[0]
        self._purged: set[str] = set()
        bucket = HttpBucket(
            account.url,
            names.bucket("sites"),
            names.of.region,
            Credentials(reader.id, reader.secret),
        )
        self.distribution = CloudFront(
            viewer,
            bucket,
            lambda event: self._invoke("origin-request", event),
            lambda event: self._invoke("origin-response", event),
            Routes(deployment, front),
        )
        self.url = self.distribution.serve(port)

    def ask(self, host: str, path: str = "/", **headers: str) -> Reply:
        """What a browser gets; also at the domains of tenants."""
        self._purge()
        self.distribution.tenants = self._tenants()
        sent = {"accept": "text/html,*/*;q=0.8", **headers}
        return self.distribution.ask(host, path, sent)

    def record(self, slug: str) -> Json:
        """What the KeyValueStore says of a site; empty when it says nothing."""
        return dict(json.loads(dict(self.distribution.kvs.items()).get(slug, "{}")))

    def _invoke(self, name: str, event: Json) -> Json:
        answer = self._lambda.invoke(
            FunctionName=self._names.name(name), Payload=json.dumps(event).encode()
        )
        result: Json = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, result
        return result

    def _tenants(self) -> dict[str, dict[str, str]]:
        """Parameters of tenants that are switched on and have a certificate, by domain."""
        listed = self._cloudfront.list_distribution_tenants()["DistributionTenantList"]
        return {
            domain["Domain"]: {one["Name"]: one["Value"] for one in tenant["Parameters"]}
            for item in listed
            for tenant in [self._tenant(item["Id"])]
            if tenant["Enabled"] and tenant.get("Customizations", {}).get("Certificate")
            for domain in tenant["Domains"]
        }

    def _tenant(self, identifier: str) -> Json:
        found = self._cloudfront.get_distribution_tenant(Identifier=identifier)
        return dict(found["DistributionTenant"])

    def _purge(self) -> None:
        """Do what invalidations of the distribution ask for."""
        cloudfront, where = self._cloudfront, self._distribution
        listed = cloudfront.list_invalidations(DistributionId=where)["InvalidationList"]
        for item in listed.get("Items", []):
            if item["Id"] in self._purged:
                continue
            self._purged.add(item["Id"])
            told = cloudfront.get_invalidation(DistributionId=where, Id=item["Id"])
            paths = told["Invalidation"]["InvalidationBatch"]["Paths"]["Items"]
            self.distribution.purge(*(path.removeprefix("#") for path in paths))

    def close(self) -> None:
        """Stop serving."""
        self.distribution.close()
