"""Whose secrets a pull request gets: eight states of trust, every scope of variables."""

import copy
import functools
import hashlib
import json
import secrets
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.git_hosts import github, host, webhooks
from tests.fakes.git_hosts.repository import Repository
from tests.prove import checks
from tests.prove.cloud import Cloud, wait
from tests.prove.outcome import Outcome

GOAL = (
    "no variable of the project in the environment of a build that strangers wrote, in any of "
    "eight states and ten scopes, unless exactly its commit was approved; production never moved"
)
SLUG = "trust"
BUILT_SECONDS = 120
AT_ONCE = 4
STRANGE = "mona/hello-world"
CONFIG = "[build]\ncommand = 'python3 look.py'\noutput = 'out'\n"


@dataclass(frozen=True)
class Scope:
    """A variable, where it is good, and which builds shall find it."""

    name: str
    environment: str
    secret: bool = True
    branch: str | None = None
    when: str = "both"
    preview: bool = False
    on_changes: bool = False
    production: bool = False


SCOPES = (
    Scope("ALL_SECRET", "all", preview=True, on_changes=True, production=True),
    Scope("ALL_PLAIN", "all", secret=False, preview=True, on_changes=True, production=True),
    Scope("ALL_BUILD", "all", when="build", preview=True, on_changes=True, production=True),
    Scope("ALL_RUN", "all", when="run"),
    Scope("PRODUCTION_SECRET", "production", production=True),
    Scope("PRODUCTION_PLAIN", "production", secret=False, production=True),
    Scope("PREVIEW_SECRET", "preview", preview=True, on_changes=True),
    Scope("PREVIEW_PLAIN", "preview", secret=False, preview=True, on_changes=True),
    Scope("BRANCH_SECRET", "preview", branch="changes", on_changes=True),
    Scope("STAGING_SECRET", "staging"),
)
NOTHING: frozenset[str] = frozenset()
PREVIEW = frozenset(s.name for s in SCOPES if s.preview)
CHANGES = frozenset(s.name for s in SCOPES if s.on_changes)
PRODUCTION = frozenset(s.name for s in SCOPES if s.production)


@dataclass
class State:
    """A pull request in one of the eight states: who, from where, and what its build may have."""

    name: str
    number: int
    login: str
    fork: bool
    ref: str = "changes"
    kind: str = "User"
    may: frozenset[str] = NOTHING
    commits: list[str] = field(default_factory=list)


def run(outcome: Outcome) -> None:
    """Start a cloud and a host of repositories, and go through all states."""
    with Cloud() as cloud:
        root = cloud.folder / "host"
        root.mkdir()
        repository = Repository(root, github.NAME)
        with host.served(github.FakeGitHub(root, repository)) as served:
            Trial(cloud, outcome, served, repository).run()


class Trial:
    """One run."""

    def __init__(self, cloud: Cloud, outcome: Outcome, served: Any, repository: Repository) -> None:
        self.cloud, self.outcome, self.host, self.repository = cloud, outcome, served, repository
        self.values = {scope.name: f"canary{secrets.token_hex(12)}" for scope in SCOPES}
        self.payloads = webhooks.payloads("github")
        self.seen = 0
        self.webhook: dict[str, Any] = {}
        self._lock = threading.Lock()

    def run(self) -> None:
        """The connected project, a push to compare with, then the states."""
        self._open()
        live = self._push()
        trials = [functools.partial(self._plain, state) for state in _plain_states()]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            others = (self._approved, self._retargeted, self._reopened)
            for done in [pool.submit(trial) for trial in (*others, *trials)]:
                done.result()
        pointer = self.cloud.must("GET", f"/v1/projects/{SLUG}/pointer")["deployment"]
        self.outcome.expect(pointer == live, f"production moved from {live} to {pointer}")
        targets = {r["target"] for r in self.cloud.deployments(SLUG) if r["pull"]}
        self.outcome.expect(targets <= {"preview"}, f"pull requests aim at {targets}")
        left = checks.nothing_left_of_builds(self.cloud, self.outcome)
        self.outcome.figures |= {"builds_seen": self.seen, "scopes": len(SCOPES), "left": left}

    def _open(self) -> None:
        cloud = self.cloud
        cloud.project(SLUG)
        cloud.must("POST", f"/v1/projects/{SLUG}/environments", {"name": "staging"})
        for scope in SCOPES:
            body = {
                "value": self.values[scope.name],
                "environment": scope.environment,
                "secret": scope.secret,
                "when": scope.when,
            }
            if scope.branch:
                body["branch"] = scope.branch
            cloud.must("PUT", f"/v1/projects/{SLUG}/env/{scope.name}", body)
        self._commit("main")
        link = {
            "provider": "github",
            "url": f"{self.host.url}/{github.NAME}",
            "token": github.PERSON,
        }
        connected = cloud.must("POST", f"/v1/projects/{SLUG}/repository", link)
        if not connected["webhook"]["automatic"]:
            raise RuntimeError(f"the webhook was not set up: {connected}")
        self.webhook = next(
            hook for hook in self.host.hooks.values() if "/v1/hooks/" in hook["config"]["url"]
        )["config"]

    def _commit(self, ref: str) -> str:
        look = (
            "import hashlib, os\nos.makedirs('out', exist_ok=True)\n"
            "open('out/index.html', 'w').write('x')\n"
            f"for name in {[s.name for s in SCOPES]}:\n"
            "    value = os.environ.get(name)\n"
            "    if value is not None:\n"
            "        print('HAS', name, hashlib.sha256(value.encode()).hexdigest()[:16])\n"
            "for value in os.environ.values():\n"
            "    print('VALUE', hashlib.sha256(value.encode()).hexdigest()[:16])\n"
            "print('LOOKED')\n"
        )
        unique = {"unique.txt": secrets.token_hex(8)}  # or nothing would have to be built
        with self._lock:
            self.repository.commit({"clouddeck.toml": CONFIG, "look.py": look, **unique})
            return self.repository.push(ref)

    def _tell(self, delivery: dict[str, Any]) -> None:
        """Send a webhook as the host would."""
        delivery["headers"] |= {"X-GitHub-Delivery": secrets.token_hex(16)}
        headers, body = webhooks.signed(delivery, webhooks.github, self.webhook["secret"])
        request = urllib.request.Request(self.webhook["url"], body, headers, method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            json.load(answer)

    def _push(self) -> str:
        """A push to the production branch, so that it is known that variables arrive at all."""
        delivery = copy.deepcopy(self.payloads["push"])
        commit = self._commit("main")
        delivery["body"] |= {"ref": "refs/heads/main", "after": commit, "forced": False}
        self._tell(delivery)
        row = self._built(commit)
        self._check("push to main", row, PRODUCTION)
        return str(row["id"])

    def _pull(self, state: State, event: str, commit: str, base: str = "main") -> None:
        """Tell of a pull request, and let the host say the same when asked."""
        delivery = copy.deepcopy(self.payloads[event])
        body = delivery["body"]
        pull = body["pull_request"]
        ours = copy.deepcopy(body["repository"])
        theirs = {**ours, "id": 999, "full_name": STRANGE, "fork": True}
        user = {"login": state.login, "id": 4000 + state.number, "type": state.kind}
        pull |= {"number": state.number, "user": user, "id": 7000 + state.number}
        pull["head"] |= {
            "ref": state.ref,
            "sha": commit,
            "repo": theirs if state.fork else ours,
        }
        pull["base"] |= {"ref": base, "repo": ours}
        body |= {"number": state.number, "sender": user}
        self.host.pulls[state.number] = {
            **pull,
            "state": "closed" if event == "pull_closed" else "open",
        }
        state.commits.append(commit)
        self._tell(delivery)

    def _count(self, commit: str) -> int:
        return sum(row["commit"] == commit for row in self.cloud.deployments(SLUG))

    def _built(self, commit: str) -> dict[str, Any]:
        """The newest deployment of a commit, once it is over."""

        def rows() -> list[dict[str, Any]]:
            return [r for r in self.cloud.deployments(SLUG) if r["commit"] == commit]

        if wait(rows, BUILT_SECONDS, 0.3) is None:
            raise RuntimeError(f"no deployment of {commit}")
        row = self.cloud.settled(rows()[0]["id"], BUILT_SECONDS)
        if row["state"] != "ready":
            raise RuntimeError(f"{row['id']} is {row['state']}: {row['error']}")
        return row

    def _check(self, what: str, row: dict[str, Any], may: frozenset[str]) -> None:
        """Its build found exactly what it may have, under whatever name."""
        lines = list(self.cloud.log_lines(row["id"]))
        looked = "LOOKED" in lines
        self.outcome.expect(looked or row["restored"], f"{what}: the build did not look")
        self.seen += looked
        has = {line.split()[1] for line in lines if line.startswith("HAS ")}
        self.outcome.expect(has == may, f"{what}: found {sorted(has)}, may have {sorted(may)}")
        digests = {self._digest(v): name for name, v in self.values.items()}
        values = {digests.get(line.split()[1]) for line in lines if line.startswith("VALUE ")}
        stray = values - {None} - may
        self.outcome.expect(not stray, f"{what}: values of {stray} under other names")

    @staticmethod
    def _digest(value: str) -> str:
        return hashlib.sha256(value.encode()).hexdigest()[:16]

    def _plain(self, state: State) -> None:
        """A fork, our own branch, an outsider, a program, a fork's branch called main."""
        place = f"pull-{state.number}" if state.fork else state.ref
        self._pull(state, "pull_opened", self._commit(place))
        row = self._built(state.commits[-1])
        self._check(state.name, row, state.may)
        trust = "trusted" if state.may else "untrusted"
        self.outcome.expect(row["trust"] == trust, f"{state.name}: trust is {row['trust']}")

    def _approved(self) -> None:
        """Approval counts for one commit: a forced push after it does not inherit it."""
        state = State("forced after approval", 16, "mona", fork=True)
        self._pull(state, "pull_opened", self._commit("pull-16"))
        self._check("before approval", self._built(state.commits[-1]), NOTHING)
        path = f"/v1/projects/{SLUG}/pulls/16/approve"
        short = self.cloud.api("POST", path, {"commit": state.commits[-1][:12]})
        self.outcome.expect(not short.ok, "an abbreviated commit was approved")
        self.cloud.must("POST", path, {"commit": state.commits[-1]})
        wait(lambda: self._count(state.commits[-1]) > 1, BUILT_SECONDS, 0.3)
        row = self._built(state.commits[-1])
        self.outcome.expect(row["trust"] == "approved", f"approved: trust is {row['trust']}")
        # a fork may call its branch as it likes: what belongs to ours of that name stays here
        self._check("approved commit", row, PREVIEW)
        self._pull(state, "pull_updated", self._commit("pull-16"))
        row = self._built(state.commits[-1])
        self._check(state.name, row, NOTHING)
        self.outcome.expect(row["trust"] == "untrusted", f"{state.name}: {row['trust']}")
        old = self.cloud.api("POST", path, {"commit": state.commits[0]})
        self.outcome.expect(old.status == 409, f"approving an old commit answers {old.status}")

    def _retargeted(self) -> None:
        """Another base makes nobody trusted, and no build one for production."""
        state = State("retargeted", 17, "mona", fork=True)
        commit = self._commit("pull-17")
        self._pull(state, "pull_opened", commit, base="release")
        self._check("before retargeting", self._built(commit), NOTHING)
        self._pull(state, "pull_retargeted", commit, base="main")
        time.sleep(2)
        self._check(state.name, self._built(commit), NOTHING)

    def _reopened(self) -> None:
        """Closing and opening again brings nothing with it."""
        state = State("reopened", 18, "mona", fork=True)
        commit = self._commit("pull-18")
        self._pull(state, "pull_opened", commit)
        self._check("before closing", self._built(commit), NOTHING)
        self._pull(state, "pull_closed", commit)
        before = self._count(commit)
        self._pull(state, "pull_reopened", commit)
        wait(lambda: self._count(commit) > before, 20, 0.3)
        self._check(state.name, self._built(commit), NOTHING)


def _plain_states() -> Iterator[State]:
    yield State("fork", 11, "mona", fork=True, ref="patch")
    yield State("same repository", 12, "octocat", fork=False, may=CHANGES)
    yield State("outsider", 13, "mallory", fork=False, ref="outside")
    yield State("program", 14, "dependabot[bot]", fork=False, ref="bump", kind="Bot")
    yield State("fork's branch main", 15, "mona", fork=True, ref="main")
