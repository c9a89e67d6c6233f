"""The bundle by itself: packed, unpacked somewhere else, run by a Python that has nothing."""

import json
import subprocess
import sys
import zipfile

import pytest

from functions.edge import bundle
from functions.edge.origin.settings import OriginSettings, read_settings
from tests.contract.edge_sites import FakeSite
from tests.fakes.origin import row

SETTINGS = bundle.on_aws("deck-sites-1-eu-central-1", "deck-core", "eu-central-1")
RUN = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
from importlib import import_module
call = json.load(sys.stdin)
answers = []
for name, event in call:
    module, _, function = name.rpartition(".")
    answers.append(getattr(import_module(module), function)(event, None))
fresh = {name: sys.modules[name] for name in set(sys.modules) - before}
ours = {name: module.__file__ for name, module in fresh.items() if getattr(module, "__file__", "")}
json.dump({"answers": answers, "modules": ours}, sys.stdout)
"""


def test_settings_are_those_of_the_functions(tmp_path):
    (tmp_path / "settings.json").write_bytes(SETTINGS)
    settings = read_settings(tmp_path / "settings.json")
    assert settings == OriginSettings(
        store_url="https://deck-sites-1-eu-central-1.s3.eu-central-1.amazonaws.com",
        store_region="eu-central-1",
        table_url="https://dynamodb.eu-central-1.amazonaws.com",
        table_region="eu-central-1",
        table="deck-core",
    )


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"table": "x", "more": 1}'])
def test_settings_of_something_else(tmp_path, text):
    (tmp_path / "settings.json").write_text(text)
    with pytest.raises(RuntimeError, match="packed by us"):
        read_settings(tmp_path / "settings.json")
    with pytest.raises(RuntimeError):
        read_settings()


def test_the_same_bytes_every_time(tmp_path):
    packed = bundle.packed(SETTINGS)
    assert packed == bundle.packed(SETTINGS)
    assert len(packed) < 128 * 1024
    target = tmp_path / "edge.zip"
    script = [sys.executable, "-I", "-S", bundle.__file__, str(target)]
    names = ["deck-sites-1-eu-central-1", "deck-core", "eu-central-1"]
    subprocess.run([*script, *names], check=True, cwd=tmp_path)
    assert target.read_bytes() == packed


def test_what_it_holds():
    names = list(bundle.files(SETTINGS))
    assert "functions/edge/origin_request.py" in names
    assert "settings.json" in names
    assert "chalicelib/edge/rules/resolve.py" in names
    assert not [name for name in names if "viewer" in name or "publish" in name]
    assert not [name for name in names if "pycache" in name or "local/" in name]


def test_it_runs_alone(tmp_path, backend):
    site = FakeSite("shop")
    live = site.publish({"index.html": b"one", "a/index.html": b"two"})
    backend.rows["shop"] = row(site.project, site.team, live)
    backend.objects = site.objects
    settings = {k: v for k, v in json.loads(SETTINGS).items() if "url" not in k}
    urls = {"store_url": backend.url, "table_url": backend.url}
    packed = tmp_path / "edge.zip"
    packed.write_bytes(
        bundle.packed(json.dumps(settings | urls | {"table": "clouddeck-core"}).encode())
    )
    top = tmp_path / "task"
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(top)
    request = {"method": "GET", "uri": "/d/shop/-/", "querystring": "", "headers": {}}
    moved = {**request, "uri": f"/d/shop/{live[4:]}/a"}
    response = {"status": "404", "headers": {}}
    calls = [
        (bundle.HANDLERS["origin-request"], {"Records": [{"cf": {"request": request}}]}),
        (bundle.HANDLERS["origin-request"], {"Records": [{"cf": {"request": moved}}]}),
        (
            bundle.HANDLERS["origin-response"],
            {"Records": [{"cf": {"request": request, "response": response}}]},
        ),
    ]
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", RUN, str(top)],
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"},
    )
    said = json.loads(run.stdout)
    blob, redirect, failed = said["answers"]
    assert blob["uri"].startswith(f"/blobs/{site.team}/")
    assert (redirect["status"], redirect["headers"]["location"][0]["value"]) == ("308", "/a/")
    assert failed["status"] == "502"
    assert not {"boto3", "botocore", "urllib3", "chalicelib.wiring"} & set(said["modules"])
    strangers = {
        name: file
        for name, file in said["modules"].items()
        if not file.startswith((str(top), sys.base_prefix)) or "site-packages" in file
    }
    assert strangers == {}
