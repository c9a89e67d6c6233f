"""All stacks of an installation, from its settings; and their templates, checked."""

from __future__ import annotations

import importlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from cdk.assets import CHECKOUT, Assets
from cdk.names import STACKS, Names
from cdk.settings import Installation

if TYPE_CHECKING:
    import aws_cdk
    from aws_cdk.cx_api import CloudAssembly

    from cdk.stack import DeckStack

FLAGS = {
    "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": True,  # instead of ACLs
    "@aws-cdk/aws-iam:minimizePolicies": True,
    "@aws-cdk/core:checkSecretUsage": True,
    "@aws-cdk/aws-lambda:recognizeLayerVersion": True,
    "@aws-cdk/core:target-partitions": ["aws"],
}
"""What CDK does better since it was new, but only for those who say so."""


class Findings(Exception):  # noqa: N818  # said to a person as it is
    """The templates break rules that nothing in `cdk/nag.py` explains; the text lists them."""


def tools(folder: Path = CHECKOUT / "build") -> None:
    """Keep what CDK's own tools write out of the home folder. To be called before all else."""
    os.environ.setdefault("JSII_RUNTIME_PACKAGE_CACHE_ROOT", str(folder / "jsii"))
    os.environ.setdefault("CDK_HOME", str(folder / "cdk"))
    # major versions; we take Node 20 as well, and a banner on every command says nothing new
    os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")


def synth(installation: Installation, assets: Assets, out: Path) -> CloudAssembly:
    """Write the templates of all stacks to `out`, checked; raises Findings."""
    app = build(installation, assets, out)
    from cdk import nag

    nag.check(app, production=installation.profile == "production")
    report = out / "validation-report.json"
    report.unlink(missing_ok=True)  # of an earlier synthesis
    try:
        return app.synth()
    except RuntimeError as fault:
        raise Findings(_findings(report) or str(fault)) from fault


def _findings(report: Path) -> str:
    """One line per broken rule and resource; an empty text when there is no report."""
    if not report.exists():
        return ""
    lines = [
        f"{violation['ruleName']} {construct['constructPath']}: {violation['description']}"
        for plugin in json.loads(report.read_text(encoding="utf-8"))["pluginReports"]
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    ]
    return "\n".join(sorted(set(lines)))


def build(installation: Installation, assets: Assets, outdir: Path) -> aws_cdk.App:
    """The app with every stack, in the order of `names.STACKS`; nothing is written yet."""
    tools()
    import aws_cdk

    app = aws_cdk.App(outdir=str(outdir), analytics_reporting=False, context=FLAGS)
    names = Names(installation)
    before: DeckStack | None = None
    for what in STACKS:
        stack = _stack(what)(app, what, names, assets)
        if before is not None:
            stack.add_stack_dependency(before)
        before = stack
    return app


def _stack(what: str) -> type[DeckStack]:
    """The class `<What>Stack` in `cdk/<what>_stack.py`."""
    module = importlib.import_module(f"cdk.{what}_stack")
    found: type[DeckStack] = getattr(module, f"{what.title()}Stack")
    return found
