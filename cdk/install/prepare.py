"""Packed code and templates: from an installation's settings to a folder that CDK can deploy."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cdk.assets import CHECKOUT
from cdk.install import assembly
from cdk.install.problems import Failed
from cdk.settings import Installation

if TYPE_CHECKING:
    from cdk.assets import Assets

BUILD = CHECKOUT / "build"


@dataclass(frozen=True)
class Prepared:
    """An assembly on disk, its stacks, and where the build agent will lie in `sources`."""

    folder: Path
    stacks: list[assembly.Made]
    assets: Assets


def packed(installation: Installation, out: Path = BUILD) -> Assets:
    """Pack the code for the installation's runtime; raises Failed with the packer's sentence."""
    from cdk.assets import Assets
    from cdk.package import Target, build
    from cdk.package.layers import LayerFault

    try:
        report = build(out, Target(installation.python, installation.architecture))
    except (ValueError, LayerFault, OSError, subprocess.CalledProcessError) as fault:
        raise Failed(
            "package_failed",
            f"The code could not be packed: {fault}",
            "`python -m cdk.package` shows it alone; libraries come from your pip's index.",
        ) from fault
    if report.problems():
        raise Failed("package_failed", "; ".join(report.problems()), "`python -m cdk.package`")
    return Assets.built(out)


def bare(out: Path = BUILD) -> Assets:
    """Placeholders with which templates can be looked at, but nothing deployed."""
    from cdk.assets import Assets

    return Assets.bare(out / "bare")


def synthesised(installation: Installation, assets: Assets, folder: Path) -> Prepared:
    """Write the templates of all stacks into `folder`; raises Failed when they break a rule."""
    from cdk import app

    try:
        app.synth(installation, assets, folder)
    except (app.Findings, ValueError) as fault:
        raise Failed("templates_rejected", f"{fault}", "Nothing was changed in AWS.") from fault
    return Prepared(folder, assembly.read(folder), assets)


def version(checkout: Path = CHECKOUT) -> str:
    """Version of the CloudDeck in this checkout."""
    import tomllib

    document = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))
    return str(document["project"]["version"])


def commit(checkout: Path = CHECKOUT) -> str:
    """Commit of this checkout, with `+` when files were changed; empty outside git."""
    asked = _git(checkout, "rev-parse", "HEAD")
    if not asked:
        return ""
    return asked + ("+" if _git(checkout, "status", "--porcelain", "--untracked-files=no") else "")


def _git(checkout: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(checkout), *arguments], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
