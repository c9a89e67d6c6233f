"""What the runner executes, in its order."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.builds.rules.commands import Commands
from chalicelib.builds.rules.model import Stage, Step


def steps_of(commands: Commands, more: Sequence[Step]) -> list[Step]:
    """What installs, then the checks, then what builds; further steps after the usual one.

    Checks come before the build, so that a site whose tests fail is not built for nothing.
    """
    install = [Step("install", "install", commands.install)] if commands.install else []
    build = [Step("build", "build", commands.build)] if commands.build else []

    def of(stage: Stage) -> list[Step]:
        return [step for step in more if step.stage == stage]

    return [*install, *of("install"), *of("check"), *build, *of("build")]
