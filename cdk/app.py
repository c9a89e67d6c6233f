"""All stacks of an installation, from its settings; and their templates, checked."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from cdk.names import STACKS, Names
from cdk.settings import Installation

if TYPE_CHECKING:
    import aws_cdk
    from aws_cdk.cx_api import CloudAssembly

    from cdk.assets import Assets
    from cdk.stack import DeckStack

FLAGS = {
    "@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy": True,  # instead of ACLs
    "@aws-cdk/aws-iam:minimizePolicies": True,
    "@aws-cdk/core:checkSecretUsage": True,
    "@aws-cdk/aws-lambda:recognizeLayerVersion": True,
    "@aws-cdk/core:target-partitions": ["aws"],
}
"""What CDK does better since it was new, but only for those who say so."""


def build(installation: Installation, assets: Assets, outdir: Path) -> aws_cdk.App:
    """The app with every stack, in the order of `names.STACKS`; nothing is written yet."""
    import aws_cdk

    app = aws_cdk.App(outdir=str(outdir), analytics_reporting=False, context=FLAGS)
    names = Names(installation)
    before: DeckStack | None = None
    for what in STACKS:
        made = _stack(what)
        if made is None:
            continue
        stack = made(app, what, names, assets)
        if before is not None:
            stack.add_dependency(before)
        before = stack
    return app


def _stack(what: str) -> type[DeckStack] | None:
    """The class `<What>Stack` in `cdk/<what>_stack.py`."""
    module = f"cdk.{what}_stack"
    if importlib.util.find_spec(module) is None:
        return None
    found: type[DeckStack] = getattr(importlib.import_module(module), f"{what.title()}Stack")
    return found
