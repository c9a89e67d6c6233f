"""The layers hold what our code imports and every service it calls."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from cdk.package import Target, layers, sources, zips
from chalicelib import resources

ROOT = sources.CHECKOUT
LAMBDA = [
    ROOT / "app.py",
    *(ROOT / "chalicelib").rglob("*.py"),
    *(ROOT / "functions").rglob("*.py"),
]


def wanted_services() -> dict[str, str]:
    """Service -> a file that makes a client of it with a literal name."""
    found = {}
    for path in LAMBDA:
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            name = node.func
            called = name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", "")
            given = node.args[0]
            if called in {"client", "create_client"} and isinstance(given, ast.Constant):
                found[given.value] = str(path.relative_to(ROOT))
    return found


def test_the_layer_describes_every_service_that_is_called_and_no_other():
    wanted, kept = wanted_services(), layers.services("core") or set()
    missing = {service: place for service, place in wanted.items() if service not in kept}
    assert missing == {}, "add them to layers/core/services.txt"
    assert kept - set(wanted) == set(), "nothing calls them any more"


def test_listed_services_exist():
    import botocore.session

    known = set(botocore.session.get_session().get_available_services())
    assert (layers.services("core") or set()) - known == set()


def test_versions_are_those_that_we_test_with():
    for name in ("core", "git", "saml", "sigv4a"):
        for pin in layers.pins(name):
            library, _, version = pin.partition("==")
            if name != "sigv4a":
                assert metadata.version(library) == version, f"layers/{name}: {pin}"
            assert version, f"{pin} is not exact"
    listed = {line.split("==")[0].split("[")[0]: line for line in _requirements()}
    for pin in (*layers.pins("core"), *layers.pins("git")):
        library, _, version = pin.partition("==")
        if library in listed:
            assert listed[library].endswith(f"=={version}"), f"requirements.txt: {listed[library]}"


def test_the_layer_of_saml_is_the_extra():
    listed = (ROOT / "requirements-saml.txt").read_text().splitlines()
    assert layers.pins("saml") == [line for line in listed if line and line[0] != "#"]


def _requirements() -> list[str]:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_the_signer_is_the_one_that_botocore_names():
    needed = [r for r in metadata.requires("botocore") or () if r.startswith("awscrt")]
    assert [pin.split("==")[1] in needed[0] for pin in layers.pins("sigv4a")] == [True]


def test_every_layer_of_a_function_is_made():
    used = {name for f in resources.FUNCTIONS for name in f.layers}
    assert used | set(resources.API_LAYERS) <= set(layers.LAYERS)


def test_wheels_that_run_on_lambda():
    older, newer = Target("3.11", "x86_64").platforms, Target("3.13", "arm64").platforms
    assert (older[0], newer[0]) == ("manylinux_2_28_x86_64", "manylinux_2_34_aarch64")
    assert "manylinux2014_aarch64" in newer
    assert not Target("3.11").on_lambda
    assert Target().on_lambda
    assert not [name for name in newer if "x86_64" in name]


def test_what_pip_says_is_passed_on(tmp_path, monkeypatch):
    recipe = tmp_path / "layers" / "core"
    recipe.mkdir(parents=True)
    (recipe / "requirements.txt").write_text("no-such-library-of-anybody==0.0.1\n")
    monkeypatch.setattr(layers, "RECIPES", tmp_path / "layers")
    with pytest.raises(layers.LayerFault, match="no-such-library-of-anybody"):
        layers.layer("core", tmp_path / "out", Target())
    assert not (tmp_path / "core.stamp").exists()


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layer for this very Python, so that it can be tried."""
    here = Target("{}.{}".format(*sys.version_info[:2]), _architecture())
    folder = tmp_path_factory.mktemp("layers") / "core"
    layers.layer("core", folder, here)
    return folder


def _architecture() -> str:
    return "arm64" if os.uname().machine in {"aarch64", "arm64"} else "x86_64"


TRY = """
import importlib, sys
assert not [path for path in sys.path if "site-packages" in path], sys.path
from chalicelib import resources
for function in resources.FUNCTIONS:
    if "sigv4a" not in function.layers:
        importlib.import_module(function.module)
import app
import boto3, jwt, argon2, cryptography.hazmat.primitives.ciphers.aead
for service in sys.argv[1:]:
    boto3.client(service, region_name="us-east-1")
argon2.PasswordHasher().hash("tried")
from chalicelib.graphql.actions import answer
assert answer(None, "{ __typename }", None, None) == {"data": {"__typename": "Query"}}
print(len(app.app.routes), boto3.__file__)
"""


def test_the_layer_is_all_that_functions_and_api_need(core, tmp_path):
    kept = sorted(layers.services("core") or ())
    done = subprocess.run(
        [sys.executable, "-S", "-c", TRY, *kept],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([str(core / "python"), str(ROOT)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "AWS_REGION": "us-east-1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert str(core) in done.stdout


TRY_GIT = """
import importlib.util, io, sys
assert not [path for path in sys.path if "site-packages" in path], sys.path
if importlib.util.find_spec("paramiko") is None:
    print("no SSH")
else:
    import paramiko
    from chalicelib.git.actions.admission import _key_pair
    paramiko.Ed25519Key.from_private_key(io.StringIO(_key_pair("tried")[0]))
    print(paramiko.__version__, "invoke" in sys.modules)
"""


def test_ssh_is_a_layer_of_its_own(core, tmp_path):
    here = Target("{}.{}".format(*sys.version_info[:2]), _architecture())
    extra = tmp_path / "git"
    layers.layer("git", extra, here)
    said = _tried(TRY_GIT, tmp_path, (core,), (core, extra))
    assert said == ["no SSH", f"{metadata.version('paramiko')} False"]


TRY_SAML = """
import sys
assert not [path for path in sys.path if "site-packages" in path], sys.path
from chalicelib.accounts.actions import saml
from chalicelib.core.errors import Conflict
try:
    saml.require_library()
    import lxml.etree, xmlsec
    print("installed", xmlsec.get_libxml_version() == lxml.etree.LIBXML_VERSION)
except Conflict as absent:
    print(absent.code)
"""


def test_saml_is_an_extra(core, tmp_path):
    here = Target("{}.{}".format(*sys.version_info[:2]), _architecture())
    extra = tmp_path / "saml"
    layers.layer("saml", extra, here)
    said = _tried(TRY_SAML, tmp_path, (core,), (core, extra))
    assert said == ["saml_not_installed", "installed True"]


def _tried(script: str, where: Path, *choices: tuple[Path, ...]) -> list[str]:
    """The last line that a script prints with each choice of layers and nothing else."""
    said = []
    for folders in choices:
        path = os.pathsep.join([*(str(folder / "python") for folder in folders), str(ROOT)])
        done = subprocess.run(
            [sys.executable, "-S", "-c", script],
            cwd=where,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        said.append(done.stdout.splitlines()[-1])
    return said


def test_the_layer_is_small_and_has_no_packaging_tools(core):
    names = zips.files(core)
    assert sum((core / name).stat().st_size for name in names) < 80e6
    tops = {name.split("/")[1] for name in names}
    assert tops.isdisjoint({"pip", "setuptools", "wheel", "bin", "click", "stripe"})
    assert {name for name in names if name.startswith("python/chalice/") and "pyc" not in name} == {
        "python/chalice/__init__.py",
        "python/chalice/app.py",
    }
    assert not [name for name in names if name.endswith(("/RECORD", "/INSTALLER"))]
    assert [name for name in names if "licenses" in name.lower()], "licences travel along"


def test_a_layer_is_made_once(core):
    before = (core / "python").stat().st_mtime_ns
    here = Target("{}.{}".format(*sys.version_info[:2]), _architecture())
    layers.layer("core", core, here)
    assert (core / "python").stat().st_mtime_ns == before


def test_whoever_installs_can_ask_the_store_too():
    listed = (ROOT / "requirements-cdk.txt").read_text().splitlines()
    assert set(layers.pins("sigv4a")) <= set(listed)


def test_a_runtime_that_is_too_old_is_refused(tmp_path, capsys):
    from cdk.package.__main__ import main

    assert main(["--python", "3.11", "--out", str(tmp_path)]) == 2
    assert "3.12 or newer" in capsys.readouterr().err
