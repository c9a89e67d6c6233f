"""Every profile is synthesized once, by one worker, with packages of almost nothing."""

from __future__ import annotations

import pytest

from cdk import app
from cdk.assets import Assets
from cdk.names import Names
from cdk.settings import PROFILES
from tests.infra import stacks
from tests.infra.stacks import Stacks

app.tools()


@pytest.fixture(scope="session", params=PROFILES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stacks:
    """The checked templates of a profile; a finding of cdk-nag fails every test."""
    chosen = stacks.installation(request.param)
    folder = tmp_path_factory.mktemp(request.param)
    app.synth(chosen, Assets.bare(folder / "bare"), folder / "out")
    return stacks.read(folder / "out", Names(chosen))
