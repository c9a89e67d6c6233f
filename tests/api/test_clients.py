"""The clients, made anew of the description, call the real API over HTTP."""

from __future__ import annotations

import importlib
import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.server import served
from tools import clients, openapi

ROOT = Path(__file__).parents[2]
TYPESCRIPT = ROOT / "clients" / "typescript"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The Python client, in a folder of its own."""
    folder = tmp_path_factory.mktemp("client")
    package = folder / "clouddeck_client"
    package.mkdir()
    for part in (ROOT / "clients" / "python" / "clouddeck_client").glob("*.py"):
        if part.name != "_routes.py":
            (package / part.name).write_text(part.read_text())
    (package / "_routes.py").write_text(clients.written(json.loads(openapi.document())))
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module("clouddeck_client")
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.startswith("clouddeck_client")]:
            del sys.modules[name]


def token_of(owner: Any) -> str:
    return str(owner.client.token)


def test_python_lists_makes_and_is_refused(python, owner):
    with served() as api:
        deck = python.CloudDeck(api, token_of(owner))
        for name in "abc":
            deck.projects.create({"name": name, "slug": f"{name}-{secrets.token_hex(3)}"})
        assert len(deck.projects.list(team=owner.team, limit=2)["items"]) == 2
        found = list(python.every(deck.projects.list, team=owner.team, limit=2))
        assert [project["name"] for project in found] == ["c", "b", "a"]
        slug = found[0]["slug"]
        assert deck.projects.get(slug)["id"] == found[0]["id"]
        with pytest.raises(python.Problem) as refused:
            deck.projects.get("a/../b?c")
        assert (refused.value.status, refused.value.code) == (404, "project_not_found")
        assert refused.value.hint
        with pytest.raises(python.Problem) as wrong:
            deck.projects.list(limit=1000)
        assert wrong.value.errors[0]["pointer"] == "/query/limit"
        assert deck.projects.delete(slug) is None
        with pytest.raises(python.Problem) as nobody:
            python.CloudDeck(api, "no.token").teams.list()
        assert nobody.value.status == 401


def test_python_sends_a_request_again_and_it_is_done_once(python, owner, monkeypatch):
    """Every first answer is lost on its way; each project is made once all the same."""
    module = importlib.import_module("clouddeck_client._client")
    real, seen, slept = module.urlopen, [], []

    def losing(request: Any, timeout: float) -> Any:
        answer = real(request, timeout=timeout)
        if not any(request is one for one in seen):
            seen.append(request)
            answer.read()
            raise ConnectionResetError
        return answer

    monkeypatch.setattr(module, "urlopen", losing)
    with served() as api:
        deck = python.CloudDeck(api, token_of(owner), sleep=slept.append)
        deck.projects.create({"name": "once"})
        assert [p["name"] for p in deck.projects.list()["items"]] == ["once"]
    assert slept == [0.5, 0.5]


def answering(status: int, **headers: str) -> HTTPServer:
    """A server that answers everything so; `asked` is what it was sent."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.asked.append(self.headers.get("Authorization"))
            self.send_response(status)
            for name, text in headers.items():
                self.send_header(name, text)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server: Any = HTTPServer(("127.0.0.1", 0), Answer)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def test_python_takes_its_token_nowhere_else(python):
    other = answering(200)
    api = answering(
        302, Location=f"http://127.0.0.1:{other.server_port}/", **{"Content-Length": "0"}
    )
    try:
        deck = python.CloudDeck(f"http://127.0.0.1:{api.server_port}", "secret")
        with pytest.raises(python.Problem) as refused:
            deck.teams.list()
        assert refused.value.status == 302
        assert (api.asked, other.asked) == (["Bearer secret"], [])
    finally:
        api.shutdown()
        other.shutdown()


def test_python_says_by_an_oserror_that_an_answer_broke_off(python):
    api = answering(200, **{"Content-Length": "1000", "Content-Type": "application/json"})
    try:
        deck = python.CloudDeck(f"http://127.0.0.1:{api.server_port}", "t", sleep=lambda _: None)
        with pytest.raises(OSError, match="IncompleteRead"):
            deck.teams.list()
        assert len(api.asked) == 4
    finally:
        api.shutdown()


def test_python_has_a_method_for_every_route(python):
    table = json.loads(openapi.document())["paths"]
    routes = [
        said
        for methods in table.values()
        for said in methods.values()
        if said["security"] != [{"build": []}]
    ]
    source = clients.written(json.loads(openapi.document()))
    assert source.count("self._ask(") == len(routes) > 200
    client = python.CloudDeck("http://localhost:1", "t")
    methods = [
        name
        for subject in vars(client).values()
        if type(subject).__module__.endswith("_routes")
        for name in vars(type(subject))
        if not name.startswith("_")
    ]
    assert len(methods) == len(routes), "two routes of one name"


def test_python_is_typed(tmp_path, python):
    folder = Path(python.__file__).parent
    program = tmp_path / "use.py"
    program.write_text(
        "from clouddeck_client import CloudDeck\n"
        "deck = CloudDeck()\n"
        "reveal_type(deck.projects.get('shop')['production_branch'])\n"
        "deck.projects.get('shop')['nothing']\n"
        "deck.projects.create({'name': 1})\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull, str(program)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(folder.parent)},
    )
    said = [line for line in done.stdout.splitlines() if "use.py" in line]
    assert len(said) == 3, done.stdout
    assert 'Revealed type is "str"' in said[0] or "builtins.str" in said[0]
    assert "nothing" in said[1]
    assert "name" in said[2]


PROGRAM = """
import { connect, every, Problem } from './dist/index.js';
const deck = connect();
for (const name of ['a', 'b', 'c']) {
    await deck.POST('/v1/projects', { body: { name, slug: name + process.env.MARK } });
}
const found = [];
const pages = cursor => deck.GET('/v1/projects', { params: { query: { cursor, limit: 2 } } });
for await (const project of every(pages)) {
    found.push(project.name);
}
let refused;
try {
    await deck.GET('/v1/projects/{project}', { params: { path: { project: 'a/../b?c' } } });
} catch (error) {
    refused = error instanceof Problem && [error.status, error.code, error.hint !== ''];
}
// the first answer to a change is lost on its way; sent again, it is done once
let lost = false;
const losing = connect({
    fetch: async request => {
        const answer = await fetch(request);
        if (!lost) {
            lost = true;
            throw new TypeError('lost');
        }
        return answer;
    },
});
const once = await losing.POST('/v1/projects', { body: { name: 'once' } });
const all = await deck.GET('/v1/projects');
console.log(JSON.stringify({ found, refused, once: once.data.name, all: all.data.items.length }));
"""


def test_typescript(owner):
    """Made with its own tools, compiled strictly, run by Node."""
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "openapi.json").write_text(openapi.document() + "\n")
    for script in ("generate", "build"):
        done = subprocess.run(
            ["npm", "run", "--silent", script],
            cwd=TYPESCRIPT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    with served() as api:
        ran = subprocess.run(
            ["node", "--input-type=module", "-e", PROGRAM],
            cwd=TYPESCRIPT,
            capture_output=True,
            text=True,
            check=False,
            env={
                **os.environ,
                "CLOUDDECK_API": api,
                "CLOUDDECK_TOKEN": token_of(owner),
                "MARK": secrets.token_hex(3),
            },
        )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {
        "found": ["c", "b", "a"],
        "refused": [404, "project_not_found", True],
        "once": "once",
        "all": 4,
    }
