"""The Chalice app as a construct: Chalice packs it and says its routes, CDK does the rest.

Chalice writes a SAM template with a function, a role and an API of its own making. We want the
function made like all others (runtime and architecture of the installation, libraries from the
layer, a role of exact grants), and we want no macro in the template; so of Chalice's output the
package and the description of the API are taken.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3_assets as s3_assets
from chalice.cdk import Chalice
from constructs import Construct

from cdk.gateway_responses import gateway_responses
from cdk.names import Names
from cdk.package import zips

STAGE = "api"
SECURITY_POLICY = "SecurityPolicy_TLS13_1_2_2021_06"
"""TLS 1.2 and 1.3; no version of TLS that is out of date, and no weak cipher."""

ENDPOINT_ACCESS = "STRICT"
"""The name in the TLS handshake has to be the name that is asked."""


def stage_app(source: Path, target: Path, names: Names) -> None:
    """Lay out a Chalice project: our code without libraries and without what Python left behind.

    An empty list of requirements, because the libraries are in the layer `core`.
    """
    shutil.copytree(source / "chalicelib", target / "chalicelib", ignore=_left_behind)
    shutil.copy(source / "app.py", target / "app.py")
    (target / "requirements.txt").write_text("")
    (target / ".chalice").mkdir()
    config = {
        "version": "2.0",
        "app_name": names.of.prefix,
        "autogen_policy": False,
        "manage_iam_role": False,
        "iam_role_arn": names.arn("iam", f"role/{names.name('api')}", region=""),
        "stages": {
            STAGE: {"api_gateway_stage": STAGE, "api_gateway_endpoint_type": "REGIONAL"},
        },
    }
    (target / ".chalice" / "config.json").write_text(json.dumps(config, indent=1))


def _left_behind(folder: str, names: list[str]) -> list[str]:
    """Bytecode that belongs to files of this machine by their time: it would never be read.

    What the packager compiled names its source by content (PEP 552) and goes along.
    """
    return [name for name in names if name.endswith(".pyc") and not _by_hash(Path(folder, name))]


def _by_hash(bytecode: Path) -> bool:
    with bytecode.open("rb") as file:
        return any(file.read(8)[4:])


class ChaliceApi(Chalice):  # type: ignore[misc]  # chalice has no types
    """The app's package (`code`) and its REST API (`rest`), without function and stage."""

    code: lambda_.Code
    """What Chalice packed: the app and Chalice's own runtime."""

    body_hash: str
    """Changes whenever the API does: a new deployment is needed then."""

    def __init__(self, scope: Construct, source: Path, names: Names) -> None:
        self._names = names
        with _scratch() as folder:
            stage_app(source, folder / "app", names)
            # Chalice writes beside the working directory, whichever that is
            with chdir(folder):
                super().__init__(scope, "chalice", str(folder / "app"))

    @property
    def rest(self) -> apigateway.CfnRestApi:
        """The REST API."""
        found = self.get_resource("RestAPI")
        assert isinstance(found, apigateway.CfnRestApi)
        return found

    def _package_app(self) -> None:
        """Let Chalice pack in a process of its own.

        It imports the app, which shall be the staged one and nobody else's `app`.
        """
        command = "from chalice.cli import main; main()"
        stage = ["package", "--stage", STAGE, self._sam_package_dir]
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "AWS_DEFAULT_REGION": self._names.of.region,
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": self.source_dir,
        }
        done = subprocess.run(
            [sys.executable, "-c", command, "--project-dir", self.source_dir, *stage],
            env=environment,
            cwd=self.source_dir,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"Chalice could not pack the API: {done.stderr.strip()[-2000:]}")

    def _generate_sam_template_with_assets(self, out: str, package: str) -> str:
        """The template that the construct includes: the API alone, in plain CloudFormation."""
        packed = Path(self._sam_package_dir)
        zips.lighten(packed / "deployment.zip", self._names.of.python)
        # staged here and now: the folder is gone when the function is made
        asset = s3_assets.Asset(self, "code", path=str(packed / "deployment.zip"))
        self.code = lambda_.Code.from_bucket(asset.bucket, asset.s3_object_key)
        sam = json.loads((packed / "sam.json").read_text())
        body = api_body(sam["Resources"]["RestAPI"]["Properties"]["DefinitionBody"], self._names)
        self.body_hash = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        properties = {
            "Name": self._names.name("api"),
            "Description": f"CloudDeck {self._names.of.prefix}: the API",
            "Body": body,
            "EndpointConfiguration": {"Types": ["REGIONAL"]},
            "SecurityPolicy": SECURITY_POLICY,
            "EndpointAccessMode": ENDPOINT_ACCESS,
        }
        template = {
            "Resources": {"RestAPI": {"Type": "AWS::ApiGateway::RestApi", "Properties": properties}}
        }
        path = Path(out) / f"{package}.json"
        path.write_text(json.dumps(template))
        return str(path)


def api_body(described: dict[str, Any], names: Names) -> dict[str, Any]:
    """The description of the API, with the function by its name and with our error shape.

    By name, because the function's environment holds the API's address: whoever refers to the
    other by reference here would close a circle.
    """
    path = f"path/2015-03-31/functions/{names.function_arn('api')}/invocations"
    invoked = f"arn:aws:apigateway:{names.of.region}:lambda:{path}"
    body = json.loads(json.dumps(described))
    body.pop("x-amazon-apigateway-binary-media-types", None)  # the API speaks JSON
    body["info"]["title"] = names.name("api")
    body["x-amazon-apigateway-gateway-responses"] = gateway_responses()
    for methods in body["paths"].values():
        for method in methods.values():
            integration = method["x-amazon-apigateway-integration"]
            if integration["type"] == "aws_proxy":
                integration["uri"] = invoked
                integration["timeoutInMillis"] = 29_000
    return dict(body)


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="clouddeck-api-") as folder:
        yield Path(folder)
