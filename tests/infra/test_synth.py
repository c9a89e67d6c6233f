"""The templates as a whole: complete, in order, clean, repeatable."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import aws_cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from cdk import app, nag
from cdk.assets import LAYERS, Assets
from cdk.names import PARAMETERS, STACKS, Names
from cdk.settings import EDGE_REGION
from tests.infra import stacks
from tests.infra.stacks import Stacks

CHECKOUT = Path(__file__).resolve().parents[2]


def test_every_stack_is_made_where_it_belongs(made: Stacks) -> None:
    assert list(made.templates) == list(STACKS)
    manifest = json.loads((made.folder / "manifest.json").read_text())["artifacts"]
    for stack in STACKS:
        region = EDGE_REGION if stack == "edge" else made.names.of.region
        described = manifest[stack]
        assert described["environment"] == f"aws://{made.names.of.account}/{region}"
        assert described["properties"]["stackName"] == made.names.stack(stack)


def test_stacks_wait_for_those_before_them_and_share_no_exports(made: Stacks) -> None:
    manifest = json.loads((made.folder / "manifest.json").read_text())["artifacts"]
    for before, stack in itertools.pairwise(STACKS):
        assert before in manifest[stack]["dependencies"]
    for template in made.templates.values():
        assert "Fn::ImportValue" not in json.dumps(template)
        assert not any("Export" in output for output in template.get("Outputs", {}).values())


def test_no_template_goes_round_in_circles(made: Stacks) -> None:
    for template in made.templates.values():
        Template.from_json(template)  # raises when resources wait for each other


def test_parameters_are_written_by_the_stack_that_they_are_said_to_be_of(made: Stacks) -> None:
    written = {
        parameter["Name"]: stack
        for stack in made.templates
        for parameter in made.every("AWS::SSM::Parameter", stack)
    }
    ours = {made.names.parameter_name(what): stack for what, stack in PARAMETERS.items()}
    assert written.items() >= ours.items()


def test_a_stack_reads_only_what_earlier_stacks_wrote(made: Stacks) -> None:
    of = {made.names.parameter_name(what): stack for what, stack in PARAMETERS.items()}
    read = 0
    for stack, template in made.templates.items():
        for parameter in template.get("Parameters", {}).values():
            if parameter["Type"] == "AWS::SSM::Parameter::Value<String>":
                if parameter["Default"].startswith("/cdk-bootstrap"):
                    continue
                read += 1
                assert STACKS.index(of[parameter["Default"]]) < STACKS.index(stack)
    assert read > 5


def test_templates_fit_into_cloudformation(made: Stacks) -> None:
    for stack, template in made.templates.items():
        assert len(template["Resources"]) <= 500, stack
        assert len(json.dumps(template)) < 1_000_000, stack


def test_cfn_lint_has_nothing_to_say(made: Stacks) -> None:
    files = sorted(str(path) for path in made.folder.glob("*.template.json"))
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("cfn-lint")),
            "--config-file",
            "cdk/.cfnlintrc",
            "--",
            *files,
        ],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_a_finding_that_nobody_explained_stops_the_synthesis(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(*_: object) -> aws_cdk.App:
        made = aws_cdk.App(outdir=str(tmp_path / "out"))
        s3.Bucket(aws_cdk.Stack(made, "careless"), "open")
        return made

    monkeypatch.setattr(app, "build", careless)
    with pytest.raises(app.Findings, match=r"AwsSolutions-S10 careless/open"):
        app.synth(stacks.installation("hobby"), Assets.bare(tmp_path / "bare"), tmp_path / "out")


def test_every_explanation_says_why() -> None:
    every = (*nag.ACCEPTED, *nag.OUTSIDE_PRODUCTION, *nag.MANAGED)
    assert len({(a.rule, a.where) for a in every}) == len(every)
    assert all(len(a.reason.split()) >= 5 for a in every)


def test_no_explanation_is_left_over(made: Stacks) -> None:
    tree = json.loads((made.folder / "tree.json").read_text())["tree"]
    paths = list(_paths(tree))
    outside = () if made.profile == "production" else nag.OUTSIDE_PRODUCTION
    managed = nag.MANAGED if made.profile == "production" else ()
    for found in (*nag.ACCEPTED, *outside, *managed):
        assert any(fnmatchcase(path, found.where) for path in paths), found


def _paths(node: dict[str, Any]) -> Iterator[str]:
    yield node.get("path", "")
    for child in node.get("children", {}).values():
        yield from _paths(child)


def test_packages_are_named_when_they_are_absent(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"runner\.pyz.*make package"):
        Assets.built(tmp_path)


def test_packages_of_a_build_are_found_where_the_packager_puts_them(tmp_path: Path) -> None:
    for folder in ("functions", "api", "edge", "console", *(f"layers/{name}" for name in LAYERS)):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "runner.pyz").write_bytes(b"agent")
    found = Assets.built(tmp_path)
    assert found.runner_key == (
        "runner/d4f0bc5a29de06b510f9aa428f1eedba926012b591fef7a518e776a7c9bd1824.pyz"
    )
    assert set(found.layers) == set(LAYERS)


def test_other_choices_are_kept_to(tmp_path: Path) -> None:
    """Intel, an older Python, at most three builds, data that goes with the stack, no mail."""
    chosen = replace(
        stacks.installation("hobby"),
        architecture="x86_64",
        python="3.12",
        builds=3,
        keep_data=False,
        email="",
    )
    app.synth(chosen, Assets.bare(tmp_path / "bare"), tmp_path / "out")
    other = stacks.read(tmp_path / "out", Names(chosen))
    for stack in ("api", "pipeline"):
        for function in other.every("AWS::Lambda::Function", stack):
            assert (function["Architectures"], function["Runtime"]) == (["x86_64"], "python3.12")
        for layer in other.every("AWS::Lambda::LayerVersion", stack):
            assert layer["CompatibleArchitectures"] == ["x86_64"]
            assert layer["CompatibleRuntimes"] == ["python3.12"]
    (project,) = other.every("AWS::CodeBuild::Project")
    assert project["ConcurrentBuildLimit"] == 3
    assert project["Environment"]["Type"] == "LINUX_CONTAINER"
    for where, resource in other.found("AWS::DynamoDB::GlobalTable"):
        assert resource["DeletionPolicy"] == "Delete", where
        (replica,) = resource["Properties"]["Replicas"]
        assert replica["DeletionProtectionEnabled"] is False
    assert other.every("AWS::SNS::Subscription") == other.every("AWS::Budgets::Budget") == []
