"""What the runner executes, in its order."""

from __future__ import annotations

from chalicelib.builds.rules.commands import Commands
from chalicelib.builds.rules.model import Step


def steps_of(commands: Commands) -> list[Step]:
    """The steps of a plan: what installs, then what builds."""
    install = [Step("install", "install", commands.install)] if commands.install else []
    build = [Step("build", "build", commands.build)] if commands.build else []
    return [*install, *build]
