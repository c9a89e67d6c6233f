"""Small repositories written by hand, and what the frameworks' own pages say of them."""

import json
from pathlib import Path

import pytest

from bench.detect import QUESTIONS, cases, judged, ours, plain

EVERY = [pytest.param(case, id=case["name"]) for _, case in cases()]


@pytest.mark.parametrize("case", EVERY)
def test_a_repository_is_what_its_makers_say_it_is(case, tmp_path: Path):
    for path, text in case["files"].items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    answer = ours(tmp_path)
    wrong = {q: answer[q] for q, well in judged(case, answer).items() if not well}
    assert not wrong
    if case["expect"]["output"] is None:
        assert (answer["build"], answer["output"]) == (None, None), "this needs a server"


def test_the_cases_are_many_and_different():
    names = [case["name"] for _, case in cases()]
    assert len(names) == len(set(names)) >= 60
    assert len({json.dumps(case["files"], sort_keys=True) for _, case in cases()}) == len(names)
    assert all(case["docs"].startswith("https://") for _, case in cases())


def test_wrong_answers_are_told_from_right_ones():
    case = next(case for _, case in cases() if case["name"] == "vite-react-npm")
    right = {"framework": "vite", "manager": "npm", "build": "npm run build", "output": "./dist/"}
    assert judged(case, right) == dict.fromkeys(QUESTIONS, True)
    wrong = {"framework": "vue", "manager": "yarn", "build": "vite", "output": "build"}
    assert judged(case, wrong) == dict.fromkeys(QUESTIONS, False)
    assert judged(case, dict.fromkeys(QUESTIONS)) == dict.fromkeys(QUESTIONS, False)


@pytest.mark.parametrize(
    ("command", "meant"),
    [
        ("npm run build", "tsc && x"), ("yarn build", "tsc && x"), ("pnpm run build", "tsc && x"),
        ("npx --yes pnpm@9 run build", "tsc && x"), ("npx vite build", "vite build"),
        ("npx --yes --package=@yarnpkg/cli-dist@4 yarn run build", "tsc && x"),
        ("npx ng build && npx scully", "ng build && scully"),
        (".venv/bin/python -m mkdocs build", "mkdocs build"), ("hugo", "hugo"),
        ("bundle exec jekyll build", "jekyll build"), ("npm run other", "npm run other"),
    ],
)  # fmt: skip
def test_commands_are_compared_by_what_they_run(command, meant):
    assert plain(command, {"build": "tsc && x"}) == meant
