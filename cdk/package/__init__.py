"""Packs what an installation uploads: `python -m cdk.package`.

The same sources make the same bytes, wherever and whenever they are packed: file names are
sorted, times and permissions are fixed, libraries are named by exact version.
"""

from cdk.package.build import PARTS, build
from cdk.package.report import Report
from cdk.package.target import Target

__all__ = ["PARTS", "Report", "Target", "build"]
