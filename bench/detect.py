"""What we, @netlify/build-info and @vercel/frameworks make of small repositories.

What is right stands in tests/vectors/detect: written by hand from each framework's own pages, which
every case names. Up to four questions a case: which framework, which package manager, which
command builds it, and in which folder is the site of files then. All three are asked in this run.

So that form does not count: a script of package.json counts as what it runs, a tool as the same
however it is started, and each tool's own names of frameworks are translated.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import table
from chalicelib.builds.rules.detect import detect_view
from chalicelib.builds.rules.model import Found, FoundFile
from chalicelib.builds.rules.paths import inspect_paths

CASES = Path("tests/vectors/detect")
PEERS = Path("bench/peers")
QUESTIONS = ("framework", "manager", "build", "output")
Json = dict[str, Any]
NAMES = {
    "nextjs": "next",
    "nuxtjs": "nuxt",
    "sveltekit-1": "sveltekit",
    "svelte-kit": "sveltekit",
    "docusaurus-2": "docusaurus",
    "solidstart-1": "solid-start",
    "solid-js": "vite",
    "actix-web": "rust",
    "axum": "rust",
}
RUNS = re.compile(
    r"(?:npx --yes (?:--package=)?\S+ (?:yarn )?|npm |yarn |pnpm |bun )?(?:run )?([\w:.-]+)"
)
STARTS = re.compile(
    r"(?:npx --yes (?:--package=)?(?:pnpm|yarn|bun|@yarnpkg)\S* (?:yarn )?(?:exec|run) |npx "
    r"|pnpm exec |yarn run |bun run |bundle exec |\.venv/bin/python -m |\.venv/bin/)"
)


def cases() -> Iterator[tuple[str, Json]]:
    """Every case with the name of its group."""
    for file in sorted(CASES.glob("*.json")):
        for case in json.loads(file.read_text()):
            yield file.stem, case


def ours(folder: Path) -> Json:
    """What our rules say of a folder, from the files that they ask for."""
    files = {}
    for path in inspect_paths():
        if (folder / path).is_file():
            files[path] = FoundFile("0" * 64, (folder / path).read_text())
    view = detect_view(Found(sorted(entry.name for entry in folder.iterdir()), files))
    return {
        **{q: view.get(q) for q in ("framework", "build", "output")},
        "manager": view["package_manager"],
    }


def peers(folders: list[Path]) -> dict[str, list[Json]]:
    """What the peers say; raises CalledProcessError when they are not installed."""
    asked = json.dumps([str(folder) for folder in folders])
    done = subprocess.run(
        ["node", "detect.mjs"], cwd=PEERS, input=asked, capture_output=True, text=True, check=True
    )
    answers: dict[str, list[Json]] = json.loads(done.stdout)
    return answers


def judged(case: Json, answer: Json) -> dict[str, bool]:
    """Which of the questions that this case asks were answered well."""
    expected = case["expect"]
    scripts = json.loads(case["files"].get("package.json", "{}")).get("scripts", {})
    name = answer.get("framework") or "none"
    manager = {"npm-legacy": "npm", "yarn-berry": "yarn"}.get(
        answer.get("manager") or "", answer.get("manager")
    )
    command = plain(answer.get("build") or "", scripts)
    output = (answer.get("output") or ".").strip("./") if answer.get("output") != "." else ""
    right = {"framework": NAMES.get(name, name) in expected["framework"]}
    if expected["manager"]:
        right["manager"] = manager == expected["manager"]
    if expected["build"] is not None:
        right["build"] = command in (expected["build"] or [""])
    if expected["output"] is not None:
        right["output"] = output in [folder.strip("./") for folder in expected["output"]]
    return right


def plain(command: str, scripts: dict[str, str]) -> str:
    """The command without who starts it; a script of package.json as what it runs."""
    script = RUNS.fullmatch(command.strip())
    if script and script[1] in scripts:
        command = scripts[script[1]]
    return " && ".join(STARTS.sub("", part.strip(), count=1) for part in command.split("&&"))


def run() -> list[table.Row]:
    """The share of right answers, per question and in all, in percent."""
    every = list(cases())
    with tempfile.TemporaryDirectory() as home:
        folders = [_written(Path(home) / case["name"], case["files"]) for _, case in every]
        answers = {"ours": [ours(folder) for folder in folders], **peers(folders)}
    right = {
        who: [judged(case, answer) for (_, case), answer in zip(every, given, strict=True)]
        for who, given in answers.items()
    }
    _missed(every, right["ours"], answers["ours"])
    rows = []
    for who in ("netlify", "vercel"):
        name = {"netlify": "@netlify/build-info", "vercel": "@vercel/frameworks"}[who]
        groups = [("all", QUESTIONS, ""), ("javascript alone", QUESTIONS, "javascript")]
        for label, questions, group in [*groups, *((q, (q,), "") for q in QUESTIONS)]:
            kept = [n for n, (of, _) in enumerate(every) if group in ("", of)]
            shares = [_share([right[one][n] for n in kept], questions) for one in ("ours", who)]
            rows.append(table.higher(f"{label}, beside {name}", *shares, "%", 1.0))
    rows.append(table.fact("cases", len(every), ""))
    return rows


def _written(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def _share(judgements: list[dict[str, bool]], questions: tuple[str, ...]) -> float:
    asked = [one[question] for one in judgements for question in questions if question in one]
    return 100 * sum(asked) / len(asked)


def _missed(every: list[tuple[str, Json]], right: list[dict[str, bool]], given: list[Json]) -> None:
    for (_, case), judgement, answer in zip(every, right, given, strict=True):
        wrong = [question for question, well in judgement.items() if not well]
        for question in wrong:
            what = f"{case['name']}: {question} is {case['expect'][question]}"
            print(f"  missed: {what}, we say {answer[question]}")
