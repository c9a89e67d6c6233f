"""Files of other platforms that are broken, or bombs: an answer in no time, and no surprise."""

import json
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.builds.rules.documents import Document, read_yaml
from chalicelib.builds.rules.foreign import netlify
from chalicelib.builds.rules.foreign.reading import Reading
from chalicelib.builds.rules.model import PlanError
from chalicelib.builds.rules.plan import Where
from tests.unit.builds.foreign_files import AMPLIFY, BUILDSPEC, NETLIFY, RENDER, planned

BOMBS = {
    "laughs": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(8)
    ),
    "deep": "a: " + "[" * 30_000,
    "deep maps": "\n".join(" " * n + "a:" for n in range(300)),
    "tag": "a: !!python/object/apply:os.system [x]",
    "many": "a: [" + "x," * 31_000 + "]",
    "large": "x" * 70_000,
    "itself": "a: &a [*a]",
    "two": "a: 1\n---\nb: 2",
    "few aliases, much behind them": "a: &a ["
    + "x," * 1000
    + "]\n"
    + "".join(f"k{n}: *a\n" for n in range(20)),
}


@pytest.mark.parametrize("name", ["render.yaml", "amplify.yml", "buildspec.yml"])
@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_refused_in_no_time(name, bomb):
    read_yaml("warm.yml", "a: 1")
    began = time.process_time()
    with pytest.raises(PlanError) as raised:
        planned(name, bomb)
    assert time.process_time() - began < 1
    assert raised.value.code == "config_too_complex"
    assert raised.value.message.startswith(name)


BROKEN = [
    ("render.yaml", "a: b: c", "render.yaml:1:5: Mapping values are not allowed"),
    ("amplify.yml", "a:\n\t- x", "amplify.yml:2:1: Found character that cannot start any token"),
    ("buildspec.yml", "- a", "buildspec.yml:1:1: The top must be keys and values"),
    ("netlify.toml", "[build\n", "netlify.toml:1:7: Expected ']'"),
    ("vercel.json", '{"a": 1,}', "vercel.json:1:9: "),
    ("vercel.json", "[]", "vercel.json:1:1: The top must be an object"),
]


@pytest.mark.parametrize(("name", "text", "message"), BROKEN)
def test_a_mistake_is_pointed_at(name, text, message):
    with pytest.raises(PlanError) as raised:
        planned(name, text)
    assert raised.value.code == "config_invalid"
    assert raised.value.message.startswith(message)
    assert raised.value.message.split("\n")[2].strip() == "^"
    assert raised.value.hint


def test_aliases_and_merged_keys_in_moderation_are_read():
    got = read_yaml("x", "a: &a {k: 1, l: yes}\nb:\n  <<: *a\n  k: '2'\nc: *a\n").value
    assert got["b"] == {"k": "2", "l": True}
    assert got["c"] == {"k": "1", "l": True}


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from([NETLIFY, RENDER, AMPLIFY, BUILDSPEC]),
    st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from(["", "- x", "  a: 1", "b", "x: [1]", "null"]))
    ),
    st.sampled_from(["netlify.toml", "render.yaml", "amplify.yml", "buildspec.yml", "vercel.json"]),
)
def test_whatever_stands_there_the_answer_is_a_plan_or_a_planerror(text, changes, name):
    lines = text.split("\n")
    for at, line_ in changes:
        lines[at % len(lines)] = line_
    try:
        got = planned(name, "\n".join(lines))
    except PlanError:
        return
    json.dumps(got.to_json())
    assert all(said.file and said.why for said in got.report)
    assert all(step.run for step in got.steps)


KEYS = re.findall(
    r"\S+",
    """
    build context environment redirects plugins publish command base framework rewrites env
    services runtime static type rootDir envVars routes buildFilter paths key value frontend
    applications appRoot phases preBuild commands artifacts baseDirectory files version install
    finally on-failure runtime-versions nodejs reports base-directory variables test production
    """,
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text("ab /.$\n", max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner | st.just("static") | st.just("web"),
            max_size=5,
        )
    ),
    max_leaves=30,
)


@settings(deadline=None, max_examples=400)
@given(
    st.dictionaries(
        st.sampled_from(KEYS),
        VALUES,
        max_size=5,
    ),
    st.sampled_from(["vercel.json", "render.yaml", "amplify.yml", "buildspec.yml"]),
)
def test_whatever_kind_of_value_stands_there_is_no_surprise(document, name):
    try:
        got = planned(name, json.dumps(document))  # JSON is YAML
    except PlanError:
        return
    json.dumps(got.to_json())


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.sampled_from(["build", "context", "redirects", "plugins"]), VALUES))
def test_nor_in_netlify_toml(document):
    reading = Reading(Document("netlify.toml", "", document))
    netlify.read(reading, Where("production", "build"))
    reading.wishes()
