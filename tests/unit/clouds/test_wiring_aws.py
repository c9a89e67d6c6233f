"""CLOUDDECK_CLOUD=aws: every port is answered by AWS, and nothing is opened before it is asked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from chalicelib import ports, wiring
from chalicelib.core import config
from chalicelib.core.config import Settings

ENVIRONMENT = {
    "CLOUDDECK_CLOUD": "aws",
    "CLOUDDECK_ACCOUNT": "123456789012",
    "AWS_REGION": "eu-central-1",
    "CLOUDDECK_RUNNER_KEY": "runner/ab.pyz",
}
PROGRAM = """
import sys
from chalicelib import wiring
from chalicelib.core.config import settings
wiring.install()
from chalicelib.ports import services
services()
assert "boto3" not in sys.modules, "the SDK was loaded"
assert not [name for name in sys.modules if name.startswith("chalicelib.clouds.local")]
print(*[type(port).__module__ for port in vars(services()).values()])
"""


def test_every_port_is_of_aws_and_opens_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=Path(__file__).parents[3],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    modules = done.stdout.split()
    assert len(modules) == len(get_type_hints(ports.Services))
    assert all(module.startswith("chalicelib.clouds.aws.") for module in modules)


def test_settings_of_aws() -> None:
    now = config.read(ENVIRONMENT)
    assert now.bucket("sites") == "clouddeck-sites-123456789012-eu-central-1"
    assert now.builds == "clouddeck-builds"
    assert config.read({**ENVIRONMENT, "CLOUDDECK_BUILDS": "x"}).builds == "x"
    assert now.runner_key == "runner/ab.pyz"


def test_each_port_has_every_method(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "settings", lambda: Settings(cloud="aws"))
    made = wiring._of_this_cloud()
    hints: dict[str, Any] = get_type_hints(ports.Services)
    for name, protocol in hints.items():
        methods = {m for m in vars(protocol) if not m.startswith("_")}
        assert methods, name
        missing = {m for m in methods if not callable(getattr(getattr(made, name), m, None))}
        assert not missing, f"{name} lacks {missing}"


def test_another_cloud_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "settings", lambda: Settings(cloud="moon"))
    with pytest.raises(RuntimeError, match="'moon'; it can be local, aws"):
        wiring._of_this_cloud()
