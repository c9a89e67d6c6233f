"""Stacks by CloudFormation, as `cdk deploy` does it: assets first, then stack after stack."""

from __future__ import annotations

import importlib
import io
import json
import math
import shutil
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cdk import app
from cdk.assets import LAYERS, Assets
from cdk.chalice_app import STAGE
from cdk.names import STACKS, Names
from cdk.package import Target, layers, pages, sources
from cdk.settings import EDGE_REGION, Installation
from tests.aws.differences import Fitted, fit
from tests.aws.ministack import Account

Json = dict[str, Any]
_MADE_BY_CDK = "/cdk-bootstrap/hnb659fds/version"
_ENDS = ("_COMPLETE", "_FAILED")


@dataclass
class Deployment:
    """An installation in an account; `fitted` is what became of the templates, by stack."""

    account: Account
    names: Names
    out: Path
    fitted: dict[str, Fitted] = field(default_factory=dict)
    removing_since: float = math.inf

    def region(self, stack: str) -> str:
        return EDGE_REGION if stack == "edge" else self.names.of.region

    def client(self, service: str, **options: Any) -> Any:
        return self.account.client(service, self.names.of.region, **options)

    def parameter(self, what: str, region: str | None = None) -> str:
        """What AWS invented, from the parameter that a stack wrote."""
        ssm = self.account.client("ssm", region or self.names.of.region)
        found = ssm.get_parameter(Name=self.names.parameter_name(what))
        return str(found["Parameter"]["Value"])

    def deploy(self, *stacks: str) -> None:
        """Make the stacks, in their order; raises AssertionError with what CloudFormation says."""
        for region in {EDGE_REGION, self.names.of.region}:
            self._bootstrap(region)
        for stack in stacks or STACKS:
            self._stack(stack)

    def remove(self) -> None:
        """Empty the buckets, which CloudFormation does not do, and delete the stacks backwards."""
        self.removing_since = time.time() * 1000
        s3 = self.client("s3")
        for bucket in self._buckets():
            for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
                for one in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
                    s3.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])
        for stack in reversed(list(self.fitted)):
            formation = self.account.client("cloudformation", self.region(stack))
            (found,) = formation.describe_stacks(StackName=self.names.stack(stack))["Stacks"]
            formation.delete_stack(StackName=self.names.stack(stack))
            self._wait(formation, str(found["StackId"]), "DELETE_COMPLETE")

    def left(self) -> list[str]:
        """Names of what an installation has made and nobody has removed.

        Of a function in flight, which says its last words when its log is gone, the emulator makes
        the log again; AWS does not, because no role of ours may make one.
        """
        names = self._buckets()
        names += [role["RoleName"] for role in self.client("iam").list_roles()["Roles"]]
        names += self.client("dynamodb").list_tables()["TableNames"]
        names += self.client("sqs").list_queues().get("QueueUrls", [])
        for region in (EDGE_REGION, self.names.of.region):
            made = self.account.client("lambda", region).list_functions()["Functions"]
            names += [function["FunctionName"] for function in made]
            groups = self.account.client("logs", region).describe_log_groups()["logGroups"]
            old = (group for group in groups if group["creationTime"] < self.removing_since)
            names += [group["logGroupName"] for group in old]
            written = self.account.client("ssm", region).describe_parameters()["Parameters"]
            names += [one["Name"] for one in written if one["Name"] != _MADE_BY_CDK]
        return sorted(names)

    def _buckets(self) -> list[str]:
        listed = self.client("s3").list_buckets()["Buckets"]
        ours = f"{self.names.of.prefix}-"
        return [bucket["Name"] for bucket in listed if bucket["Name"].startswith(ours)]

    def _bootstrap(self, region: str) -> None:
        """What `cdk bootstrap` leaves behind and deployments look for: a bucket and a number."""
        s3 = self.account.client("s3", region)
        where = (
            {}
            if region == EDGE_REGION
            else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        )
        s3.create_bucket(Bucket=self._assets(region), **where)
        self.account.client("ssm", region).put_parameter(
            Name=_MADE_BY_CDK, Value="21", Type="String"
        )

    def _assets(self, region: str) -> str:
        return f"cdk-hnb659fds-assets-{self.names.of.account}-{region}"

    def _stack(self, stack: str) -> None:
        region = self.region(stack)
        s3 = self.account.client("s3", region)
        self._upload(stack, s3)
        template = json.loads((self.out / f"{stack}.template.json").read_text())
        boto3 = Path(importlib.import_module("boto3").__path__[0]).parent
        fitted = fit(template, self.account.gateway, self.names.of.prefix, str(boto3))
        self.fitted[stack] = fitted
        bucket, key = self._assets(region), f"{stack}.json"
        s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(fitted.template).encode())
        formation = self.account.client("cloudformation", region)
        formation.create_stack(
            StackName=self.names.stack(stack),
            TemplateURL=f"{self.account.url}/{bucket}/{key}",
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        self._wait(formation, self.names.stack(stack))
        if stack == "edge" and "AWS::CloudFront::ConnectionGroup" in fitted.left_out:
            self._connection_group()
        if stack == "api":
            self._gateway_responses(fitted.template)

    def _connection_group(self) -> None:
        """What the template would make, and the two parameters that name it."""
        made = self.account.client("cloudfront", EDGE_REGION).create_connection_group(
            Name=self.names.name("tenants"), Enabled=True, Ipv6Enabled=True
        )["ConnectionGroup"]
        ssm = self.account.client("ssm", EDGE_REGION)
        for what, value in (
            ("tenants-group", made["Id"]),
            ("tenants-target", made["RoutingEndpoint"]),
        ):
            name = self.names.parameter_name(what)
            ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)

    def _gateway_responses(self, template: Json) -> None:
        """The emulator passes them over in the description of an API, and takes them one by one."""
        gateway, api = self.client("apigateway"), self.parameter("api-id")
        (described,) = (
            made["Properties"]["Body"]
            for made in template["Resources"].values()
            if made["Type"] == "AWS::ApiGateway::RestApi"
        )
        for kind, said in described["x-amazon-apigateway-gateway-responses"].items():
            gateway.put_gateway_response(restApiId=api, responseType=kind, **said)
        gateway.create_deployment(restApiId=api, stageName=STAGE)

    def _upload(self, stack: str, s3: Any) -> None:
        listed = json.loads((self.out / f"{stack}.assets.json").read_text())
        for asset in listed["files"].values():
            source = self.out / asset["source"]["path"]
            if source.name == f"{stack}.template.json":
                continue
            body = (
                self._zip(source) if asset["source"]["packaging"] == "zip" else source.read_bytes()
            )
            for to in asset["destinations"].values():
                s3.put_object(Bucket=to["bucketName"], Key=to["objectKey"], Body=body)

    def _zip(self, folder: Path) -> bytes:
        memory = io.BytesIO()
        with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for path in sorted(folder.rglob("*")):
                name = path.relative_to(folder).as_posix()
                if name == "settings.json":
                    archive.writestr(name, self._edge_settings(path))
                elif path.is_file():
                    archive.write(path, name)
        return memory.getvalue()

    def _edge_settings(self, path: Path) -> str:
        """Of the functions on CloudFront, with the emulator's address in place of AWS's own."""
        told = json.loads(path.read_text())
        bucket, region = self.names.bucket("sites"), self.names.of.region
        assert told["store_url"] == f"https://{bucket}.s3.{region}.amazonaws.com"
        assert told["table_url"] == f"https://dynamodb.{region}.amazonaws.com"
        told |= {"store_url": f"{self.account.url}/{bucket}", "table_url": self.account.url}
        return json.dumps(told)

    def _wait(self, formation: Any, name: str, wanted: str = "CREATE_COMPLETE") -> None:
        deadline = time.monotonic() + 240
        while True:
            (found,) = formation.describe_stacks(StackName=name)["Stacks"]
            if found["StackStatus"].endswith(_ENDS):
                break
            assert time.monotonic() < deadline, f"{name} is still {found['StackStatus']}"
            time.sleep(0.1)
        if found["StackStatus"] != wanted:
            events = formation.describe_stack_events(StackName=name)["StackEvents"]
            bad = [
                f"{e['LogicalResourceId']} ({e['ResourceType']}): {e.get('ResourceStatusReason')}"
                for e in reversed(events)
                if e["ResourceStatus"].endswith("FAILED")
            ]
            raise AssertionError(f"{name} is {found['StackStatus']}:\n" + "\n".join(bad))


def synthesise(installation: Installation, packages: Path, out: Path) -> Names:
    """The templates of an installation, with real packages for this computer's Python."""
    pack(packages, Target(installation.python, installation.architecture))
    app.build(installation, Assets.built(packages), out).synth()
    return Names(installation)


def pack(to: Path, target: Target) -> None:
    """What `make package` makes, but for the zips; layers that are there already are kept."""
    for name, made in _FOLDERS.items():
        shutil.rmtree(to / name, ignore_errors=True)
        (to / name).mkdir(parents=True)
        made(to / name, target)
    for name in LAYERS:
        (to / "layers").mkdir(exist_ok=True)
        layers.layer(name, to / "layers" / name, target)
    sources.runner(to / "runner.pyz", target)


_FOLDERS: dict[str, Callable[[Path, Target], None]] = {
    "functions": sources.functions,
    "api": sources.api,
    "edge": pages.edge,
    "console": pages.console,
}
