"""Repositories that want to do harm: each has to end as it deserves, and to harm nobody else.

The corpus are the 57 of `malicious_table`; `malicious_more` adds honest mistakes and a spy. Beside
them a neighbour builds the same site again and again: what its builds take alone and in this
company is the slowdown.
"""

import secrets
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.prove import checks
from tests.prove.cloud import Cloud, wait
from tests.prove.malicious_case import Case
from tests.prove.malicious_more import more
from tests.prove.malicious_table import corpus
from tests.prove.neighbour import Neighbour
from tests.prove.outcome import Outcome
from tests.prove.visitor import Visitor

GOAL = (
    "57 of 57 contained and named with the right reason, in time; no canary in any log or file; "
    "the neighbour's builds slowed by less than 20 % (full), its site not at all; nothing left"
)
LIMITS = {
    "CLOUDDECK_BUILD_MEMORY_MB": "384",
    "CLOUDDECK_BUILD_DISK_MB": "256",
    "CLOUDDECK_BUILD_PIDS": "128",
    "CLOUDDECK_SLOTS": "4",
}
CORES = {"smoke": "1", "full": "0.5"}
"""Four slots of half a core are two cores: no build can take what another was promised."""
BUILD_SECONDS = {"smoke": "45", "full": "480"}
"""What never ends is stopped then; in the large tier 20,000 uploads have to fit in."""
AT_ONCE = {"smoke": 6, "full": 3}
"""The large tier leaves a slot to the neighbour, who shall wait for nobody."""
SLOWDOWN = 1.2
OVER_SECONDS = 420
GOOD_FILES = 2000
SENTENCE = 15


def run(outcome: Outcome) -> None:
    """Plant the canaries, push everything at once, look at every end."""
    canaries = {name: f"canary{secrets.token_hex(12)}" for name in ("environment", "keys", "home")}
    cloud = Cloud(
        {
            **LIMITS,
            "CLOUDDECK_BUILD_CPUS": CORES[outcome.tier],
            "CLOUDDECK_BUILD_SECONDS": BUILD_SECONDS[outcome.tier],
            "CLOUDDECK_PROVE_CANARY": canaries["environment"],
        }
    )
    home = plant_home(cloud.folder / "person", canaries["home"])
    cloud.environment["HOME"] = str(home)
    with cloud:
        (cloud.home / "keys" / "canary.txt").write_text(canaries["keys"])
        Flood(cloud, outcome, canaries).run()


def plant_home(folder: Path, canary: str) -> Path:
    """A person's home with credentials in the usual places."""
    for name in (".aws/credentials", ".ssh/id_ed25519", ".npmrc", ".netrc"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"secret = {canary}\n")
    return folder


class Flood:
    """One run."""

    def __init__(self, cloud: Cloud, outcome: Outcome, canaries: dict[str, str]) -> None:
        self.cloud, self.outcome, self.canaries = cloud, outcome, canaries
        self.codes: Counter[str] = Counter()
        self.contained = self.others = 0
        self.refused: list[str] = []

    def run(self) -> None:
        """A bystander, the whole table, and a good repository among them."""
        port = self.cloud.port
        known = corpus(port)
        self.outcome.expect(len(known) == 57, f"the corpus has {len(known)} repositories")
        wanted = [c for c in (*known, *more(port)) if not c.full_only or self._full]
        visitor = self._bystander()
        neighbour = Neighbour(self.cloud, often=self._full)
        neighbour.alone()
        try:
            with ThreadPoolExecutor(AT_ONCE[self.outcome.tier]) as pool, neighbour.in_company():
                ends = [pool.submit(self._try, case) for case in wanted]
                good = pool.submit(self._good)
                try:
                    passed = [end.result() for end in ends]
                    self.contained = sum(passed[: len(known)])
                    self.others = sum(passed[len(known) :])
                    good.result()
                except BaseException:
                    self.cloud.abandoned.set()
                    raise
        finally:
            visitor.stop()
        self._check(visitor, len(wanted) - len(known))
        self.outcome.figures |= neighbour.figures()
        self.outcome.expect(
            not self._full or neighbour.slowdown < SLOWDOWN,
            f"the neighbour's build took {neighbour.slowdown:.2f} times as long",
        )

    @property
    def _full(self) -> bool:
        return self.outcome.tier == "full"

    def _bystander(self) -> Visitor:
        body = "<h1>I was here before</h1>"
        self.cloud.project("bystander")
        repository = self.cloud.repository("bystander")
        repository.push(repository.commit({"index.html": body}))
        if wait(lambda: self.cloud.visit("bystander")[0] == 200, 60, 0.2) is None:
            raise RuntimeError("the bystander did not go live")
        return Visitor(self.cloud, "bystander", [body.encode()]).start()

    def _deploy(self, slug: str, files: Any) -> dict[str, Any]:
        """Push, and wait for the end of the deployment."""
        self.cloud.project(slug)
        repository = self.cloud.repository(slug)
        pushed = repository.push(repository.commit(files))
        if not pushed.ok:
            self.refused.append(slug)
            return {"id": "", "state": "refused", "error": {"code": "", "message": pushed.said}}
        wait(lambda: self.cloud.deployments(slug), 60, 0.2)
        found = self.cloud.deployments(slug)
        if not found:
            return {"id": "", "state": "absent", "error": {}}
        return self.cloud.settled(found[0]["id"], OVER_SECONDS)

    def _try(self, case: Case) -> bool:
        """One case; whether it ended as the table says."""
        row = self._deploy(f"bad-{case.name}", case.files)
        complaints = list(self._judge(case, row))
        for complaint in complaints:
            self.outcome.expect(False, f"{case.name}: {complaint}")
        return not complaints

    def _judge(self, case: Case, row: dict[str, Any]) -> Iterator[str]:
        error = row["error"] or {}
        code = error.get("code", "")
        self.codes[code or row["state"]] += 1
        if row["state"] != case.state:
            yield f"is {row['state']} ({code}: {error.get('message', '')[:300]}), not {case.state}"
        elif case.state == "refused" and case.says not in error.get("message", ""):
            yield f"git does not speak of {case.says!r}: {error.get('message', '')[:300]}"
        elif case.state == "failed":
            message, hint = error.get("message", ""), error.get("hint", "")
            if code not in case.codes:
                yield f"failed with {code} ({message[:200]}), not {' or '.join(case.codes)}"
            if case.says not in message + hint:
                yield f"does not speak of {case.says!r}: {message[:300]}"
            if len(message) < SENTENCE or "Traceback" in message:
                yield f"says only {message!r}"
            if len(hint) < SENTENCE:
                yield f"{code} has no hint, only {hint!r} (message: {message[:200]})"
        if row["id"]:
            yield from self._leaks(row)
            said = "\n".join(self.cloud.log_lines(row["id"])) if case.log else ""
            yield from (f"its log does not say {word!r}" for word in case.log if word not in said)

    def _leaks(self, row: dict[str, Any]) -> Iterator[str]:
        for text in self.cloud.log_lines(row["id"]):
            if text.startswith("LEAK"):
                yield text[:300]
            for name, canary in self.canaries.items():
                if canary in text:
                    yield f"the canary of {name} is in the log: {text[:100]}"

    def _good(self) -> None:
        files = {f"pages/{n // 100}/{n}.html": f"<h1>{n}</h1>" for n in range(GOOD_FILES - 1)}
        row = self._deploy("good", {"index.html": "<h1>good</h1>", **files})
        self.outcome.expect(
            row["state"] == "ready" and row["files"] == GOOD_FILES,
            f"the good repository is {row['state']}: {row['error']}",
        )

    def _check(self, visitor: Visitor, others: int) -> None:
        cloud, outcome = self.cloud, self.outcome
        slugs = [project["slug"] for project in cloud.pages("/v1/projects")]
        checks.everything_over(cloud, outcome, slugs, 5)
        once = [slug for slug in slugs if slug not in {"neighbour", *self.refused}]
        twice = [slug for slug in once if len(cloud.deployments(slug)) != 1]
        outcome.expect(not twice, f"not exactly one deployment: {twice}")
        outcome.expect(not visitor.wrong, f"the bystander answered wrongly: {visitor.wrong[:2]}")
        outcome.expect(not visitor.failures, f"the bystander failed: {dict(visitor.count)}")
        checks.pointer_sound(cloud, outcome, "bystander")
        found = self._canaries_found()
        outcome.expect(not found, f"canaries found: {found[:5]}")
        restarts = {n: r["restarts"] for n, r in cloud.status()["processes"].items()}
        outcome.expect(not any(restarts.values()), f"programs died: {restarts}")
        left = checks.nothing_left_of_builds(cloud, outcome) + checks.nothing_left(cloud, outcome)
        outcome.figures |= {
            "contained": f"{self.contained}/57",
            "others": f"{self.others}/{others}",
            **dict(sorted(self.codes.items())),
            "canaries_found": len(found),
            "bystander_visits": visitor.count["asked"],
            "bystander_failed": visitor.failures,
            "bystander_gap_p100_s": round(visitor.longest_gap, 2),
            "left_behind": left,
        }

    def _canaries_found(self) -> list[str]:
        """Files of ours, keys aside, in which a canary turned up: published, logged or stored."""
        found = []
        for part in ("s3", "logs", "edge", "git", "db"):
            for path in (self.cloud.home / part).rglob("*"):
                if not path.is_file():
                    continue
                body = path.read_bytes()
                found += [
                    f"{name} in {path.relative_to(self.cloud.home)}"
                    for name, canary in self.canaries.items()
                    if canary.encode() in body
                ]
        return found
