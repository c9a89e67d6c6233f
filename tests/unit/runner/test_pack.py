import os
import subprocess
import sys
import zipfile

import runner


def test_same_sources_same_bytes(tmp_path):
    out = []
    for seed in ("1", "2"):
        to = tmp_path / f"{seed}.pyz"
        env = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-m", "runner.pack", str(to)], env=env, check=True)
        out.append(to.read_bytes())
    assert out[0] == out[1]


def test_contents(pyz):
    names = zipfile.ZipFile(pyz).namelist()
    assert "__main__.py" in names
    assert "runner/pack.py" not in names
    assert all(name.endswith((".py", ".pyc")) for name in names)


def test_only_the_standard_library_is_imported(pyz):
    code = (
        f"import sys; sys.path.insert(0, {str(pyz)!r}); import runner.__main__ as m;"
        "print('\\n'.join(sys.modules)); print(m.__file__)"
    )
    shown = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert shown[-1].startswith(str(pyz))
    roots = {name.partition(".")[0] for name in shown[:-1]} - {"runner", "__main__"}
    known = {name for name in roots if name in sys.stdlib_module_names}
    assert {n for n in roots - known if not n.startswith(("_", "sitecustomize"))} == set()
    assert {"ssl", "http", "email", "logging", "dataclasses", "tarfile"} & roots == set()


def test_version():
    assert runner.__version__
