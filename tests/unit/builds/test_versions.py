"""Which versions a repository asks for, and when it asks for none."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.builds.rules.model import PlanError
from chalicelib.builds.rules.repo import Repo
from chalicelib.builds.rules.versions import check_version, node_version, python_version
from tests.unit.builds.repos import found, package, plan

NODE = [
    ({".nvmrc": "v18.19.0\n"}, ("18.19.0", ".nvmrc")),
    ({".nvmrc": "# ours\n22 # new\n"}, ("22", ".nvmrc")),
    ({".nvmrc": "lts/iron"}, ("20", ".nvmrc")),
    ({".nvmrc": "lts/*", ".node-version": "18"}, None),
    ({".node-version": "22.1.0"}, ("22.1.0", ".node-version")),
    ({".tool-versions": "python 3.12.1\nnodejs 18.20.2 # x\n"}, ("18.20.2", ".tool-versions")),
    ({"package.json": '{"volta": {"node": "16.1.0"}}'}, ("16.1.0", "volta of package.json")),
    *(
        ({"package.json": json.dumps({"engines": {"node": asked}})},
         expected and (expected, "engines of package.json"))
        for asked, expected in [
            ("20", "20"), ("20.x", "20"), ("^20.9.0", "20"), ("~20.11.1", "20.11"), ("18.x", "18"),
            ("^18.2.0", "18"), (">=22", "22"), (">=22.12.0", "22.12.0"), (">=18", None),
            ("*", None),
            (">=18 <21", None), ("18 || 20", None), ("16.x || 18.x", "18"), ("14 - 16", "14"),
            (">=18.17.0 <19", "18.17.0"), ("nonsense", None), ("", None), (">= 22", "22"),
        ]
    ),
    ({"package.json": json.dumps({"devEngines": {"runtime": {"name": "node", "version": "22"}}})},
     ("22", "devEngines of package.json")),
    ({"package.json": json.dumps({"engines": ["20"], "volta": 7})}, None),
]  # fmt: skip
PYTHON = [
    ({".python-version": "3.12.4\n"}, ("3.12", ".python-version")),
    ({"runtime.txt": "python-3.10.13"}, ("3.10", "runtime.txt")),
    ({".tool-versions": "python 3.13.0"}, ("3.13", ".tool-versions")),
    ({"Pipfile": '[requires]\npython_version = "3.9"\n'}, ("3.9", "Pipfile")),
    *(
        ({"pyproject.toml": f'[project]\nname = "x"\nrequires-python = "{asked}"\n'},
         expected and (expected, "requires-python of pyproject.toml"))
        for asked, expected in [
            (">=3.11", None), (">=3.12", "3.12"), ("==3.12.*", "3.12"), (">=3.9,<4", None),
            ("~=3.12", "3.12"), ("~=3.11", None), (">=3.8,<3.11", "3.8"), ("~=3.10.2", "3.10"),
        ]
    ),
    ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.12"\n'},
     ("3.12", "python of pyproject.toml")),
    ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.9"\n'}, None),
    ({"pyproject.toml": "[[["}, None),
    ({"Pipfile": "requires = 1"}, None),
]  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), NODE)
def test_node(files, expected):
    assert node_version(Repo(found(files), ".")) == expected


@pytest.mark.parametrize(("files", "expected"), PYTHON)
def test_python(files, expected):
    assert python_version(Repo(found(files), ".")) == expected


def test_a_file_at_the_top_counts_for_a_site_below_it():
    repo = Repo(found({".nvmrc": "18", "web/package.json": package("vite")}), "web")
    assert node_version(repo) == ("18", ".nvmrc")
    below = Repo(found({".nvmrc": "18", "web/.nvmrc": "22"}), "web")
    assert node_version(below) == ("22", ".nvmrc")


def test_people_win_over_files():
    files = {"package.json": package("vite"), ".nvmrc": "18"}
    assert plan(files).node == "18"
    assert "Node.js 18 is asked for (.nvmrc)" in plan(files).why
    assert plan(files, node_version="22").node == "22"
    asked = {**files, "clouddeck.toml": '[build]\nnode = "v24.x"\npython = "3.13"'}
    assert (plan(asked, node_version="22").node, plan(asked).python) == ("24", "3.13")


@pytest.mark.parametrize("bad", ["", "x", "20; rm -rf /", "20.1.1.1", "^20", "../20", "1" * 9])
def test_a_version_that_is_none_is_refused(bad):
    with pytest.raises(PlanError) as raised:
        check_version(bad, "node")
    assert raised.value.code == "config_invalid"


@given(st.text(max_size=200) | st.text("0123456789.^~<>=|* -x,v", max_size=300))
def test_whatever_stands_there_a_version_is_digits_and_dots(text):
    began = time.process_time()
    files = {".nvmrc": text, "package.json": json.dumps({"engines": {"node": text}})}
    asked = node_version(Repo(found(files), "."))
    assert asked is None or check_version(asked[0], "node") == asked[0]
    asked = python_version(Repo(found({".python-version": text}), "."))
    assert asked is None or check_version(asked[0], "python") == asked[0]
    assert time.process_time() - began < 1
