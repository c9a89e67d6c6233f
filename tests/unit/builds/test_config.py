"""clouddeck.toml: what it accepts and the exact sentences it answers with."""

import re
import time
from pathlib import Path

import pytest

from chalicelib.builds.rules.config import SCHEMA, STEP, TYPES, read_config
from chalicelib.builds.rules.model import FoundFile, PlanError, Step
from tests.unit.builds.repos import plan

DOCUMENT = Path(__file__).parents[3] / "docs" / "config.md"


def refused(text: str | None) -> tuple[str, str, str]:
    with pytest.raises(PlanError) as raised:
        read_config(FoundFile("0", text))
    return raised.value.code, raised.value.message, raised.value.hint


SENTENCES = [
    (
        "[build]\ncommand = npm run build\n",
        "clouddeck.toml:2:11: Invalid value.\n2 | command = npm run build\n              ^",
        'Put text in double quotes, for example output = "dist".',
    ),
    (
        '[build]\ncommand "x"\n',
        (
            "clouddeck.toml:2:9: Expected '=' after a key in a key/value pair.\n"
            '2 | command "x"\n            ^'
        ),
        'Write key = value, for example command = "npm run build".',
    ),
    (
        '[build\noutput = "x"\n',
        (
            "clouddeck.toml:1:7: Expected ']' at the end of a table declaration.\n"
            "1 | [build\n          ^"
        ),
        "Close the section name with a bracket: [build].",
    ),
    (
        '[build]\noutput = "dist\n',
        "clouddeck.toml:2:15: Illegal character '\\n'.\n2 | output = \"dist\n                  ^",
        "Close the quotes on the same line.",
    ),
    (
        "[build]\n\noutput = 7\n",
        "clouddeck.toml:3:10: output must be text, not a number.\n3 | output = 7\n             ^",
        'Write output = "dist".',
    ),
    (
        '[site]\nspa = "yes"\n',
        'clouddeck.toml:2:7: spa must be true or false, not text.\n2 | spa = "yes"\n          ^',
        "Write spa = true.",
    ),
    (
        'site = "x"\n',
        'clouddeck.toml:1:8: site must be a table, not text.\n1 | site = "x"\n           ^',
        "Write [site].",
    ),
    (
        '[build]\noutput = "a"\noutput = "b"\n',
        'clouddeck.toml:3:13: Cannot overwrite a value.\n3 | output = "b"\n                ^',
        "Write every key once.",
    ),
    (
        '[[steps]]\nname = "x"\n',
        "clouddeck.toml:1:1: a step needs a command.\n1 | [[steps]]\n    ^",
        'Write run = "npm test".',
    ),
    (
        '[[steps]]\nrun = "x"\n[[steps]]\nname = "install"\nrun = "x"\n',
        (
            "clouddeck.toml:4:8: a step cannot be called 'install'.\n"
            '4 | name = "install"\n           ^'
        ),
        "Every step has a name of its own, of at most 60 characters, not install or build.",
    ),
    (
        '[[steps]]\nrun = "x"\nstage = "deploy"\n',
        'clouddeck.toml:3:9: there is no such stage.\n3 | stage = "deploy"\n            ^',
        'Write stage = "check" (or "install", or "build").',
    ),
    (
        '[[steps]]\nrun = "x"\njunit = [7]\n',
        (
            "clouddeck.toml:3:9: junit must be a list of texts, not a list.\n"
            "3 | junit = [7]\n            ^"
        ),
        'Write junit = ["reports/*.xml"].',
    ),
    (
        '[build]\nnode = "eighteen"\n',
        "clouddeck.toml: node must be a version, not 'eighteen'.",
        'Write a version such as "20" or "3.12".',
    ),
    (
        '[build.env]\nPATH = "/evil"\n',
        "clouddeck.toml: [build.env] cannot set 'PATH'.",
        "Names are letters, digits and _, not PATH or CLOUDDECK_...; values are text.",
    ),
]


@pytest.mark.parametrize(("text", "message", "hint"), SENTENCES)
def test_a_mistake_is_pointed_at(text, message, hint):
    assert refused(text) == ("config_invalid", message, hint)


def test_a_long_line_is_cut_around_the_place():
    code, message, _ = refused("[build]\n" + "x" * 300 + " y\n")
    assert code == "config_invalid"
    _, line, caret = message.split("\n")
    assert len(line) <= 110
    assert line[caret.index("^")] in "xy "


WARNINGS = [
    (
        '[build]\ncomand = "x"',
        'clouddeck.toml: nothing reads "comand" in [build]; did you mean command?',
    ),
    (
        '[build]\nOutput = "x"',
        'clouddeck.toml: nothing reads "Output" in [build]; did you mean output?',
    ),
    (
        "[build]\nspa = true",
        'clouddeck.toml: nothing reads "spa" in [build]; spa belongs into [site]',
    ),
    ('output = "x"', 'clouddeck.toml: nothing reads "output"; output belongs into [build]'),
    ("[sites]\nspa = true", 'clouddeck.toml: nothing reads "sites"; did you mean [site]?'),
    (
        '[[steps]]\nrun = "x"\njunits = "x"',
        'clouddeck.toml: nothing reads "junits" in [[steps]]; did you mean junit?',
    ),
    ("[zzz]", 'clouddeck.toml: nothing reads "zzz"'),
]


@pytest.mark.parametrize(("text", "warning"), WARNINGS)
def test_a_key_nobody_reads_is_a_warning_with_the_nearest_name(text, warning):
    assert read_config(FoundFile("0", text))[1] == [warning]


def test_every_key_is_read():
    text = "\n".join(
        line
        for section, keys in SCHEMA.items()
        for line in (f"[{section}]", *(f"{name} = {key.example}" for name, key in keys.items()))
    )
    text += "\n[[steps]]\n" + "\n".join(f"{name} = {key.example}" for name, key in STEP.items())
    wishes, warnings = read_config(FoundFile("0", text))
    assert warnings == []
    assert None not in vars(wishes).values()
    assert wishes.steps == [Step("test", "check", "npm test", True, True, ["reports/*.xml"], "web")]


HOSTILE = {
    "large": "x" * 270_000,
    "not text": None,
    "dots": "a" + ".a" * 30_000 + " = 1",
    "nested": "a = " + "[" * 60_000,
    "inline": "a = " + "{a=" * 20_000,
    "number": "a = " + "9" * 60_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_bomb_is_refused_at_once(text):
    started = time.thread_time()
    assert refused(text)[0] == "config_too_complex"
    assert time.thread_time() - started < 1


def test_many_dotted_keys_stay_quick():
    text = "\n".join(f"k{n}" + ".a" * 95 + " = 1" for n in range(1300))
    started = time.thread_time()
    read_config(FoundFile("0", text[: 256 * 1024].rpartition("\n")[0]))
    assert time.thread_time() - started < 5


OUTSIDE = ["..", "../x", "a/../../b", "/etc", "a\\b", "C:/x", "~/x", "a\nb", "x" * 2000, "a/\x00"]


@pytest.mark.parametrize("path", OUTSIDE)
@pytest.mark.parametrize("key", ["root", "output"])
def test_folders_stay_inside(path, key):
    setting = {"root": "root", "output": "output_directory"}[key]
    with pytest.raises(PlanError) as raised:
        plan({"index.html": ""}, **{setting: path})
    assert raised.value.code == "path_outside_root"
    assert raised.value.message.startswith(f"{key} must be a folder inside the repository, not ")
    assert raised.value.hint == f'Use a relative path without "..", such as {key} = "web".'


def test_the_file_cannot_leave_the_root_either():
    for key in ("root", "output"):
        with pytest.raises(PlanError) as raised:
            plan({"index.html": "", "clouddeck.toml": f'[build]\n{key} = "../../etc"'})
        assert raised.value.code == "path_outside_root"


def test_the_reference_lists_exactly_the_keys_that_exist():
    sections = re.split(r"^## ", DOCUMENT.read_text("utf-8"), flags=re.MULTILINE)
    documented = {}
    for text in sections:
        name = re.match(r"\[+(\w+)\]", text)
        if name:
            rows = re.findall(
                r"^\| `(\w+)` \| ([^|]+) \| [^|]+ \| `([^`|]+)` \|$", text, re.MULTILINE
            )
            documented[name[1]] = {key: (kind, example) for key, kind, example in rows}
    expected = {
        section: {n: (TYPES[k.type], f"{n} = {k.example}") for n, k in keys.items()}
        for section, keys in {**SCHEMA, "steps": STEP}.items()
    }
    assert documented == expected


def test_the_mistake_in_the_reference_is_the_real_one():
    message = refused("[build]\noutput = 7")[1]
    assert message in DOCUMENT.read_text("utf-8")
