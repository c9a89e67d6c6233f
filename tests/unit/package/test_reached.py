"""The API's package has what the API can import, however it does, and nothing else of ours."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from cdk.package.reached import reached
from cdk.package.sources import CHECKOUT

TREE = {
    "app.py": "from room.direct import thing\nfrom room import package\nKIND = 'room.named'\n",
    "room/__init__.py": "",
    "room/direct.py": "def thing():\n    import room.inside\n    return room.inside\n",
    "room/inside.py": "",
    "room/package/__init__.py": "from room.package import part\n",
    "room/package/part.py": "",
    "room/named.py": "",
    "room/unused/__init__.py": "import room.lonely\n",
    "room/lonely.py": "import room.unused\n",
    "other/elsewhere.py": "",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in TREE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_imports_of_every_kind_are_followed(tree: Path) -> None:
    found = {path.relative_to(tree).as_posix() for path in reached(tree, "app", "room")}
    left = {"room/unused/__init__.py", "room/lonely.py", "other/elsewhere.py"}
    assert found == set(TREE) - left


def test_no_module_of_ours_is_imported_in_a_way_that_is_not_followed() -> None:
    computed, relative = set(), set()
    for path in (CHECKOUT / "chalicelib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            named = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if named in {"import_module", "importlib.import_module", "__import__"}:
                computed.add(path.relative_to(CHECKOUT).as_posix())
            if isinstance(node, ast.ImportFrom) and node.level:
                relative.add(path)
    assert computed == {"chalicelib/wiring.py"}, "there the names stand as texts"
    assert relative == set()


def test_the_api_has_what_it_asks_for_late() -> None:
    found = {p.relative_to(CHECKOUT).as_posix() for p in reached(CHECKOUT, "app", "chalicelib")}
    for late in ("clouds/aws/codecommit", "git/providers/wire/ssh", "accounts/actions/saml"):
        assert f"chalicelib/{late}.py" in found
    for elsewhere in ("deployments/actions/sweep", "clouds/aws/kvs", "edge/rules/encodings"):
        assert f"chalicelib/{elsewhere}.py" not in found
