"""A whole installation in the emulator: the stacks, what stands in for the rest, and the people."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import platform
import shutil
import sys
import tarfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from cdk.names import Names
from cdk.settings import Installation, Profile
from tests.acceptance.client import ENDS, PATIENCE, Api
from tests.aws import deploy, ministack
from tests.aws.codebuild import Machines
from tests.aws.deploy import Deployment
from tests.aws.edge import KVS_HOST, Edge
from tests.aws.front import Front
from tests.aws.ministack import ACCOUNT, Account, Keys, free_port
from tests.aws.people import allow, role_statements, user, without
from tests.aws.pipe import Pipe
from tests.e2e.asking import until
from tests.fakes.nameserver import Nameserver
from tests.fakes.viewer import Viewer

Json = dict[str, Any]
EMAIL = "owner@example.com"
DOMAIN = "sites.example.com"
SENDER = "deck@example.com"
PACKAGES = Path(__file__).parents[2] / "build" / "emulated"
"""Packages for this computer's Python; the layers in it are kept for the next time."""


PROFILE = "DEPLOYED_PROFILE"
"""Environment variable with another profile than `standard`."""


def installation() -> Installation:
    """Functions of this computer's kind, and an edge in another region than the rest."""
    machine: Literal["arm64", "x86_64"] = (
        "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
    )
    return Installation(
        account=ACCOUNT,
        region="eu-central-1",
        prefix="deck",
        profile=cast(Profile, os.environ.get(PROFILE, "standard")),
        domain=DOMAIN,
        email=EMAIL,
        mail_from=SENDER,
        python="{}.{}".format(*sys.version_info[:2]),
        architecture=machine,
        keep_data=False,
    )


@dataclass
class Cloud:
    """What runs, and who may do what in it."""

    account: Account
    deployment: Deployment
    machines: Machines
    front: Front
    pipe: Pipe
    edge: Edge
    dns: Nameserver
    folder: Path
    provider: Keys
    operator: Keys

    @property
    def names(self) -> Names:
        return self.deployment.names

    @property
    def url(self) -> str:
        """Base URL of the API."""
        return self.deployment.parameter("api-url")

    def settled(self, api: Api, project: str, commit: str) -> Json:
        """The deployment of a commit as soon as it is over, however it ended."""

        def over() -> Json | None:
            listed: list[Json] = api.get(f"/projects/{project}/deployments")["items"]
            found = (one for one in listed if one["commit"] == commit and one["state"] in ENDS)
            return next(found, None)

        return dict(until(over, PATIENCE))

    def shows(self, host: str, text: bytes, path: str = "/") -> None:
        """Wait until visitors see it: routes follow a moment later than the pointer."""
        until(lambda: text in self.edge.ask(host, path).body, 20)

    def invoke(self, function: str, event: Json, keys: Keys | None = None) -> Json:
        """What a function answers; AssertionError with its fault."""
        client = self.deployment.client("lambda", keys=keys)
        answer = client.invoke(
            FunctionName=self.names.name(function), Payload=json.dumps(event).encode()
        )
        result = json.loads(answer["Payload"].read() or b"null")
        assert "FunctionError" not in answer, result
        return dict(result or {})

    def owner(self) -> Json:
        """Make the owner as the installer does; `{"created","email","password"}`."""
        return self.invoke("owner", {"email": EMAIL, "name": "owner"}, self.operator)

    def mails(self, address: str) -> list[Json]:
        """What SES took for an address, oldest first."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.account.url}/_ministack/ses/messages", timeout=10) as answer:
            sent = json.load(answer)["messages"].get(ACCOUNT, [])
        return [mail for mail in sent if mail["To"] == [address]]

    def rights(self, role: str) -> list[Json]:
        """The statements of a role as CloudFormation would get them, conditions and all."""
        name = self.names.name(role)
        return [
            statement
            for stack in self.deployment.fitted
            for made in json.loads((self.deployment.out / f"{stack}.template.json").read_text())[
                "Resources"
            ].values()
            if made.get("Properties", {}).get("RoleName") == name
            for policy in made["Properties"].get("Policies", [])
            for statement in policy["PolicyDocument"]["Statement"]
        ]

    def sign_in(self, password: str) -> Api:
        """The API as the owner."""
        anonymous = Api(self.url)
        told = anonymous.post("/auth/login", {"email": EMAIL, "password": password})
        return anonymous.signed_in(told["access_token"])

    def push(self, project: str, files: dict[str, bytes], branch: str = "main") -> str:
        """What a git host's door does with a push: the tree into the store, then the event.

        Returns the commit.
        """
        body = archive(files)
        commit = _commit(body)
        self.deployment.client("s3", keys=self.provider).put_object(
            Bucket=self.names.bucket("sources"),
            Key=f"sources/{project}/{commit}.tar.gz",
            Body=body,
        )
        detail = {
            "project": project,
            "branch": branch,
            "commit": commit,
            "sequence": time.time_ns(),
            "pusher": "octocat",
            "message": f"Commit {commit[:7]}",
            "provider": "github",
        }
        answer = self.deployment.client("events", keys=self.provider).put_events(
            Entries=[
                {
                    "EventBusName": self.names.bus(),
                    "Source": "clouddeck",
                    "DetailType": "git.push",
                    "Detail": json.dumps({"version": 1, **detail}),
                }
            ]
        )
        assert answer["FailedEntryCount"] == 0, answer
        return commit

    def host(self, project: Json, deployment: str = "") -> str:
        """Host of a project's site, or of one deployment of it."""
        label = f"{deployment.removeprefix('dpl_')}--" if deployment else ""
        return f"{label}{project['slug']}.{DOMAIN}"

    def without(
        self, role: str, action: str, resource: str = ""
    ) -> contextlib.AbstractContextManager[None]:
        """Take a right away from a role for the length of a block."""
        return without(self.account, self.names.of.region, self.names.name(role), action, resource)

    def may(self, role: str, action: str, resource: str) -> bool:
        """What IAM says of a role, without trying."""
        answer = self.deployment.client("iam").simulate_principal_policy(
            PolicySourceArn=self.names.arn("iam", f"role/{self.names.name(role)}", region=""),
            ActionNames=[action],
            ResourceArns=[resource],
        )
        return bool(answer["EvaluationResults"][0]["EvalDecision"] == "allowed")

    def said(self, function: str) -> str:
        """The log of a function."""
        logs = self.deployment.client("logs").get_paginator("filter_log_events")
        pages = logs.paginate(logGroupName=self.names.function_log(function))
        return "\n".join(event["message"] for page in pages for event in page["events"])


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Cloud]:
    """Synthesise, deploy, and run until the end of the block; nothing stays behind."""
    chosen = installation()
    names = deploy.synthesise(chosen, PACKAGES, folder / "out")
    account = ministack.account(folder)
    edge_port = free_port()
    with contextlib.ExitStack() as stack:
        machines = Machines(account, chosen.region, names.name("builds"), folder / "builds")
        front = Front(account.port, machines)
        stack.callback(front.close)
        dns = Nameserver()
        stack.callback(dns.stop)
        stack.enter_context(
            ministack.running(
                account,
                # the functions' own: addresses that are AWS's everywhere else
                CLOUDDECK_EDGE_ORIGIN=f"http://127.0.0.1:{edge_port}",
                CLOUDDECK_NAMESERVER=dns.address,
                AWS_ENDPOINT_URL_CODEBUILD=front.url,
                AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE=KVS_HOST,
                SFN_WAIT_SCALE="0.1",  # a tenth of the pauses before a step is tried again
                HTTP_PROXY=front.url,
                NO_PROXY="127.0.0.1,localhost",
            )
        )
        stack.callback(machines.close)
        made = Deployment(account, names, folder / "out")
        made.deploy()
        made.client("sesv2").create_email_identity(EmailIdentity=SENDER)  # and it is verified
        pipe = _pipe(made)
        stack.callback(pipe.close)
        viewer = stack.enter_context(Viewer(DOMAIN))
        edge = Edge(made, viewer, front.url, _visitors(made), edge_port)
        stack.callback(edge.close)
        yield Cloud(
            account,
            made,
            machines,
            front,
            pipe,
            edge,
            dns,
            folder,
            provider=_provider(made),
            operator=_operator(made),
        )
    shutil.rmtree(folder / "tmp", ignore_errors=True)


def _provider(made: Deployment) -> Keys:
    names = made.names
    put = allow(["s3:PutObject"], f"{names.bucket_arn('sources')}/sources/*")
    tell = allow(["events:PutEvents"], names.bus_arn())
    return user(made.account, names.of.region, "git-host", put, tell)


def _operator(made: Deployment) -> Keys:
    may = allow(["lambda:InvokeFunction"], made.names.function_arn("owner"))
    return user(made.account, made.names.of.region, "operator", may)


def _visitors(made: Deployment) -> Keys:
    """CloudFront reads by the bucket's policy, which here is somebody's own."""
    may = allow(["s3:GetObject"], f"{made.names.bucket_arn('sites')}/blobs/*")
    return user(made.account, made.names.of.region, "cloudfront", may)


def _pipe(made: Deployment) -> Pipe:
    """The pipe by its template; it may what its role may."""
    region, names = made.names.of.region, made.names
    template = json.loads((made.out / "pipeline.template.json").read_text())
    (properties,) = (
        one["Properties"]
        for one in template["Resources"].values()
        if one["Type"] == "AWS::Pipes::Pipe"
    )
    role = names.name("pipe-routes")
    keys = user(made.account, region, "pipe", *role_statements(made.account, region, role))
    queue = made.client("sqs").get_queue_url(QueueName=names.queue("routes", fifo=True))
    source = made.parameter("core-stream")
    return Pipe(made.account, region, properties, source, str(queue["QueueUrl"]), keys)


def archive(files: dict[str, bytes]) -> bytes:
    """A source tree as .tar.gz; the same bytes for the same files."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as opened:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            opened.addfile(entry, io.BytesIO(content))
    return gzip.compress(tar.getvalue(), mtime=0)


def _commit(body: bytes) -> str:
    return hashlib.sha1(body + str(time.time_ns()).encode()).hexdigest()
