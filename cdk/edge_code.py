"""What runs on CloudFront, with the names of an installation written into it.

Neither CloudFront Functions nor Lambda@Edge have environment variables.
"""

from __future__ import annotations

import runpy
import shutil
import tempfile
from pathlib import Path
from typing import Literal

import rjsmin  # type: ignore[import-untyped]  # it has no types
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3_assets as s3_assets

from cdk.assets import CHECKOUT
from cdk.names import Names
from cdk.stack import DeckStack

SOURCES = CHECKOUT / "functions" / "edge"
MOST_BYTES = 10_240
"""Of a CloudFront Function; a fixed quota."""


def viewer(which: Literal["viewer_request", "viewer_response"], domain: str) -> str:
    """The text of a CloudFront Function for sites below `domain`, without comments.

    Raises ValueError when CloudFront would not take it.
    """
    source = (SOURCES / f"{which}.js").read_text(encoding="utf-8")
    text: str = rjsmin.jsmin(source).replace("%SITES_DOMAIN%", domain)
    size = len(text.encode())
    if size > MOST_BYTES:
        raise ValueError(f"{which}.js has {size:,} bytes, CloudFront takes {MOST_BYTES:,}")
    return text


def origin(stack: DeckStack) -> lambda_.Code:
    """The package of both functions towards the origin, with its settings.json."""
    names = stack.names
    known = runpy.run_path(str(SOURCES / "bundle.py"))
    settings: bytes = known["on_aws"](names.bucket("sites"), names.name("core"), names.of.region)
    with tempfile.TemporaryDirectory(prefix="clouddeck-edge-") as folder:
        bundle = Path(folder) / "bundle"
        shutil.copytree(stack.assets.edge_bundle, bundle)
        (bundle / "settings.json").write_bytes(settings)
        # staged here and now: the folder is gone when the functions are made
        asset = s3_assets.Asset(stack, "origin-code", path=str(bundle))
    return lambda_.Code.from_bucket(asset.bucket, asset.s3_object_key)


def handlers() -> dict[str, str]:
    """CloudFront's event -> entry of the package."""
    found: dict[str, str] = runpy.run_path(str(SOURCES / "bundle.py"))["HANDLERS"]
    return found


def bucket_domain(names: Names, what: str) -> str:
    """Host name of a bucket, by which CloudFront asks for its objects."""
    return f"{names.bucket(what)}.s3.{names.of.region}.amazonaws.com"
